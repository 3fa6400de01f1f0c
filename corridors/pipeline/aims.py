"""What a corridor's patrols are for."""

from __future__ import annotations

from corridors.model import Corridor
from corridors.pipeline.ground import Ground
from corridors.tables import ConfirmedAims
from corridors.teams.aims import AimChoice, AimEvidence, choose_aim


def corridor_aim(ground: Ground, corridor: Corridor, *, has_stable_hot_spot: bool) -> AimChoice:
    """The aim that a person confirmed for a corridor, or that its evidence suggests (A1)."""
    aims = ground.inputs.aims
    confirmed = tuple(str(aims.at[u, ConfirmedAims.aim]) for u in corridor.urns if u in aims.index)
    seen = AimEvidence(
        by_group=corridor.evidence.by_group,
        has_times=corridor.evidence.has_times,
        has_stable_hot_spot=has_stable_hot_spot,
    )
    return choose_aim(seen, confirmed, ground.profile.teams)


def police_may_walk(ground: Ground, corridor: Corridor) -> bool:
    """Whether police may be on the corridor with its patrols, before people are found.

    They may if any mix of the corridor's aim has police on the corridor, beside the team or near
    it. Routes come before hot spots are judged; so where no aim is confirmed, both aims count: with
    a stable hot spot and without.
    """
    keys = {
        corridor_aim(ground, corridor, has_stable_hot_spot=found).key for found in (False, True)
    }
    return any(mix.police_walk for key in keys for mix in ground.profile.teams.aim(key).mixes)
