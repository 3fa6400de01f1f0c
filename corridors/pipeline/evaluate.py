"""Did it help: counts on streets that were fixed before the start, and what may be said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from corridors import days
from corridors.arrays import BoolArray, IntArray
from corridors.errors import InputError
from corridors.evaluation import wording
from corridors.evaluation.cells import Cells, Days, NoFigure, Pair
from corridors.evaluation.displacement import displacement
from corridors.evaluation.exact import ExactRatio, four_cells, two_counts
from corridors.evaluation.panel import Panel, PanelFit, fit_panel, pre_trend
from corridors.evaluation.place_days import (
    LotResult,
    PlaceDays,
    carry_over,
    lot_detectable,
    lot_ratio,
)
from corridors.evaluation.power import Detectable, detectable
from corridors.evaluation.ratio import Ratio, four_cell_ratio
from corridors.evaluation.report import AreaCounts, Elsewhere, Evaluation, NamedTest
from corridors.evaluation.verdict import Design, Level, decide, level
from corridors.evaluation.wdd import wdd
from corridors.model import AREA_PARTS, Calendar, FixedAreas
from corridors.network.snapping import snap_to
from corridors.pipeline.chance import generator
from corridors.pipeline.fix_areas import settings_of
from corridors.pipeline.outcome import SPANS, Outcome, find_outcome, last_day, require_records
from corridors.pipeline.random_days import drawn_weekdays, share_of
from corridors.profile import Profile
from corridors.programme import Programme
from corridors.tables import OFFENCE_WORDS, Incidents

_LONG_BEFORE: Final = timedelta(days=365)
_TREATED, _NEAR, _FAR, _CONTROL, _NEAR_CONTROL = map(
    AREA_PARTS.index, ("treated", "near", "far", "control", "near_control")
)


@dataclass(frozen=True)
class Reports:
    """What an evaluation counts: tables.Incidents and the calendar that says when school is."""

    incidents: pd.DataFrame
    calendar: Calendar


def make_evaluation(
    programme: Programme,
    areas: FixedAreas,
    areas_sha256: str,
    reports: Reports,
    profile: Profile,
    made_on: date,
) -> Evaluation:
    """Compare a programme's streets with their controls, before and after its start.

    Parameters
    ----------
    areas : fixed before the start, EPSG:27700. areas_sha256 : of their file.
    reports : up to the day before ``made_on``.

    Raises
    ------
    InputError, CalendarError
        If the profile decides otherwise than when the areas were fixed, the programme has not
        begun, records begin later than the time before it, or a side of its start has no day to
        count.
    """
    _require_settings(areas, profile)
    until = min(made_on - timedelta(days=1), last_day(reports.incidents))
    if until < programme.starts_on:
        raise InputError(
            "there are no records from after the start yet",
            column="starts_on", value=f"{programme.starts_on:%d/%m/%Y}",
            fix=f"The last day with records is {until:%d/%m/%Y}",
        )  # fmt: skip
    require_records(programme, reports.incidents)
    counted = _count(programme, areas, reports, profile, until)
    cells = counted.cells()
    fixed_before = areas.fixed_on < programme.starts_on
    panel = counted.panel() if cells is not None else None
    fit = fit_panel(panel) if panel is not None else None
    lot = _lot(programme, counted) if programme.days == "drawn" else None
    named, test = _named_test(cells, fit, lot)
    smallest = _smallest(cells, lot, test)
    evidence = level(
        Design(
            has_before=True,
            has_control=cells is not None,
            is_comparable=counted.is_comparable,
            treated_places=len(counted.with_control),
            control_places=len(counted.with_control),
            is_randomised=lot is not None,
            fixed_before=fixed_before,
        )
    )
    is_interim = until < programme.ends_on
    verdict = decide(
        _deciding(cells, lot), smallest, test, evidence,
        claim_share=profile.evaluation.claim_share,
        corridors=len(areas.units),
        is_interim=is_interim,
    )  # fmt: skip
    difference = wdd(cells) if cells is not None else None
    alone = counted.pair(range(len(areas.units)), _TREATED, "window")
    what = _words(programme.groups)
    return Evaluation(
        programme=programme.key,
        title=programme.title,
        counted=what,
        where=wording.WHERE[programme.hours],
        before=(programme.before_from, programme.before_to),
        after=(programme.starts_on, min(until, programme.ends_on)),
        is_interim=is_interim,
        areas_fixed_on=areas.fixed_on,
        areas_sha256=areas_sha256,
        left_out=tuple(areas.units[u] for u in counted.without_control),
        by_area=counted.by_area(),
        months=counted.months(),
        cells=cells,
        alone=alone,
        alone_ratio=_alone(alone),
        smallest=smallest,
        named=named,
        test=test,
        panel=fit,
        pre_trend=pre_trend(panel) if panel is not None else None,
        four_cell=four_cell_ratio(cells) if cells is not None else None,
        exact=four_cells(cells) if cells is not None else None,
        wdd=difference,
        displacement=displacement(cells) if cells is not None else None,
        elsewhere=counted.elsewhere(),
        lot=lot.result if lot is not None else None,
        carry_over=lot.carried if lot is not None else None,
        verdict=verdict,
        sentence=_sentence(programme, what, cells, test, smallest, evidence, lot),
        claim_caution=wording.claim_caution(
            smallest, claim_share=profile.evaluation.claim_share, corridors=len(areas.units)
        ),
        cautions=_cautions(programme, counted, fixed_before, is_interim),
        scales="" if difference is None else wording.scales_caution(difference.local, test),
        undecided=counted.undecided(),
        seed=programme.seed,
    )


def _require_settings(areas: FixedAreas, profile: Profile) -> None:
    then, now = dict(areas.settings), dict(settings_of(profile))
    changed = [
        f"{name} was {then.get(name, 'not set')} and is {now.get(name, 'not set')}"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    ]
    if changed:
        raise InputError(
            f"the profile has been changed since the areas of {areas.programme} were fixed: "
            + "; ".join(changed),
            fix="Put it back as it was. What decides is set before the start: for anything else "
            "begin a new programme",
        )


# --- counting -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counted:
    """Reports by unit, part, span and piece of time; units have their own schools and days."""

    areas: FixedAreas
    outcomes: tuple[Outcome, ...]  # by unit
    segment: IntArray  # (k) in areas; -1 where no street is near
    spans: tuple[str, ...]

    @property
    def with_control(self) -> tuple[int, ...]:
        return tuple(u for u, c in enumerate(self.areas.checks) if c.has_control)

    @property
    def without_control(self) -> tuple[int, ...]:
        return tuple(u for u, c in enumerate(self.areas.checks) if not c.has_control)

    @property
    def is_comparable(self) -> bool:
        """Whether every control passed the checks when it was fixed."""
        return all(self.areas.checks[u].is_comparable for u in self.with_control)

    def here(self, unit: int, part: int) -> BoolArray:
        """(k) whether a report lies on one part of a unit."""
        at = np.maximum(self.segment, 0)
        found: BoolArray = (
            (self.segment >= 0) & (self.areas.part[at] == part) & (self.areas.unit[at] == unit)
        )
        return found

    def undecided(self) -> int:
        """Reports on patrolled and control streets with times partly in the window."""
        return sum(
            int((self.here(unit, part) & outcome.is_partly).sum())
            for unit, outcome in enumerate(self.outcomes)
            for part in (_TREATED, _CONTROL)
        )

    def by_piece(self, unit: int, part: int, span: str) -> IntArray:
        """(pieces of the unit) counts."""
        outcome = self.outcomes[unit]
        counts = self.here(unit, part) & outcome.in_span[span] & (outcome.piece >= 0)
        found: IntArray = np.bincount(outcome.piece[counts], minlength=len(outcome.pieces))
        return found

    def pair(self, units: Sequence[int], part: int, span: str, weight: float = 1.0) -> Pair:
        """Counts of several units together, with the days of one of them on average."""
        before = after = 0
        days_before = days_after = 0
        for unit in units:
            found = self.by_piece(unit, part, span)
            for piece, count in zip(self.outcomes[unit].pieces, found.tolist(), strict=True):
                if piece.is_after:
                    after, days_after = after + count, days_after + piece.days
                else:
                    before, days_before = before + count, days_before + piece.days
        mean = Days(days_before / len(units), days_after / len(units))
        return Pair(before, after, mean, weight)

    def cells(self) -> Cells | None:
        """Units with a control, together; each ring weighed by its length of street."""
        units = self.with_control
        if not units:
            return None
        metres = [sum(dict(self.areas.checks[u].metres)[p] for u in units) for p in AREA_PARTS[:-1]]
        has_rings = min(metres[_NEAR], metres[_NEAR_CONTROL]) > 0
        return Cells(
            treated=self.pair(units, _TREATED, "window"),
            control=self.pair(
                units, _CONTROL, "window", metres[_CONTROL] / metres[_TREATED]
            ),
            near=self.pair(units, _NEAR, "window") if has_rings else None,
            near_control=self.pair(
                units, _NEAR_CONTROL, "window", metres[_NEAR_CONTROL] / metres[_NEAR]
            )
            if has_rings
            else None,
        )  # fmt: skip

    def panel(self) -> Panel:
        """Patrolled and control streets of each unit by piece of time; the pieces of all units."""
        labels = sorted({p.label for u in self.with_control for p in self.outcomes[u].pieces})
        places = [(u, part) for u in self.with_control for part in (_TREATED, _CONTROL)]
        counts = np.zeros((len(places), len(labels)), dtype=np.int64)
        open_days = np.zeros(counts.shape)
        for row, (unit, part) in enumerate(places):
            found = self.by_piece(unit, part, "window")
            for piece, count in zip(self.outcomes[unit].pieces, found.tolist(), strict=True):
                counts[row, labels.index(piece.label)] = count
                open_days[row, labels.index(piece.label)] = piece.days
        return Panel(
            counts,
            open_days,
            treated=np.array([part == _TREATED for _, part in places]),
            post=np.array([label.endswith("+") for label in labels]),
        )

    def by_area(self) -> tuple[AreaCounts, ...]:
        return tuple(
            AreaCounts(
                key,
                tuple(
                    (name, self.pair([unit], part, "window"))
                    for part, (name, metres) in enumerate(self.areas.checks[unit].metres)
                    if metres > 0
                ),
            )
            for unit, key in enumerate(self.areas.units)
        )

    def months(self) -> tuple[tuple[str, int, int], ...]:
        """Each piece of time with the counts of patrolled and of control streets."""
        treated: Counter[str] = Counter()
        control: Counter[str] = Counter()
        for unit in self.with_control or range(len(self.areas.units)):
            labels = [piece.label for piece in self.outcomes[unit].pieces]
            for sums, part in ((treated, _TREATED), (control, _CONTROL)):
                for label, count in zip(labels, self.by_piece(unit, part, "window"), strict=True):
                    sums[label] += int(count)
        return tuple((label, treated[label], control[label]) for label in sorted(treated))

    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Near and far rings in the window; the patrolled streets in the hours around it."""
        units = self.with_control
        if not units:
            return ()
        looks = [
            ("near", _NEAR, _NEAR_CONTROL, "window"), ("far", _FAR, _CONTROL, "window"),
            *((span, _TREATED, _CONTROL, span) for span in self.spans if span != "window"),
        ]  # fmt: skip
        made = []
        for key, part, control, span in looks:
            cells = Cells(self.pair(units, part, span), self.pair(units, control, span))
            made.append(Elsewhere(key, cells, four_cells(cells)))
        return tuple(made)


