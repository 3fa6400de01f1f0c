"""Hot spots, and how far the risk can be trusted, in words for a partnership meeting."""

from __future__ import annotations

from dataclasses import dataclass

from corridors.days import SLOT_MIN
from corridors.model import HotSpot, Plan, local_time
from corridors.publish.bands import small_count
from corridors.publish.wording import clean, clean_name, joined, some


@dataclass(frozen=True)
class HotSpotRow:
    """One hot spot, in bands and words."""

    hot_spot_id: str
    where: str
    reports: str
    expected: str
    times: str
    chance: str
    stability: str


@dataclass(frozen=True)
class FindingRow:
    """One line of the report on trust."""

    title: str
    words: str
    is_warning: bool


def hot_spot_rows(plan: Plan) -> list[HotSpotRow]:
    """The plan's hot spots in its order."""
    return [_row(plan, spot) for spot in plan.hot_spots]


def finding_rows(plan: Plan) -> list[FindingRow]:
    """The plan's findings in its order."""
    return [FindingRow(clean_name(f.title), clean(f.words), f.is_warning) for f in plan.findings]


def _row(plan: Plan, spot: HotSpot) -> HotSpotRow:
    names = [clean_name(name) for name in spot.street_names]
    steady = "stable" if spot.is_stable else "not stable: it cannot by itself ask for police"
    return HotSpotRow(
        hot_spot_id=clean_name(spot.hot_spot_id),
        where=some(names) or "Unnamed paths",
        reports=_reports(spot),
        expected=f"{spot.expected:.1f}",
        times=_times(plan, spot),
        chance=f"{spot.p_value:.1%} of maps of pure chance hold a place as surprising",
        stability=f"stays in {spot.stability:.0%} of re-draws: {steady}",
    )


def _reports(spot: HotSpot) -> str:
    """In bands, like every count on the page."""
    count, alike = small_count(spot.incidents), small_count(spot.effective_incidents)
    return count if alike == count else f"{count}, weighing like {alike} equal ones"


def _times(plan: Plan, spot: HotSpot) -> str:
    """The quarters of an hour that hold it, those in a row as one."""
    runs: list[list[int]] = []
    for slot in spot.slots:
        if runs and slot == runs[-1][1]:
            runs[-1][1] = slot + 1
        else:
            runs.append([slot, slot + 1])
    said = (
        f"{local_time(plan.risk_start_min + SLOT_MIN * first)} to "
        f"{local_time(plan.risk_start_min + SLOT_MIN * last)}"
        for first, last in runs
    )
    return joined(said) or "no times known"
