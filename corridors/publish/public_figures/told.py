"""All that a publication pack is made of: exact figures, for staff only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from corridors.evaluation.disclosure import Earlier
from corridors.evaluation.report import Evaluation, Touched
from corridors.model import Decision, EvaluationRecords, FixedAreas, SourceRecord
from corridors.profile import Profile
from corridors.programme import Programme


@dataclass(frozen=True)
class Evaluated:
    """A programme, the areas fixed for it, and its result so far; None if it has none yet."""

    programme: Programme
    areas: FixedAreas | None
    found: Evaluation | None


@dataclass(frozen=True)
class Told:
    """All that a pack is made of. Exact: for staff only."""

    quarter: str
    issued_on: date
    version: int
    area: str
    programmes: tuple[Evaluated, ...]
    finished: tuple[tuple[str, str], ...]  # title of others, and quarter whose pack has the result
    touched: Touched
    in_time: tuple[int, int]  # patrols announced in time, of so many
    records: EvaluationRecords
    decisions: tuple[Decision, ...]
    sources: tuple[SourceRecord, ...]
    profile: Profile
    earlier: Mapping[str, tuple[Earlier, ...]]  # all that told of the same cells, oldest first
    corrections: tuple[str, ...] = ()


def quarter_days(quarter: str) -> tuple[date, date]:
    """First and last day of ``2026-Q1``."""
    year, number = int(quarter[:4]), int(quarter[-1])
    first = date(year, 3 * number - 2, 1)
    after = date(year + number // 4, 3 * number % 12 + 1, 1)
    return first, after - timedelta(days=1)


def result_of(each: Evaluated) -> Evaluation | None:
    """A programme's result if it is published: only once the end that was set has come."""
    found = each.found
    if found is None or found.is_interim:
        return None
    return found if found.cells is not None or found.lot is not None else None