def _count(
    programme: Programme, areas: FixedAreas, reports: Reports, profile: Profile, until: date
) -> _Counted:
    incidents = reports.incidents
    by_key = {area.key: area for area in programme.areas}
    outcomes = tuple(
        find_outcome(programme, by_key[key], incidents, reports.calendar, profile.window, until)
        for key in areas.units
    )
    snapped = snap_to(
        areas.lines, np.arange(len(areas.lines)),
        incidents[Incidents.x_m], incidents[Incidents.y_m], reach_m=profile.risk.snap_reach_m,
    )  # fmt: skip
    spans = SPANS if programme.hours == "after_school" else ("window",)
    return _Counted(areas, outcomes, snapped.segment_id, spans)


# --- what was set beforehand --------------------------------------------------------------------


@dataclass(frozen=True)
class _Lot:
    result: LotResult | NoFigure
    carried: LotResult | NoFigure


def _lot(programme: Programme, counted: _Counted) -> _Lot:
    """Days drawn "on" against days drawn "off", whatever then took place."""
    share = share_of(programme.days_share)
    urns = {area.key: area.urns for area in programme.areas}
    places = []
    for unit, key in enumerate(counted.areas.units):
        outcome = counted.outcomes[unit]
        mine = [d for d in outcome.school_days if d >= programme.starts_on]
        places.append((unit, urns[key], mine))
    rows = [(unit, at, d) for unit, _, mine in places for at, d in enumerate(mine)]

    def drawn(seed: int) -> BoolArray:
        is_on: list[bool] = []
        for _, own, mine in places:
            weeks = {m: drawn_weekdays(share, seed, own, m) for m in {_monday(d) for d in mine}}
            is_on += [d.weekday() in weeks[_monday(d)] for d in mine]
        return np.array(is_on, dtype=np.bool_)

    table = PlaceDays(
        counts=_daily(counted, places),
        is_on=drawn(programme.seed),
        place=np.array([unit for unit, _, _ in rows], dtype=np.int64),
        weekday=np.array([d.weekday() for _, _, d in rows], dtype=np.int64),
        day=np.array([at for _, at, _ in rows], dtype=np.int64),
    )
    return _Lot(
        lot_ratio(
            table, generator(programme.seed, "lot", programme.key),
            draw=lambda rng: drawn(int(rng.integers(2**31))), draws=_DRAWS,
        ),
        carry_over(table, generator(programme.seed, "carry-over", programme.key)),
    )  # fmt: skip


