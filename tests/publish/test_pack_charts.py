"""Charts of the pack: no figure that the table does not say, gaps where nothing may be shown."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_pack import HIDDEN, hostile_pack, made_pack

from corridors.model import PublicChart, PublicColumn, PublicMark, PublicTable
from corridors.publish.pack import pack_files
from corridors.publish.pack.charts import chart_svg, charts_of
from corridors.publish.pack.figures import as_printed, figures

SVG = "{http://www.w3.org/2000/svg}"
PLOT = (12.0, 336.0)


def chart_of(*marks: tuple[str, float | None], **changes: object) -> PublicTable:
    """A table of labels and figures, with a chart of it."""
    columns = (
        PublicColumn("a", "A", "", "text"), PublicColumn("b", "B", "", "figure"),
    )  # fmt: skip
    rows = tuple((f"mark {i}", words) for i, (words, _) in enumerate(marks))
    drawn = tuple(
        PublicMark(f"mark {i}", value, None, None, words) for i, (words, value) in enumerate(marks)
    )
    chart = replace(PublicChart("bars", "Title", "unit", drawn), **changes)
    return PublicTable("some", "Some", "process", "", columns, rows, charts=(chart,))


def bars(svg: str) -> list[tuple[float, float]]:
    """Left end and width of each bar, in units of the drawing."""
    tags = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="14"', svg)
    return [(float(x), float(width)) for x, width in tags]


def points(svg: str) -> list[float]:
    return [float(x) for x in re.findall(r'<path d="M([\d.]+) [\d.]+l7 7', svg)]


# What a chart says ------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [made_pack, hostile_pack])
def test_every_chart_is_a_picture_with_words(make):
    for name, svg in charts_of(make().tables).items():
        root = ElementTree.fromstring(svg)
        assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
        ids = root.get("aria-labelledby").split()
        assert [root.find(f"{SVG}{tag}").get("id") for tag in ("title", "desc")] == ids
        assert not set(root.iter(f"{SVG}script")) | set(root.iter(f"{SVG}a")), name
        assert not [k for e in root.iter() for k in e.attrib if k.startswith("on") or "href" in k]


def test_every_figure_of_a_chart_stands_in_its_words_and_in_the_table():
    pack = made_pack()
    page = pack_files(pack)["index.html"].decode()
    checked = 0
    for table in pack.tables:
        for number, chart in enumerate(table.charts, start=1):
            described = ElementTree.fromstring(chart_svg(table, number)).find(f"{SVG}desc").text
            article = page.partition(f'<h3 id="t-{table.key}"')[2].partition("</article>")[0]
            shown = article.partition("<table")[2]
            for mark in chart.marks:
                assert f"{mark.label}: {mark.words}." in described
                assert f"<bdi>{mark.words}</bdi>" in shown
                checked += 1
            assert article.index("<svg") < article.index("<table")
    assert checked == 14


def test_the_file_and_the_picture_in_the_page_are_one():
    made = pack_files(made_pack())
    for name, data in made.items():
        if name.startswith("charts/"):
            assert data in made["index.html"]


def test_a_hidden_figure_leaves_a_gap_with_its_words():
    table = made_pack().tables[2]
    svg = chart_svg(table, 1)
    assert len(bars(svg)) == 3  # of four marks
    assert f"{HIDDEN} (not drawn)" in re.sub(r"<[^>]*>", " ", svg)


# What a chart may not say -----------------------------------------------------------------------


def test_a_bar_is_as_long_as_the_printed_figure():
    """68 and 0 to 100: no length may tell 67.6 from 68.4."""
    drawn = [chart_svg(chart_of(("68", value), ("100", 100.0)), 1) for value in (67.6, 68.4)]
    assert drawn[0] == drawn[1]
    (_, some), (_, whole) = bars(drawn[0])
    assert some / whole == pytest.approx(0.68, abs=0.002)


def test_a_chart_that_knows_more_than_its_table_is_refused():
    pack = made_pack()
    for wrong in (("15", 13.0), (HIDDEN, 3.0), ("not enough data", 0.5)):
        with pytest.raises(ValueError, match="the table does not say it"):
            pack_files(replace(pack, tables=(chart_of(wrong),)))
    table = chart_of(("15", 15.0))
    told = replace(table.charts[0].marks[0], words="17", value=17.0)
    spoilt = replace(table, charts=(replace(table.charts[0], marks=(told,)),))
    with pytest.raises(ValueError, match="the table does not"):
        pack_files(replace(pack, tables=(spoilt,)))
    wide = replace(table.charts[0].marks[0], low=9.0, high=21.0)
    spoilt = replace(table, charts=(replace(table.charts[0], marks=(wide,)),))
    with pytest.raises(ValueError, match="the table does not say it"):
        pack_files(replace(pack, tables=(spoilt,)))


@pytest.mark.parametrize(
    ("value", "text", "printed"),
    [
        (0.6804, "68 %", 0.68), (68.2, "68%", 68.0), (1.4412, "1.44 (1.10 to 1.89)", 1.44),
        (-9.79, "\N{MINUS SIGN}9.8", -9.8), (1234.0, "1,234 pupils", 1234.0), (13.0, "15", None),
        (3.0, HIDDEN, None), (float("nan"), "3", None), (2.0, "v1.2.3", None), (0.0, "0", 0.0),
    ],
)  # fmt: skip
def test_which_number_of_a_text_a_value_was_rounded_to(value, text, printed):
    assert as_printed(value, (text,)) == printed


def test_numbers_of_a_text():
    assert [f.value for f in figures("from 1,200 to 85.5; Q1, A4, 2.5x")] == [1200.0, 85.5]


# Scales -----------------------------------------------------------------------------------------


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=12))
def test_bars_begin_at_zero_and_keep_their_proportions(values):
    svg = chart_svg(chart_of(*((f"{value}", float(value)) for value in values)), 1)
    found = bars(svg)
    assert len(found) == len(values)
    assert all(PLOT[0] <= x and x + width <= PLOT[1] + 0.05 for x, width in found)
    largest = max(map(abs, values))
    longest = max(width for _, width in found)
    for value, (_, width) in zip(values, found, strict=True):
        assert width == pytest.approx(longest * abs(value) / (largest or 1), abs=0.25)


@given(st.lists(st.integers(1, 99_999), min_size=1, max_size=8))
def test_points_on_a_scale_of_times_keep_their_order(numbers):
    texts = [f"{number / 1000:.3f}" for number in numbers]
    marks = [(text, float(text)) for text in texts]
    svg = chart_svg(chart_of(*marks, kind="intervals", is_log=True, reference=1.0), 1)
    found = points(svg)
    assert len(found) == len(numbers)
    assert all(PLOT[0] <= x <= PLOT[1] for x in found)
    for (_, one), x in zip(marks, found, strict=True):
        for (_, other), y in zip(marks, found, strict=True):
            assert (one <= other) <= (x <= y)


def test_a_chart_of_nothing_but_gaps_has_no_scale():
    svg = chart_svg(chart_of((HIDDEN, None), ("not enough data", None)), 1)
    assert bars(svg) == []
    assert svg.count("(not drawn)") == 2
    assert 'stroke-width="1.5"' not in svg


def test_counts_that_are_all_zero_stand_on_a_scale_of_whole_numbers():
    svg = chart_svg(chart_of(("0", 0.0), ("0", 0.0)), 1)
    assert [width for _, width in bars(svg)] == [0.0, 0.0]
    assert re.findall(r">(0|1|0\.1)</text>", svg)[-2:] == ["0", "1"]
