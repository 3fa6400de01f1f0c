"""What a back-test says to people: the page, the chart and the data, from made reports."""

from __future__ import annotations

import json
import math
import os
import re
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_plan import HOSTILE

from corridors import files, publish
from corridors.errors import InputError, WardError
from corridors.model import BacktestReport, BacktestScore, LearnedWeight
from corridors.publish import backtest, backtest_words
from corridors.publish.working_map import CAUTION

SHARES = (0.01, 0.02, 0.05, 0.10)
WARD = "E05999001"
FOLDER = f"maps/working/backtest/{WARD}"
NAMES = ("backtest_OS.html", "backtest_OS.svg", "backtest.json")
SVG = "{http://www.w3.org/2000/svg}"
# key, title, hit rates at 1, 2, 5 and 10 % of street length, gain
WAYS = (
    ("mixture", "Learned mixture", (0.31, 0.42, 0.553, 0.67), 1.36),
    ("counts", "Counts per metre of street", (0.32, 0.43, 0.556, 0.66), -1.16),
    ("esc_25", "Spread along streets, 25 m", (0.31, 0.42, 0.55, 0.66), -1.05),
    ("esc_50", "Spread along streets, 50 m", (0.30, 0.41, 0.542, 0.65), -0.98),
    ("esc_100", "Spread along streets, 100 m", (0.24, 0.33, 0.46, 0.58), -0.6),
    ("esc_200", "Spread along streets, 200 m", (0.15, 0.22, 0.344, 0.47), -0.07),
    ("esc_400", "Spread along streets, 400 m", (0.09, 0.15, 0.262, 0.39), 0.31),
    ("uniform", "All streets alike", (0.012, 0.018, 0.055, 0.094), 0.0),
    ("flow", "Where pupils walk", (0.03, 0.06, 0.13, 0.22), 0.12),
    ("planar_100", "Spread over a flat map, 100 m", (0.12, 0.19, 0.34, 0.45), -0.2),
    ("planar_200", "Spread over a flat map, 200 m", (0.07, 0.13, 0.23, 0.36), 0.1),
    ("planar_300", "Spread over a flat map, 300 m", (0.06, 0.11, 0.22, 0.34), 0.15),
    ("last_year", "Same month last year", (0.10, 0.15, 0.18, 0.24), -4.0),
)
COUNTS = (41.0, 38.5, 4.6, 27.3, 61.0, 33.0, 52.4, 0.4, 45.0, 40.0, 36.2, 58.0)


def made_report(**changes: object) -> BacktestReport:
    """A year of months; a way's months wobble about its mean."""
    months = tuple(date(2025, m, 1) for m in range(1, 13))
    wobble = np.linspace(-0.05, 0.05, len(months))
    scores = tuple(
        BacktestScore(
            estimator=key,
            title=title,
            hit_rate=hits,
            pai=tuple(h / s for h, s in zip(hits, SHARES, strict=True)),
            pei=tuple(h / min(1.0, 60 * s) for h, s in zip(hits, SHARES, strict=True)),
            log_likelihood=gain,
            hit_rate_by_month=tuple(
                tuple(float(np.clip(h + w, 0, 1)) for h in hits) for w in wobble
            ),
        )
        for key, title, hits, gain in WAYS
    )
    weights = (
        LearnedWeight("counts", 0.412, "the very streets where reports were"),
        LearnedWeight("esc_25", 0.001, "streets within about 25 m of a report"),
        LearnedWeight("esc_100", 0.221, "streets within about 100 m of a report"),
        LearnedWeight("esc_400", 0.236, "streets within about 400 m of a report"),
        LearnedWeight("flow", 0.082, "where pupils walk"),
        LearnedWeight("uniform", 0.048, "all streets alike"),
    )
    report = BacktestReport(
        area="Fictional Green",
        has_times=True,
        is_snapped=False,
        length_km=61.4,
        half_life_days=365.0,
        length_shares=SHARES,
        months=months,
        incidents_a_month=COUNTS,
        training_incidents=517.3,
        kept_share=1.0,
        scores=scores,
        weights=weights,
    )
    return replace(report, **changes)


def page_of(tmp_path: Path, report: BacktestReport, code: str = WARD) -> str:
    return backtest.write_backtest(report, code, tmp_path)[0].read_text("utf-8")


