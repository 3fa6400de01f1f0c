"""What an evaluation found. Exact counts: for staff only; what is published goes through a door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pandas as pd

from corridors.evaluation.cells import Cells, NoFigure, Pair
from corridors.evaluation.displacement import Displacement
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.fairness import Disparity, Service
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
    scales: str  # beside the difference and the ratio; shows the sign of exact counts
    undecided: int  # reports on the streets compared, partly in the hours that count
    seed: int


@dataclass(frozen=True)
class GroupRatio:
    """A ratio of fairness and what has to stand beside it."""

    dimension: str  # "fsm", "ethnicity", …; see tables.PUPIL_GROUPS
    disparity: Disparity
    group_people: int
    reference_people: int
    group_count: int | None  # encounters; None for exposure
    reference_count: int | None
    not_recorded: tuple[int, int]  # people whose group nobody wrote down, of so many

    @property
    def needs_review(self) -> bool:
        """Whether a named person has to look at it before anything is published.

        A handful of encounters fewer than the reference has is no finding; a handful more may be.
        """
        is_handful = self.group_count is not None and self.group_count < _HANDFUL
        is_far = self.disparity.reading == "review before publication"
        return is_far and not (is_handful and self.disparity.ratio < 1)


_HANDFUL: Final = 5


@dataclass(frozen=True)
class Touched:
    """Whom police presence and encounters touched in a quarter. Exact: for staff only."""

    ratios: tuple[GroupRatio, ...]
    figures_sha256: str  # what a person's review refers to
    schools: Service | None  # patrol minutes by school (C10)
    area_minutes: pd.Series[Any] | None  # police minutes per 1,000 residents 10-17, by area code
    area_residents: pd.Series[Any] | None
    top_share: float | None  # of police minutes, in the tenth of areas that had most
    encounters: pd.DataFrame | None  # (kind, ethnic group) counts of those aged 10 to 17
    no_further_action: dict[str, tuple[int, int]]  # of kind: led to nothing, of so many known
    patrols: dict[str, int]  # by state: done, shortened, cancelled, not_debriefed
    contacts: dict[str, int]  # by kind, of all debriefs of the quarter
    hours_by_role: dict[str, float]  # of all debriefs of the quarter
    police_minutes: float
    abstraction: tuple[int, int]  # person-patrols lost, of so many told
    repeat_share: float | None  # same people as the week before (C11)
    # Of kind: of somebody counted already, of so many known.
    repeats: dict[str, tuple[int, int]] = field(default_factory=dict)
    # By dimension: schools whose groups are not known, so that no ratio counts them.
    left_out: dict[str, int] = field(default_factory=dict)
    # By URN, of schools without minutes: "no_plan", "not_planned" or "not_walked".
    why_none: dict[str, str] = field(default_factory=dict)
    without_plan: int = 0  # debriefs whose patrol is in no plan that can be read
    unreadable: tuple[str, ...] = ()  # plans of earlier formats, "<ward> <week>"
    without_protocol: int = 0  # patrols that took place without an agreed protocol (B2)

    @property
    def to_review(self) -> tuple[GroupRatio, ...]:
        """Ratios that a named person has to review before anything is published."""
        return tuple(r for r in self.ratios if r.needs_review)
