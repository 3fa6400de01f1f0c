"""Whether police lead or support, and which way a patrol leans (B10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from corridors.model import Staffing
from corridors.profile import Mix, Teams


@dataclass(frozen=True)
class Part:
    """The quadrant of a patrol; empty words where the profile does not record it."""

    police: str  # "lead", "support" or ""
    leaning: str  # "community_support", "enforcement" or ""


def mix_of(staffing: Staffing, profile: Teams) -> Mix | None:
    """The first mix of the aim that has the staffing's police level and that its roles fit."""
    roles = [a.role for a in staffing.people]
    for mix in profile.aim(staffing.aim).mixes:
        able = {role for need in mix.needs for role in need.roles}
        is_met = all(sum(r in need.roles for r in roles) >= need.minimum for need in mix.needs)
        if mix.police_level == staffing.police_level and set(roles) <= able and is_met:
            return mix
    return None


def part_of(staffing: Staffing, profile: Teams) -> Part:
    """What the profile says of the mix that a patrol is staffed with."""
    mix = mix_of(staffing, profile) if staffing.is_staffed else None
    return Part("", "") if mix is None else Part(mix.police_part, mix.leaning)


def support_words(staffings: Iterable[Staffing], profile: Teams) -> str:
    """The share of patrols with police in which they support rather than lead; empty if none."""
    parts = [part_of(s, profile).police for s in staffings if s.police_minutes > 0]
    if not parts:
        return ""
    said = Counter(parts)
    words = (
        f"Police are on {len(parts)} patrol{'' if len(parts) == 1 else 's'}: they support on "
        f"{said['support']} ({said['support'] / len(parts):.0%}) and lead on {said['lead']}."
    )
    return f"{words} Not recorded: {said['']}." if said[""] else words


def quadrant_words(part: Part) -> str:
    """``police support, community support``; empty if nothing is recorded."""
    police = f"police {part.police}" if part.police else ""
    return ", ".join(filter(None, (police, part.leaning.replace("_", " "))))