def words_of(page: str) -> str:
    """What a reader sees of a page or chart."""
    text = re.sub(r"<(style|desc|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def hostile_report() -> BacktestReport:
    """Every text of the report is somebody's bad intent."""
    report = made_report(area=HOSTILE[1])
    scores = tuple(
        replace(score, estimator=text, title=text)
        for score, text in zip(report.scores, HOSTILE, strict=False)
    )
    weights = tuple(
        replace(weight, key=text, meaning=text)
        for weight, text in zip(report.weights, HOSTILE[3:], strict=False)
    )
    return replace(report, scores=scores, weights=weights)


# Files ------------------------------------------------------------------------------------------


def test_three_private_files_in_one_place(tmp_path):
    written = backtest.write_backtest(made_report(), WARD, tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in written] == [
        f"{FOLDER}/{name}" for name in NAMES
    ]
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(written)
    assert {stat.S_IMODE(p.stat().st_mode) for p in written} == {0o600}
    assert stat.S_IMODE(written[0].parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "maps/working").stat().st_mode) == 0o700


def test_same_report_same_bytes_also_over_older_files(tmp_path):
    first = [p.read_bytes() for p in backtest.write_backtest(made_report(), WARD, tmp_path)]
    backtest.write_backtest(made_report(area="Other"), WARD, tmp_path)
    assert first == [p.read_bytes() for p in backtest.write_backtest(made_report(), WARD, tmp_path)]
    assert first == [
        p.read_bytes() for p in backtest.write_backtest(made_report(), WARD, tmp_path / "b")
    ]


def test_all_wards_and_one_ward_stand_side_by_side(tmp_path):
    backtest.write_backtest(made_report(), "all", tmp_path)
    backtest.write_backtest(made_report(), WARD, tmp_path)
    folders = sorted(p.name for p in (tmp_path / "maps/working/backtest").iterdir())
    assert folders == sorted(["all", WARD])


