"""What an evaluation found. Exact counts: for staff only; what is published goes through a door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from corridors.evaluation.cells import Cells, NoFigure, Pair
from corridors.evaluation.displacement import Displacement
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.panel import PanelFit
from corridors.evaluation.place_days import LotResult
from corridors.evaluation.power import Detectable
from corridors.evaluation.ratio import Ratio
from corridors.evaluation.verdict import Verdict
from corridors.evaluation.wdd import Wdd

NamedTest = Ratio | ExactRatio | NoFigure


@dataclass(frozen=True)
class AreaCounts:
    """Reported incidents of one area, by part of ``model.AREA_PARTS``; those that it has."""

    unit: str
    pairs: tuple[tuple[str, Pair], ...]

    def pair(self, part: str) -> Pair | None:
        """The counts of one part."""
        return dict(self.pairs).get(part)


@dataclass(frozen=True)
class Elsewhere:
    """Where and when else trouble may have gone: a look, not a test that decides anything."""

    key: str  # "near", "far", "hour_before", "hour_after", "evening"
    cells: Cells
    ratio: ExactRatio | NoFigure


@dataclass(frozen=True)
class Evaluation:
    """A programme's result, most of it for the areas together. ``None``: does not apply."""

    programme: str
    title: str
    counted: str  # classes of report, in words
    where: str  # "in the after-school window", or "at any hour"
    before: tuple[date, date]
    after: tuple[date, date]
    is_interim: bool  # the programme, or its records, have not reached its end
    areas_fixed_on: date
    areas_sha256: str
    left_out: tuple[str, ...]  # areas without a control
    by_area: tuple[AreaCounts, ...]
    months: tuple[tuple[str, int, int], ...]  # label, treated, control
    cells: Cells | None  # areas with a control, together; None if none has
    alone: Pair  # all patrolled streets
    alone_ratio: ExactRatio | NoFigure
    smallest: Detectable | NoFigure
    named: str  # which test was set beforehand, and why
    test: NamedTest
    panel: PanelFit | NoFigure | None
    pre_trend: PanelFit | NoFigure | None
    four_cell: Ratio | NoFigure | None
    exact: ExactRatio | NoFigure | None
    wdd: Wdd | None
    displacement: Displacement | None
    elsewhere: tuple[Elsewhere, ...]
    lot: LotResult | NoFigure | None
    carry_over: LotResult | NoFigure | None
    verdict: Verdict
    sentence: str
    claim_caution: str
    cautions: tuple[str, ...]
    undecided: int  # reports whose times lie partly in the hours that count
    seed: int
