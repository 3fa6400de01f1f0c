"""The back-test for people: one page, its chart, and the same as data. OFFICIAL-SENSITIVE.

A month with fewer than 5 reports shows neither its count nor its hit rates, on paper and in data.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from corridors import __version__, files
from corridors.errors import WardError
from corridors.labels import WARD
from corridors.model import BacktestReport, BacktestScore
from corridors.publish.backtest_chart import chart_svg
from corridors.publish.backtest_words import (
    AFTER_SCHOOL,
    ANY_HOUR,
    GAIN_WORDS,
    HIT_WORDS,
    PAI_WORDS,
    PEI_WORDS,
    SMALL,
    area_name,
    cautions,
    count_words,
    figure,
    main_share,
    months_words,
    percent,
    ranked,
    require_enough,
    shown_months,
    summary_words,
    weight_words,
)
from corridors.publish.cards import MARKING
from corridors.publish.pages import asset, render
from corridors.publish.plan_json import stable
from corridors.publish.wording import MONTHS, clean, clean_name
from corridors.publish.working_map import CAUTION

PAGE_FILE: Final = "backtest_OS.html"
CHART_FILE: Final = "backtest_OS.svg"
DATA_FILE: Final = "backtest.json"
FORMAT: Final = 1
ALL_WARDS: Final = "all"

_BESIDE: Final = ("counts", "last_year")  # what the months' table sets beside the first way


def write_backtest(report: BacktestReport, code: str, root: Path) -> tuple[Path, ...]:
    """Write a back-test's page, chart and data: all three or none.

    Parameters
    ----------
    report : scores of at least one month; ``scores[0]`` is the way that plans use.
    code : the ward's code, or ``all``; names the folder.
    root : the workspace; files go to ``maps/working/backtest/<code>`` under it, for their owner
        only.

    Returns
    -------
    The files written: page, chart, data.

    Raises
    ------
    WardError
        If ``code`` is neither, and so may not name a folder.
    InputError
        If fewer than 5 reports were scored; if a link would lead the files out of the workspace,
        or another run is writing this back-test.
    """
    if code != ALL_WARDS and not WARD.fullmatch(code):
        raise WardError(
            "not a ward code, so it may not name a folder",
            column="ward code",
            value=code,
            fix="Ward codes are a letter E, W, S or N and eight digits",
        )
    chart = chart_svg(report)
    made = {
        PAGE_FILE: _page(report, code, chart).encode("utf-8"),
        CHART_FILE: chart.encode("utf-8"),
        DATA_FILE: backtest_json(report, code),
    }
    target = files.folder_inside(root, "maps", "working", "backtest", code)
    lock = files.folder_inside(root, "maps") / f".backtest-{code}.lock"
    files.replace_folder(target, made, lock, is_private=True)
    return tuple(target / name for name in made)


# --- data ---------------------------------------------------------------------------------------


def backtest_json(report: BacktestReport, code: str) -> bytes:
    """UTF-8 JSON of ``backtest_data``, sorted keys; no clock, no machine."""
    text = json.dumps(backtest_data(report, code), sort_keys=True, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def backtest_data(report: BacktestReport, code: str) -> dict[str, Any]:
    """The report as JSON types: 6 decimals, null for what is not known or too small to show.

    Raises
    ------
    InputError
        If fewer than 5 reports were scored.
    """
    require_enough(report)
    data: dict[str, Any] = stable(
        {
            "marking": MARKING,
            "format": FORMAT,
            "version": __version__,
            "area": area_name(report),
            "code": code,
            "has_times": report.has_times,
            "is_snapped": report.is_snapped,
            "cautions": list(cautions(report)),
            "length_km": report.length_km,
            "half_life_days": report.half_life_days,
            "kept_share": report.kept_share,
            "length_shares": report.length_shares,
            "months": [
                {"month": f"{month:%Y-%m}", "reports": count_words(count)}
                for month, count in zip(report.months, report.incidents_a_month, strict=True)
            ],
            "training_reports_a_year": count_words(report.training_incidents),
            "scores": [_score_data(score, shown_months(report)) for score in report.scores],
            "weights": [
                {"key": w.key, "weight": w.weight, "meaning": clean(w.meaning)}
                for w in report.weights
            ],
        }
    )
    return data


def _score_data(score: BacktestScore, is_shown: list[bool]) -> dict[str, Any]:
    return {
        "estimator": score.estimator,
        "title": clean_name(score.title),
        "hit_rate": score.hit_rate,
        "pai": score.pai,
        "pei": score.pei,
        "log_likelihood": score.log_likelihood,
        "hit_rate_by_month": [
            rates if shown else None
            for rates, shown in zip(score.hit_rate_by_month, is_shown, strict=True)
        ],
    }


# --- page ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScoreRow:
    """One way, its figures as texts."""

    title: str
    hits: tuple[str, ...]
    pai: tuple[str, ...]
    pei: tuple[str, ...]
    gain: str


@dataclass(frozen=True)
class MonthRow:
    """One month, its count in a band and hit rates as texts."""

    month: str
    reports: str
    hits: tuple[str, ...]


def _page(report: BacktestReport, code: str, chart: str) -> str:
    at = main_share(report)
    beside = _beside(report)
    shares = [percent(share) for share in report.length_shares]
    return render(
        "backtest.html",
        style=f"{asset('working_map.css')}\n{asset('backtest.css')}",
        marking=MARKING,
        area=area_name(report),
        place="all wards" if code == ALL_WARDS else code,
        has_times=report.has_times,
        months=months_words(report).rstrip(","),
        length=f"{report.length_km:.1f} km of streets",
        version=__version__,
        half_life=f"{report.half_life_days:g}" if math.isfinite(report.half_life_days) else "",
        cautions=cautions(report),
        caution=CAUTION,
        window=AFTER_SCHOOL if report.has_times else ANY_HOUR,
        summary=summary_words(report),
        chart=Markup(chart),  # noqa: S704 - rendered by our own template, escaped there
        shares=shares,
        any_share=" or ".join([", ".join(shares[:-1]), shares[-1]]) if shares[1:] else shares[0],
        measures=(HIT_WORDS, PAI_WORDS, PEI_WORDS, GAIN_WORDS),
        scores=score_rows(report),
        weights=weight_words(report),
        main_share=percent(report.length_shares[at]),
        beside=[clean_name(score.title) for score in beside],
        by_month=_month_rows(report, beside, at),
    )


def score_rows(report: BacktestReport) -> list[ScoreRow]:
    """All ways with their figures as texts, most hits first."""
    return [
        ScoreRow(
            title=clean_name(score.title),
            hits=tuple(figure(100 * rate, ".1f") for rate in score.hit_rate),
            pai=tuple(figure(value, ".1f") for value in score.pai),
            pei=tuple(figure(value, ".2f") for value in score.pei),
            gain=figure(score.log_likelihood, "+.2f"),
        )
        for score in ranked(report)
    ]


def _beside(report: BacktestReport) -> list[BacktestScore]:
    others = [s for key in _BESIDE for s in report.scores[1:] if s.estimator == key]
    return [report.scores[0], *others]


def _month_rows(report: BacktestReport, beside: list[BacktestScore], at: int) -> list[MonthRow]:
    rows = []
    for number, (month, count) in enumerate(
        zip(report.months, report.incidents_a_month, strict=True)
    ):
        rates = [score.hit_rate_by_month[number][at] for score in beside]
        rows.append(
            MonthRow(
                month=f"{MONTHS[month.month - 1]} {month.year}",
                reports=count_words(count),
                hits=tuple(
                    figure(100 * rate, ".0f") if count >= SMALL else "not shown" for rate in rates
                ),
            )
        )
    return rows