@pytest.mark.parametrize("code", ["../../etc", "All", "", "E0599900", f"{WARD}\n", "a/b", "alla"])
def test_only_all_or_a_ward_code_names_a_folder(tmp_path, code):
    with pytest.raises(WardError, match="may not name a folder"):
        backtest.write_backtest(made_report(), code, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_link_out_of_the_workspace_is_refused(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / "maps/working").mkdir(parents=True)
    (root / "maps/working/backtest").symlink_to(outside, target_is_directory=True)
    with pytest.raises(InputError, match="is a link"):
        backtest.write_backtest(made_report(), WARD, root)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("step", ["stage_folder", "put_in_place"])
def test_a_failure_leaves_the_old_files_and_nothing_else(tmp_path, monkeypatch, step):
    written = backtest.write_backtest(made_report(), WARD, tmp_path)
    before = [p.read_bytes() for p in written]

    def failing(*_args, **_kwargs):
        raise OSError("disk gone")

    monkeypatch.setattr(files, step, failing)
    with pytest.raises(OSError, match="disk gone"):
        backtest.write_backtest(made_report(area="Other"), WARD, tmp_path)
    assert [p.read_bytes() for p in written] == before
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(written)


def test_a_second_run_is_told_to_try_again(tmp_path, monkeypatch):
    real = files.one_run
    monkeypatch.setattr(files, "one_run", lambda lock: real(lock, wait_s=0.1))
    with (
        real(tmp_path / "maps" / f".backtest-{WARD}.lock"),
        pytest.raises(InputError, match="another run"),
    ):
        backtest.write_backtest(made_report(), WARD, tmp_path)
    assert len(backtest.write_backtest(made_report(), WARD, tmp_path)) == 3


@pytest.mark.parametrize("counts", [(0.0,) * 12, (0.3,) * 12, (4.9,) + (0.0,) * 11])
def test_too_few_reports_to_show_anything(tmp_path, counts):
    with pytest.raises(InputError, match="fewer than 5 reports") as caught:
        backtest.write_backtest(made_report(incidents_a_month=counts), WARD, tmp_path)
    assert caught.value.fix
    assert not list(tmp_path.iterdir())


def test_outputs_hold_no_path_of_this_machine(tmp_path):
    for path in backtest.write_backtest(made_report(), WARD, tmp_path):
        assert os.fsencode(tmp_path) not in path.read_bytes()
        assert os.fsencode(Path(publish.__file__).parent) not in path.read_bytes()


# Small numbers ----------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 4.99), min_size=12, max_size=12), st.integers(0, 11))
def test_a_small_month_shows_the_same_whatever_is_in_it(counts, kept):
    """Neither a count below 5 nor the hits in it can be read from any output."""
    counts[kept] = 60.0
    report = made_report(incidents_a_month=tuple(counts))
    hidden = made_report(
        incidents_a_month=tuple(60.0 if i == kept else 2.0 for i in range(12)),
        scores=tuple(
            replace(
                s,
                hit_rate_by_month=tuple(
                    rates if i == kept else (0.123456,) * 4
                    for i, rates in enumerate(s.hit_rate_by_month)
                ),
            )
            for s in report.scores
        ),
    )
    shown = [backtest.backtest_data(r, WARD) for r in (report, hidden)]
    assert shown[0]["months"] == shown[1]["months"]
    assert shown[0]["scores"] == shown[1]["scores"]
    assert [m["reports"] for m in shown[0]["months"]].count("fewer than 5") == 11


def test_small_months_are_bands_on_the_page_and_null_in_the_data(tmp_path):
    written = backtest.write_backtest(made_report(), WARD, tmp_path)
    page = words_of(written[0].read_text("utf-8"))
    assert "March 2025 fewer than 5 not shown not shown not shown April 2025 about 25" in page
    assert "August 2025 fewer than 5 not shown" in page
    data = json.loads(written[2].read_bytes())
    assert [m["reports"] for m in data["months"]][:3] == ["about 40", "about 40", "fewer than 5"]
    for score in data["scores"]:
        empty = [i for i, rates in enumerate(score["hit_rate_by_month"]) if rates is None]
        assert empty == [2, 7]


@given(st.floats(0, 1e7))
def test_counts_are_in_fives(count):
    words = backtest_words.count_words(count)
    if count < 5:
        assert words == "fewer than 5"
    else:
        shown = int(words.removeprefix("about ").replace(",", ""))
        assert shown % 5 == 0
        assert abs(shown - count) <= 2.5


# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_times", [True, False])
@pytest.mark.parametrize("is_snapped", [True, False])
def test_cautions_stand_exactly_where_they_belong(tmp_path, has_times, is_snapped):
    report = made_report(has_times=has_times, is_snapped=is_snapped)
    page, chart, data = (
        p.read_text("utf-8") for p in backtest.write_backtest(report, WARD, tmp_path)
    )
    assert ("Counts look better here than they would on true locations" in page) == is_snapped
    assert ("Snapped points: counts look better" in chart) == is_snapped
    assert (backtest_words.SNAPPED in json.loads(data)["cautions"]) == is_snapped
    for text in (words_of(page), data):
        assert ("Place context only" in text) == (not has_times)
    assert ("place context only" in chart) == (not has_times)
    assert ("after-school window" in words_of(page)) == has_times
    assert ("after-school window" in chart) == has_times


def test_it_claims_no_more_than_it_shows(tmp_path):
    page = words_of(page_of(tmp_path, made_report()))
    assert CAUTION in page
    assert "It tests a map of reports, not a patrol." in page
    rest = page.replace(CAUTION, "").lower()
    for claim in ("safer", "prevent", "reduc", "deter", "protect"):
        assert claim not in rest, claim


def test_every_measure_is_told_in_words(tmp_path):
    page = words_of(page_of(tmp_path, made_report()))
    for measure in ("Hit rate:", "PAI (predictive", "PEI (prediction", "Gain:"):
        assert page.count(measure) == 1, measure


def test_the_summary_says_who_won(tmp_path):
    page = words_of(page_of(tmp_path, made_report()))
    assert "Each of 12 months, January 2025 to December 2025, was foretold" in page
    assert "They hold about 435 reports; a year of the months before them holds about 515." in page
    assert "(3.1 of 61.4 km) had 55 of every 100 reports" in page
    assert "the next is Spread along streets, 400 m, 1.05 nats a report behind" in page
    assert "Counts per metre of street, 56 of every 100" in page
    assert "uncertain by up to 4.7 points" in page  # 98 / sqrt(437.4)


def test_a_mixture_that_lost_is_not_praised(tmp_path):
    report = made_report()
    beaten = replace(report.scores[0], log_likelihood=0.2)
    even = replace(report.scores[0], log_likelihood=0.312)
    lost = words_of(page_of(tmp_path, replace(report, scores=(beaten, *report.scores[1:]))))
    assert "Another way’s whole map foretold the places better, by 0.11 nats a report" in lost
    assert "better than every other way" not in lost
    same = words_of(page_of(tmp_path, replace(report, scores=(even, *report.scores[1:]))))
    assert "as well as the best other way: Spread along streets, 400 m" in same


def test_weights_are_parts_of_100_largest_first():
    lines = backtest_words.weight_words(made_report())
    assert lines[0] == "41 of 100: the very streets where reports were"
    assert lines[-1] == "under 1 of 100: streets within about 25 m of a report"
    parts = [int(line.split()[0]) for line in lines[:-1]]
    assert sum(parts) == 100
    assert parts == sorted(parts, reverse=True)


def test_a_part_of_the_reports_says_so(tmp_path):
    kept = "Only a random 10 % of the reports was kept"
    assert kept in page_of(tmp_path, made_report(kept_share=0.1))
    assert kept not in page_of(tmp_path, made_report())


def test_half_lives_with_and_without_an_end(tmp_path):
    assert "365 days old counts half" in page_of(tmp_path, made_report())
    endless = page_of(tmp_path, made_report(half_life_days=math.inf))
    assert "Old reports count as much as new ones" in endless


def test_one_month_and_one_way_are_a_report_too(tmp_path):
    report = made_report()
    one = replace(
        report,
        months=report.months[:1],
        incidents_a_month=(40.0,),
        scores=tuple(
            replace(s, hit_rate_by_month=s.hit_rate_by_month[:1]) for s in report.scores[:1]
        ),
        weights=report.weights[:1],
    )
    page = words_of(page_of(tmp_path, one))
    assert "Each of one month, January 2025," in page
    assert "100 of 100: the very streets" in page
    assert "other way" not in page


def test_what_is_not_known_is_a_dash_and_null(tmp_path):
    report = made_report()
    unknown = replace(
        report.scores[-1], hit_rate=(math.nan,) * 4, pai=(math.nan,) * 4, log_likelihood=-math.inf
    )
    report = replace(report, scores=(*report.scores[:-1], unknown))
    written = backtest.write_backtest(report, WARD, tmp_path)
    for path in written:
        assert not re.search(r"\b(nan|NaN|inf|Infinity)\b", path.read_text("utf-8"))
    last = json.loads(written[2].read_bytes())["scores"][-1]
    assert (last["hit_rate"], last["log_likelihood"]) == ([None] * 4, None)
    assert backtest.score_rows(report)[-1].hits == ("–",) * 4
    chart = ET.fromstring(written[1].read_bytes())
    assert len(chart.findall(f".//{SVG}circle")) == 3 * len(WAYS)  # the key's too


def test_data_are_sorted_rounded_and_whole(tmp_path):
    data = backtest.write_backtest(made_report(length_km=61.123456789), WARD, tmp_path)[2]
    text = data.read_text("utf-8")
    made = json.loads(text)
    assert text == json.dumps(made, sort_keys=True, indent=1) + "\n"
    assert made["length_km"] == 61.123457
    assert made["marking"] == "OFFICIAL-SENSITIVE"
    assert [s["estimator"] for s in made["scores"]] == [way[0] for way in WAYS]
    assert made["scores"][0]["hit_rate"] == [0.31, 0.42, 0.553, 0.67]


# Chart ------------------------------------------------------------------------------------------


def test_the_chart_is_a_picture_with_words():
    chart = ET.fromstring(backtest.chart_svg(made_report()))
    assert chart.get("role") == "img"
    named = chart.get("aria-labelledby", "").split()
    words = {e.get("id"): e.text for e in chart if e.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set(named) == set(words)
    assert "OFFICIAL-SENSITIVE: back-test of Fictional Green" in words["chart-title"]
    for _, title, hits, _ in WAYS:
        assert f"{title}: {100 * hits[2]:.0f} of 100 reports" in words["chart-words"]
    shown = [e.text for e in chart.iter(f"{SVG}text")]
    assert {title for _, title, _, _ in WAYS} <= set(shown)
    assert "OFFICIAL-SENSITIVE" in shown


def test_marks_stand_where_the_figures_are():
    """0 and 100 of 100 are 192 units apart; diamonds are the 5 %, most hits at the top."""
    chart = ET.fromstring(backtest.chart_svg(made_report()))
    diamonds = [
        float(e.get("d", "")[1:].split()[0])
        for e in chart.iter(f"{SVG}path")
        if e.get("fill") == "#d55e00"
    ][1:]
    expected = sorted((12 + 192 * hits[2] for _, _, hits, _ in WAYS), reverse=True)
    assert diamonds == pytest.approx(expected, abs=0.051)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.floats(-50, 20))
def test_nothing_leaves_the_picture(hits, gain):
    report = made_report()
    odd = replace(report.scores[3], hit_rate=tuple(sorted(hits)), log_likelihood=gain)
    report = replace(report, scores=(*report.scores[:3], odd, *report.scores[4:]))
    chart = ET.fromstring(backtest.chart_svg(report))
    _, _, width, height = map(float, chart.get("viewBox", "").split())
    for e in chart.iter():
        for name, limit in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(e.get(name, "0")) <= limit
    circles = [float(e.get("cx", "")) for e in chart.iter(f"{SVG}circle")]
    assert all(5 <= x <= 211 for x in circles)


def test_order_of_the_scores_does_not_matter_to_the_chart():
    report = made_report()
    turned = replace(report, scores=(report.scores[0], *reversed(report.scores[1:])))
    assert backtest.chart_svg(turned) == backtest.chart_svg(report)


# Hostile names ----------------------------------------------------------------------------------


def test_hostile_names_stay_text(tmp_path):
    written = backtest.write_backtest(hostile_report(), WARD, tmp_path)
    page = written[0].read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&#34; onload=&#34;alert(3)" in page
    for path in written:
        text = path.read_text("utf-8")
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u2066\u200b\u2028\u2029]", text)
        assert "A" * 200 not in text
    ET.fromstring(written[1].read_bytes())  # still XML
    assert "49" not in json.loads(written[2].read_bytes())["scores"][5]["title"]