_DRAWS: Final = 499


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _daily(
    counted: _Counted, places: Sequence[tuple[int, tuple[str, ...], list[date]]]
) -> IntArray:
    """Reports on the patrolled streets by place and school day, in the order of ``places``."""
    found = []
    for unit, _, mine in places:
        outcome = counted.outcomes[unit]
        is_treated = counted.here(unit, _TREATED)
        here = is_treated & outcome.in_span["window"] & (outcome.piece >= 0)
        numbers, counts = np.unique(outcome.day[here], return_counts=True)
        of = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
        found += [of.get(days.day_number(d), 0) for d in mine]
    return np.array(found, dtype=np.int64)


def _named_test(
    cells: Cells | None,
    fit: PanelFit | NoFigure | None,
    lot: _Lot | None,
) -> tuple[str, NamedTest]:
    """The one test that decides, by the design alone and never by what the others say."""
    if lot is not None:
        found = lot.result
        return "days with a patrol against days without, by lot", (
            found if isinstance(found, NoFigure) else found.ratio
        )
    if cells is None or fit is None:
        return "none: nothing to compare with", NoFigure("no area has streets to compare with")
    if isinstance(fit, NoFigure):
        return "exact test of four counts, since months are too few or empty", four_cells(cells)
    return "months of all areas and their controls together", fit.ratio


