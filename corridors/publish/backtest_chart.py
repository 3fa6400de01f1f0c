"""The back-test's chart: an SVG with its figures as a description."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Final

from corridors.model import BacktestReport, BacktestScore
from corridors.publish.backtest_words import (
    area_name,
    figure,
    main_share,
    months_words,
    of_100,
    percent,
    ranked,
    require_enough,
)
from corridors.publish.cards import MARKING
from corridors.publish.pages import render
from corridors.publish.wording import clean_name, joined

# Units of the drawing; 360 across, so that a phone shows them about as pixels.
_HITS_X: Final = (12.0, 204.0)  # 0 and 100 of 100 reports
_GAIN_X: Final = (254.0, 318.0)
_TOP_Y: Final = 128.0
_LINE_Y: Final = 15.0
_ROW_Y: Final = 24.0  # a row without its title's lines
_TITLE_CHARS: Final = 50
_SNAPPED_SHORT: Final = "Snapped points: counts look better here than on true locations."


@dataclass(frozen=True)
class Dot:
    """A share of street length: where its dot stands, how it looks."""

    x: float
    look: str  # "s1" the smallest share … ; "main" the one that the figures are of


@dataclass(frozen=True)
class ChartRow:
    """One way as the chart draws it, in units of the drawing."""

    lines: tuple[str, ...]
    y: float  # of its first line
    strip_y: float
    height: float
    is_first: bool
    dots: tuple[Dot, ...]  # largest share first, so that the small dots lie on top
    hits: str
    gain_x: float | None
    gain: str


def chart_svg(report: BacktestReport) -> str:
    """A picture of hit rates and gains of all ways, most hits first; a file of its own.

    Raises
    ------
    InputError
        If fewer than 5 reports were scored.
    """
    require_enough(report)
    rows = _chart_rows(report)
    at = main_share(report)
    share = percent(report.length_shares[at])
    bottom = rows[-1].y + rows[-1].height
    return render(
        "backtest.svg",
        style="",
        marking=MARKING,
        area=textwrap.shorten(area_name(report), 46, placeholder="…"),
        months=months_words(report).rstrip(","),
        kind="reports in the after-school window"
        if report.has_times
        else "reports at any hour: place context only",
        caution=_SNAPPED_SHORT if report.is_snapped else "",
        described=_described(report, at),
        share=share,
        keys=_keys(report, at),
        hit_ticks=[(_hit_x(t), f"{100 * t:.0f}") for t in (0.0, 0.5, 1.0)],
        zero_x=_gain_x(report, 0.0),
        rows=rows,
        top=_TOP_Y - 12,
        bottom=round(bottom, 1),
        height=round(bottom + (40 if report.is_snapped else 24), 1),
    )


def _chart_rows(report: BacktestReport) -> list[ChartRow]:
    at = main_share(report)
    rows: list[ChartRow] = []
    y = _TOP_Y
    for score in ranked(report):
        lines = tuple(textwrap.wrap(clean_name(score.title), _TITLE_CHARS)) or ("–",)
        strip_y = y + _LINE_Y * (len(lines) - 1) + 15
        height = _LINE_Y * len(lines) + _ROW_Y
        rows.append(
            ChartRow(
                lines=lines,
                y=round(y, 1),
                strip_y=round(strip_y, 1),
                height=height,
                is_first=score is report.scores[0],
                dots=_dots(score, at),
                hits=figure(100 * score.hit_rate[at], ".0f"),
                gain_x=_gain_x(report, score.log_likelihood),
                gain=figure(score.log_likelihood, "+.1f"),
            )
        )
        y += height
    return rows


def _dots(score: BacktestScore, at: int) -> tuple[Dot, ...]:
    made = [
        Dot(_hit_x(rate), "main" if place == at else f"s{min(place, 3)}")
        for place, rate in enumerate(score.hit_rate)
        if math.isfinite(rate)
    ]
    return tuple(reversed(made))


def _keys(report: BacktestReport, at: int) -> list[tuple[float, str, str]]:
    """Where each share's key stands, its look and words."""
    return [
        (
            16.0 + 45.0 * place,
            "main" if place == at else f"s{min(place, 3)}",
            percent(share),
        )
        for place, share in enumerate(report.length_shares)
    ]


def _hit_x(rate: float) -> float:
    low, high = _HITS_X
    return round(low + (high - low) * min(max(rate, 0.0), 1.0), 1)


def _gain_span(report: BacktestReport) -> tuple[float, float]:
    known = [s.log_likelihood for s in report.scores if math.isfinite(s.log_likelihood)]
    low, high = min([0.0, *known]), max([0.0, *known])
    return (low, high) if high > low else (low, low + 1.0)


def _gain_x(report: BacktestReport, gain: float) -> float | None:
    if not math.isfinite(gain):
        return None
    low, high = _gain_span(report)
    return round(_GAIN_X[0] + (_GAIN_X[1] - _GAIN_X[0]) * (gain - low) / (high - low), 1)


def _described(report: BacktestReport, at: int) -> str:
    share = percent(report.length_shares[at])
    each = joined(
        f"{clean_name(s.title)}: {of_100(s.hit_rate[at])} of 100 reports, gain "
        f"{figure(s.log_likelihood, '+.2f')}"
        for s in ranked(report)
    )
    return (
        f"For each way of flagging streets, four marks show how many of 100 reports fell on the "
        f"flagged streets, and one mark the gain over even streets in nats a report. With {share} "
        f"of street length flagged, from most to fewest: {each}."
    )
