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


@dataclass(frozen=True)
class AimEvidence:
    """What the records say about a corridor, as far as it bears on the aim."""

    by_group: tuple[tuple[str, float], ...]  # in-window weight by offence group
    has_times: bool
    has_stable_hot_spot: bool


def choose_aim(evidence: AimEvidence, confirmed: tuple[str, ...], profile: Teams) -> AimChoice:
    """Choose the one primary aim of a corridor (A1).

    A confirmed aim wins. Where schools of the corridor have confirmed different aims, the first
    counts, but not as confirmed: somebody still has to settle it. Otherwise the first rule of the
    profile whose offence groups make up its share of the evidence suggests the aim, and the
    profile's default stands where no rule does.

    Parameters
    ----------
    evidence : without times of day no rule that needs times counts, and without a stable hot spot
        no rule that needs one.
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
    total = math.fsum(weight for _, weight in evidence.by_group)
    for rule in profile.aim_rules if total > 0 else ():
        share = _share(evidence.by_group, rule, total)
        if share + _SHARE_SLACK < rule.share:
            continue
        found = f"{_groups(rule)} make up {share:.0%} of the incidents counted"
        lacking = _lacking(rule, evidence)
        if lacking:
            title = profile.aim(rule.aim).title
            skipped = skipped or f" {found}, but {lacking}, so it cannot suggest: {title}."
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


def _lacking(rule: AimRule, evidence: AimEvidence) -> str:
    """What the rule needs and the evidence has not, in words; empty if nothing."""
    if rule.needs_times and not evidence.has_times:
        return "the source has no times of day"
    if rule.needs_hot_spot and not evidence.has_stable_hot_spot:
        return "no stable hot spot lies on the corridor"
    return ""


def _share(evidence_by_group: tuple[tuple[str, float], ...], rule: AimRule, total: float) -> float:
    return math.fsum(weight for group, weight in evidence_by_group if group in rule.groups) / total


def _groups(rule: AimRule) -> str:
    words = [OFFENCE_WORDS.get(group, group) for group in dict.fromkeys(rule.groups)]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return text[:1].upper() + text[1:]