def _smallest(cells: Cells | None, lot: _Lot | None, test: NamedTest) -> Detectable | NoFigure:
    if lot is not None:
        return lot.result if isinstance(lot.result, NoFigure) else lot_detectable(lot.result)
    if cells is None:
        return NoFigure("no area has streets to compare with")
    spread = test.dispersion if isinstance(test, Ratio) else 1.0
    return detectable(cells, dispersion=max(spread, 1.0))


def _deciding(cells: Cells | None, lot: _Lot | None) -> tuple[int, ...]:
    if lot is not None:
        found = lot.result
        return () if isinstance(found, NoFigure) else (found.on_count, found.off_count)
    return () if cells is None else cells.four


def _alone(pair: Pair) -> ExactRatio | NoFigure:
    """After against before on the patrolled streets alone: level 2, and never an effect."""
    return two_counts(
        pair.after, pair.before, first_exposure=pair.days.after, second_exposure=pair.days.before
    )


# --- words --------------------------------------------------------------------------------------


def _words(groups: Sequence[str]) -> str:
    named = [OFFENCE_WORDS[group] for group in groups]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _sentence(
    programme: Programme,
    what: str,
    cells: Cells | None,
    test: NamedTest,
    smallest: Detectable | NoFigure,
    evidence: Level,
    lot: _Lot | None,
) -> str:
    if lot is not None:
        return wording.lot_sentence(what, lot.result, smallest, evidence)
    if cells is None:
        return wording.NOTHING_TO_COMPARE
    return wording.result_sentence(what, cells, test, smallest, evidence, hours=programme.hours)


def _cautions(
    programme: Programme,
    counted: _Counted,
    fixed_before: bool,
    is_interim: bool,
) -> tuple[str, ...]:
    made: list[str] = []
    if is_interim:
        made.append(wording.INTERIM)
    if not fixed_before:
        made.append(wording.FIXED_LATE)
    if programme.starts_on - programme.before_from < _LONG_BEFORE:
        made.append(wording.SHORT_BEFORE)
    if counted.without_control:
        names = ", ".join(counted.areas.units[u] for u in counted.without_control)
        made.append(f"Without streets to compare with, and so left out of the comparison: {names}.")
    unlike = [u for u in counted.with_control if not counted.areas.checks[u].is_comparable]
    if unlike:
        names = ", ".join(counted.areas.units[u] for u in unlike)
        made.append(
            f"The streets that these areas are compared with are not alike enough: {names}."
        )
    return tuple(made)
