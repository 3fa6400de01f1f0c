"""A programme's evaluation for staff: one page and the same as data. OFFICIAL-SENSITIVE."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from corridors import __version__, files
from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure, Pair
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.panel import PanelFit
from corridors.evaluation.place_days import LotResult
from corridors.evaluation.ratio import Ratio
from corridors.evaluation.report import Evaluation
from corridors.evaluation.wdd import Difference
from corridors.model import PublicChart, PublicColumn, PublicMark, PublicTable
from corridors.programme import KEY
from corridors.publish.cards import MARKING
from corridors.publish.pack.charts import chart_svg
from corridors.publish.pages import asset, render
from corridors.publish.plan_json import stable
from corridors.publish.wording import clean_name
from corridors.publish.working_map import CAUTION

PAGE_FILE: Final = "evaluation_OS.html"
DATA_FILE: Final = "evaluation_OS.json"
FORMAT: Final = 1
LOOKS: Final = {
    "near": "Streets near by, in the same hours",
    "far": "Streets farther away, in the same hours",
    "hour_before": "The same streets, the hour before",
    "hour_after": "The same streets, the hour after",
    "evening": "The same streets, 6pm to 8pm",
}
PARTS: Final = {
    "treated": "Streets of the programme",
    "control": "Streets to compare with",
    "near": "Near the programme",
    "near_control": "Near the streets to compare with",
    "far": "Farther from the programme",
}

Figure = Ratio | ExactRatio | PanelFit | LotResult | NoFigure | None


def write_evaluation(found: Evaluation, root: Path) -> tuple[Path, ...]:
    """Write the page and the data of an evaluation: both or none.

    Files go to ``maps/working/evaluation/<programme>`` of the workspace ``root``, for their owner.

    Raises
    ------
    InputError
        If the programme's key may not name a folder, a link would lead the files out of the
        workspace, or another run is writing this evaluation.
    """
    if not KEY.fullmatch(found.programme):
        raise InputError("is no key of a programme", value=found.programme)
    made = {
        PAGE_FILE: evaluation_page(found).encode("utf-8"),
        DATA_FILE: evaluation_json(found),
    }
    target = files.folder_inside(root, "maps", "working", "evaluation", found.programme)
    lock = files.folder_inside(root, "maps") / f".evaluation-{found.programme}.lock"
    files.replace_folder(target, made, lock, is_private=True)
    return tuple(target / name for name in made)


def evaluation_json(found: Evaluation) -> bytes:
    """UTF-8 JSON, sorted keys; no clock, no machine. A figure that there is not says why."""
    data = {
        "marking": MARKING,
        "format": FORMAT,
        "version": __version__,
        **{name: _plain(getattr(found, name)) for name in vars(found)},
    }
    text = json.dumps(stable(data), sort_keys=True, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else _each(value)


def _each(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, tuple) else value


def evaluation_page(found: Evaluation) -> str:
    """The page: what could have been seen, then what was, then all figures."""
    table = _ratio_table(found)
    return render(
        "evaluation.html",
        style=f"{asset('working_map.css')}\n{asset('backtest.css')}\n{asset('evaluation.css')}",
        marking=MARKING,
        caution=CAUTION,
        version=__version__,
        found=found,
        title=clean_name(found.title),
        before=_span(found.before),
        after=_span(found.after),
        smallest=smallest_words(found),
        verdict=verdict_words(found),
        chart=Markup(chart_svg(table, 1)) if table.charts[0].marks else None,  # noqa: S704 - ours
        ratios=table,
        areas=[
            (area.unit, [(PARTS[name], pair, pair_words(pair)) for name, pair in area.pairs])
            for area in found.by_area
        ],
        differences=_differences(found),
        displacement=_displacement(found),
        months=found.months,
    )


def smallest_words(found: Evaluation) -> str:
    """The smallest change that could have been seen, a sentence."""
    if isinstance(found.smallest, NoFigure):
        return f"What change could have been seen is not known: {found.smallest.because}."
    return (
        f"The smallest change that could have been seen is {found.smallest.share:.0%} "
        f"({found.smallest.crimes:.1f} reports)."
    )


def verdict_words(found: Evaluation) -> str:
    """Whether this may be called an effect, a sentence."""
    if not found.verdict.is_effect:
        return "This may not be called an effect."
    return (
        f"Reports {found.verdict.direction} by more than chance explains. This does not show why."
    )


def ratio_words(figure: Figure) -> str:
    """A ratio with its interval, or why there is none."""
    if figure is None:
        return "–"
    if isinstance(figure, NoFigure):
        return f"none: {figure.because}"
    ratio = figure.ratio if isinstance(figure, (PanelFit, LotResult)) else figure
    return f"{ratio.ratio:.2f} ({ratio.low:.2f} to {ratio.high:.2f}), p = {ratio.p:.3f}"


def pair_words(pair: Pair) -> str:
    """Counts with the days that they were made over."""
    return f"{pair.before} on {pair.days.before:g} days, then {pair.after} on {pair.days.after:g}"


def _span(days: Iterable[Any]) -> str:
    first, last = days
    return f"{first:%d/%m/%Y} to {last:%d/%m/%Y}"


def _ratio_table(found: Evaluation) -> PublicTable:
    """Every ratio, the named test first; its chart leaves out those that there are not."""
    rows: list[tuple[str, Figure]] = [(f"Named before: {found.named}", found.test)]
    if found.lot is not None:
        rows.append(("Days drawn by lot", found.lot))
        rows.append(("Days without a patrol: after one with, against after one without",
                     found.carry_over))  # fmt: skip
    rows += [
        ("Four counts, usual interval", found.four_cell),
        ("Four counts, exact interval", found.exact),
        ("Before the start alone, as if it had begun earlier", found.pre_trend),
        ("Streets of the programme alone, nothing compared", found.alone_ratio),
        *((LOOKS[look.key], look.ratio) for look in found.elsewhere),
    ]
    shown = [(label, ratio_words(figure)) for label, figure in rows if figure is not None]
    marks = tuple(
        PublicMark(label, r.ratio, r.low, r.high, ratio_words(figure))
        for label, figure in rows
        if (r := _drawn(figure)) is not None
    )
    return PublicTable(
        key="ratios",
        title="Ratios",
        kind="impact",
        about="",
        columns=(
            PublicColumn("comparison", "Comparison", "What was compared.", "text"),
            PublicColumn("ratio", "Ratio (95 % interval)", "After to before.", "figure"),
        ),
        rows=tuple(shown),
        charts=(
            PublicChart(
                "intervals", "Change beside other streets", "ratio; 1 is no change",
                marks, reference=1.0, is_log=True,
            ),
        ),
    )  # fmt: skip


_WIDEST: Final = 1000.0  # a ratio or an end beyond this, or its inverse, is not drawn


def _drawn(figure: Figure) -> Ratio | ExactRatio | None:
    if figure is None or isinstance(figure, NoFigure):
        return None
    ratio = figure.ratio if isinstance(figure, (PanelFit, LotResult)) else figure
    ends = (ratio.ratio, ratio.low, ratio.high)
    return ratio if all(1 / _WIDEST <= end <= _WIDEST for end in ends) else None


def _differences(found: Evaluation) -> list[tuple[str, str]]:
    if found.wdd is None:
        return []
    names = (("Streets of the programme", found.wdd.local), ("Near by", found.wdd.displacement),
             ("Together", found.wdd.total))  # fmt: skip
    return [(name, _difference_words(figure)) for name, figure in names]


def _difference_words(figure: Difference | NoFigure) -> str:
    if isinstance(figure, NoFigure):
        return f"none: {figure.because}"
    return (
        f"{figure.value:+.1f} (standard error {figure.se:.1f}; 90 % interval {figure.low:+.1f} to "
        f"{figure.high:+.1f})"
    )


def _displacement(found: Evaluation) -> list[tuple[str, str]]:
    moved = found.displacement
    if moved is None:
        return []
    return [
        ("Gross effect (GE)", _number(moved.gross, ".1f")),
        ("Net effect (NE)", _number(moved.net, ".3f")),
        ("Weighted displacement quotient (WDQ)", _number(moved.wdq, ".3f")),
        ("Total net effect (TNE)", _number(moved.total_net, ".1f")),
    ]


def _number(value: float | NoFigure, form: str) -> str:
    return f"none: {value.because}" if isinstance(value, NoFigure) else format(value, form)
