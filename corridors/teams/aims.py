"""The aim of a patrol: confirmed by a person, or suggested by the evidence (A1, A3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from corridors.profile import AimRule, Teams
from corridors.tables import OFFENCE_WORDS

# A share that only floating-point sums keep below its limit still counts.
_SHARE_SLACK: Final = 1e-9


@dataclass(frozen=True)
class AimChoice:
    """The aim of a corridor's patrols and the reason in plain words."""

    key: str
    is_confirmed: bool
    why: str


def choose_aim(
    evidence_by_group: tuple[tuple[str, float], ...],
    has_times: bool,
    confirmed: tuple[str, ...],
    profile: Teams,
) -> AimChoice:
    """Choose the one primary aim of a corridor (A1).

    A confirmed aim wins. Where schools of the corridor have confirmed different aims, the first
    counts, but not as confirmed: somebody still has to settle it. Otherwise the first rule of the
    profile whose offence groups make up its share of the evidence suggests the aim, and the
    profile's default stands where no rule does.

    Parameters
    ----------
    evidence_by_group : in-window weight (incidents) by offence group.
    has_times : whether the source has times of day. Without them no rule that needs times counts.
    confirmed : confirmed aims of the corridor's schools that have one, in order of URN.
    profile : aims and rules.

    Raises
    ------
    ProfileError
        If a confirmed aim is not in the profile.
    """
    if confirmed:
        return _confirmed(confirmed, profile)
    skipped = ""
    total = math.fsum(weight for _, weight in evidence_by_group)
    for rule in profile.aim_rules if total > 0 else ():
        share = _share(evidence_by_group, rule, total)
        if share + _SHARE_SLACK < rule.share:
            continue
        found = f"{_groups(rule)} make up {share:.0%} of the incidents counted"
        if rule.needs_times and not has_times:
            title = profile.aim(rule.aim).title
            skipped = skipped or (
                f" {found}, but the source has no times of day, so it cannot suggest: {title}."
            )
            continue
        why = f"Suggested by the evidence: {found} (the profile asks for {rule.share:.0%})."
        return AimChoice(rule.aim, is_confirmed=False, why=f"{why}{skipped} A person decides.")
    none = "no incident was counted" if total <= 0 else "no offence group reaches its share"
    why = f"The profile's default, because {none}.{skipped} A person decides."
    return AimChoice(profile.default_aim, is_confirmed=False, why=why)


def _confirmed(confirmed: tuple[str, ...], profile: Teams) -> AimChoice:
    titles = [profile.aim(key).title for key in dict.fromkeys(confirmed)]
    if len(titles) == 1:
        return AimChoice(
            confirmed[0], is_confirmed=True, why=f"Confirmed for this corridor: {titles[0]}."
        )
    why = (
        f"The schools of this corridor have different confirmed aims: {'; '.join(titles)}. "
        f"The first school's counts until they agree on one."
    )
    return AimChoice(confirmed[0], is_confirmed=False, why=why)


def _share(evidence_by_group: tuple[tuple[str, float], ...], rule: AimRule, total: float) -> float:
    return math.fsum(weight for group, weight in evidence_by_group if group in rule.groups) / total


def _groups(rule: AimRule) -> str:
    words = [OFFENCE_WORDS.get(group, group) for group in dict.fromkeys(rule.groups)]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return text[:1].upper() + text[1:]