def test_no_web_address_of_a_name(tmp_path):
    report = made_report(area="x http://evil.example/")
    for path in backtest.write_backtest(report, WARD, tmp_path):
        text = path.read_text("utf-8")
        assert "evil.example" in text
        assert "://evil" not in text


def test_the_policy_lets_nothing_in(tmp_path):
    page = page_of(tmp_path, made_report())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert " style=" not in page
    assert "<link" not in page
    assert page.count('role="img"') == 1


# In a browser -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, tuple[Path, ...]]:
    root = tmp_path_factory.mktemp("backtest")
    snapped = made_report(has_times=False, is_snapped=True, kept_share=0.1)
    return {
        key: backtest.write_backtest(report, WARD, root / key)
        for key, report in (
            ("calm", made_report()), ("snapped", snapped), ("hostile", hostile_report()),
        )
    }  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("key", ["calm", "snapped", "hostile"])
def test_pages_and_charts_open_without_a_word(browser_page, pages, key):
    for path in pages[key][:2]:
        opened = browser_page()
        dialogs = []
        opened.page.on("dialog", lambda d, said=dialogs: (said.append(d.message), d.dismiss()))
        opened.page.goto(path.as_uri())
        opened.page.wait_for_timeout(100)
        assert dialogs == []
        assert opened.requests == [opened.page.url]
        assert opened.console == []
        assert opened.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("key", ["calm", "snapped", "hostile"])
