"""Charts of a published table: SVG without a script, with its figures as words.

Bars begin at 0; points have their interval beside them. Nothing rests on colour. A figure that may
not be shown leaves a gap, with the reason in words.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from corridors.model import PublicChart, PublicMark, PublicTable
from corridors.publish.pack.wall import printed
from corridors.publish.pages import render
from corridors.publish.wording import clean, clean_name

# Units of the drawing; 360 across, so that a phone shows them about as pixels.
_PLOT_X: Final = (12.0, 336.0)
_LINE_Y: Final = 16.0
_STRIP_Y: Final = 18.0
_GAP_Y: Final = 20.0
_TITLE_CHARS: Final = 40
_LABEL_CHARS: Final = 40
_WORDS_CHARS: Final = 44
_MOST_TICKS: Final = 6


@dataclass(frozen=True)
class Drawn:
    """A mark in units of the drawing; ``at`` is None where there is a gap."""

    lines: tuple[tuple[str, str], ...]  # label and figure of each line, either may be empty
    y: float  # of the first line of its label
    strip_y: float
    at: float | None
    low: float | None
    high: float | None
    said: str  # label and figure, for those who hear the chart


def chart_name(table: PublicTable, number: int) -> str:
    """Where in the pack the chart stands; ``number`` counts from 1."""
    return f"charts/{table.key}-{number}.svg"


def chart_svg(table: PublicTable, number: int) -> str:
    """One of a table's charts, to stand in a page or alone.

    It is drawn from the figures as printed, so that no length tells a digit more than the words.

    Parameters
    ----------
    number : which of the table's charts, from 1; with the table's key it makes ids unique.
    """
    chart = table.charts[number - 1]
    marks = [_printed(table, mark) for mark in chart.marks]
    scale = _scale(chart, marks)
    head = textwrap.wrap(clean_name(chart.title), _TITLE_CHARS) or ["Chart"]
    unit = textwrap.wrap(clean_name(chart.unit), _WORDS_CHARS)
    top = 22.0 + 18 * len(head) + 15 * len(unit)
    rows, bottom = _rows(marks, scale, top)
    return render(
        "pack_chart.svg",
        style="",
        id=f"chart-{table.key}-{number}",
        kind=chart.kind,
        title=clean_name(chart.title),
        head=head,
        unit=unit,
        unit_y=22.0 + 18 * len(head),
        rows=rows,
        top=round(top, 1),
        bottom=round(bottom, 1),
        height=round(bottom + 26, 1),
        zero=scale.at(0.0) if scale and chart.kind == "bars" else None,
        reference=scale.at(chart.reference) if scale and chart.reference is not None else None,
        reference_words=_number(chart.reference) if chart.reference is not None else "",
        ticks=[(scale.at(tick), _number(tick)) for tick in scale.ticks] if scale else [],
        is_log=chart.is_log and scale is not None,
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    ticks: tuple[float, ...]
    turn: Callable[[float], float]  # the logarithm, or nothing

    def at(self, value: float) -> float:
        """Where a value stands, in units of the drawing."""
        left, right = _PLOT_X
        span = self.turn(self.high) - self.turn(self.low)
        part = (self.turn(min(max(value, self.low), self.high)) - self.turn(self.low)) / span
        return round(left + (right - left) * part, 1)


def _printed(table: PublicTable, mark: PublicMark) -> PublicMark:
    value, low, high = printed(table, mark)
    return PublicMark(mark.label, value, low, high, mark.words)


def _scale(chart: PublicChart, marks: Sequence[PublicMark]) -> _Scale | None:
    """A scale for all figures that are drawn; None if there is none."""
    told = [f for m in marks if m.value is not None for f in (m.value, m.low, m.high)]
    known = [figure for figure in told if figure is not None]
    if not known or (chart.is_log and min(known) <= 0):
        return None
    known += [] if chart.reference is None else [chart.reference]
    if chart.kind == "bars":
        known += [0.0] if any(known) else [0.0, 1.0]
    low, high = min(known), max(known)
    if chart.is_log and low > 0:
        ticks = _log_ticks(low, high)
        return _Scale(ticks[0], ticks[-1], ticks, math.log)
    ticks = _ticks(low, high)
    return _Scale(ticks[0], ticks[-1], ticks, float)


def _ticks(low: float, high: float) -> tuple[float, ...]:
    """Round values from at most ``low`` to at least ``high``."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span))
    steps = (factor * power for factor in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10))
    for step in steps:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        last = max(last, first + 1)
        if last - first < _MOST_TICKS:
            return tuple(round(k * step, 10) for k in range(first, last + 1))
    raise ValueError(f"no scale from {low} to {high}")


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round values that each are a few times the one before."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1,)):
        every = [round(factor * 10.0**p, 10) for p in powers for factor in factors]
        first = max((k for k, tick in enumerate(every) if tick <= low * (1 + 1e-9)), default=0)
        last = min(k for k, tick in enumerate(every) if tick >= high * (1 - 1e-9))
        chosen = tuple(every[first : max(last, first + 1) + 1])
        if len(chosen) <= _MOST_TICKS:
            break
    return chosen


def _rows(
    marks: Sequence[PublicMark], scale: _Scale | None, top: float
) -> tuple[list[Drawn], float]:
    rows: list[Drawn] = []
    y = top + _LINE_Y
    for mark in marks:
        lines = _lines(mark)
        strip_y = y + _LINE_Y * (len(lines) - 1) + 4
        drawn = scale if mark.value is not None else None
        at, low, high = (
            drawn.at(figure) if drawn and figure is not None else None
            for figure in (mark.value, mark.low, mark.high)
        )
        rows.append(
            Drawn(
                lines=lines,
                y=round(y, 1),
                strip_y=round(strip_y - 10, 1),
                at=at,
                low=low if high is not None else None,
                high=high if low is not None else None,
                said=f"{clean_name(mark.label)}: {clean(mark.words) or 'not shown'}.",
            )
        )
        y = strip_y + _STRIP_Y + _GAP_Y
    return rows, y - _LINE_Y


def _lines(mark: PublicMark) -> tuple[tuple[str, str], ...]:
    """Label, then figure; beside each other where there is room."""
    label = textwrap.wrap(clean_name(mark.label), _LABEL_CHARS) or ["–"]
    figure = textwrap.wrap(clean_name(mark.words), _WORDS_CHARS) or ["not shown"]
    if mark.value is None:
        figure[-1] += " (not drawn)"
    if len(figure) == 1 and len(label[-1]) + len(figure[0]) < _LABEL_CHARS:
        return (*((line, "") for line in label[:-1]), (label[-1], figure[0]))
    return (*((line, "") for line in label), *(("", line) for line in figure))


def _number(value: float) -> str:
    return f"{value:.10g}".replace("-", "\N{MINUS SIGN}")


def charts_of(tables: Sequence[PublicTable]) -> dict[str, str]:
    """Every chart of the tables by its name in the pack."""
    numbered = chain.from_iterable(
        ((table, number) for number in range(1, len(table.charts) + 1)) for table in tables
    )
    return {chart_name(table, number): chart_svg(table, number) for table, number in numbered}
