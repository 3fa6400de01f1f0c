"""How many patrols families were told of in time, by the notices that stand (D.1)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from corridors.model import Planned, PublicPlan
from corridors.publish.families.data import read_notice_json


def told_in_time(planned: Planned, root: Path) -> tuple[int, int]:
    """Patrols that a notice announced in time, of all that had people.

    A notice that came late says so itself. A patrol counts as announced if its week's notice has
    its day; one whose notice is missing or damaged does not.

    Parameters
    ----------
    root : the workspace, whose ``maps/public`` has the notices.
    """

    @cache
    def notice(ward: str, week: str) -> PublicPlan | None:
        return read_notice_json(root / "maps" / "public" / ward / week)

    staffed = [patrol for patrol in planned.patrols if patrol.is_staffed]
    announced = 0
    for patrol in staffed:
        found = notice(patrol.ward, patrol.week)
        if found is not None and not found.is_unannounced:
            announced += any(patrol.day in corridor.days for corridor in found.corridors)
    return announced, len(staffed)