def test_nothing_sticks_out_at_the_side_of_a_back_test(browser_page, pages, key):
    page = browser_page(pages[key][0]).page
    for width in (1400, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_the_chart_can_be_read_on_a_phone(browser_page, pages):
    """No text under 9 pixels at 360, and none that leaves the chart or covers another."""
    page = browser_page(pages["snapped"][0], viewport={"width": 360, "height": 800}).page
    boxes = page.evaluate(
        """() => [...document.querySelectorAll("figure svg text")].map(t => {
          const b = t.getBoundingClientRect(), s = t.ownerSVGElement.getBoundingClientRect();
          return {words: t.textContent, left: b.left - s.left, right: s.right - b.right,
                  top: b.top, bottom: b.bottom, from: b.left, to: b.right,
                  size: parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a};
        })"""
    )
    assert len(boxes) > 3 * len(WAYS)
    assert min(b["size"] for b in boxes) >= 9
    assert min(b["left"] for b in boxes) >= 0
    assert min(b["right"] for b in boxes) >= 0
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            over = min(a["to"], b["to"]) - max(a["from"], b["from"])
            deep = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
            assert over <= 1 or deep <= 4, (a["words"], b["words"])


@pytest.mark.browser
def test_a_back_test_prints_on_a4_with_its_marking(browser_page, pages):
    page = browser_page(pages["snapped"][0]).page
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type /Page\b(?!s)", pdf)) <= 5
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("figure svg").is_visible()
