"""Why patrols that could each be staffed cannot all be: a smallest set of rules that clash.

The rules are "this patrol goes out", "nobody is in two places at one time on that day", "nobody
has more than so many patrols", "... days", "no officer has more than so many schools". A set that
no roster can keep is made smaller by leaving out one rule after another, as long as what is left
still clashes [1]_. In the end every single rule is needed: without any one of them there would be
a roster. Rules of the whole week are tried first, then patrols of other days, so that what is
left is as near to the patrol as it can be. It names patrols and rules, never a person.

References
----------
.. [1] Chinneck and Dravnieks (1991), Locating minimal infeasible constraint sets in linear
   programs. ORSA Journal on Computing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ortools.sat.python import cp_model

from corridors.profile import Teams
from corridors.teams.clashes import DAY_NAMES, clash
from corridors.teams.mixes import roles_in_words
from corridors.teams.needs import PatrolNeed
from corridors.teams.program import Asked, Choice, build_switched, shuffled
from corridors.teams.search import Effort, solver_for

# So many patrols are looked into; for more the reason would be read by nobody.
_MOST_TOLD: Final = 8
_LIMIT_S: Final = 2.0  # deterministic, for one question


@dataclass(frozen=True)
class Crowded:
    """A smallest set of clashing rules: other patrols, and rules in words, both in order."""

    patrol_ids: tuple[str, ...]
    rules: tuple[str, ...]
    roles: str  # whom the patrols of the clash compete for

    @property
    def words(self) -> str:
        """A sentence or two for the planner."""
        others = ", ".join(self.patrol_ids)
        with_others = f" together with {others}" if others else ""
        rules = "; ".join(self.rules)
        under = f" while {rules}" if rules else ""
        return (
            f"The smallest clash: this patrol cannot go out{with_others}{under}. They want a "
            f"{self.roles}. Were any one of these given up, there would be a way."
        )


def crowded_out(asked: Asked, choices: Sequence[Choice], seed: int) -> dict[str, Crowded]:
    """The clash of every patrol that people would do for, if other patrols were not there.

    Parameters
    ----------
    choices : the roster, in the order of ``asked.needs``.

    Returns
    -------
    By patrol id. A patrol that a single-patrol clash explains, or whose clash was not proven in
    time, is not in it.
    """
    found: dict[str, Crowded] = {}
    drawn = {n.patrol_id: c for n, c in zip(asked.needs, choices, strict=True)}
    staffed = tuple(n for n in asked.needs if drawn[n.patrol_id].mix is not None)
    left = sorted(
        (n for n in asked.needs if drawn[n.patrol_id].mix is None), key=lambda n: n.patrol_id
    )
    for need in [n for n in left if _could_walk(n, asked)][:_MOST_TOLD]:
        clashing = _smallest(replace(asked, needs=(need, *staffed)), need, seed)
        if clashing is not None:
            found[need.patrol_id] = clashing
    return found


def _could_walk(need: PatrolNeed, asked: Asked) -> bool:
    mixes = asked.profile.aim(need.aim_key).mixes
    return any(clash(need, mix, asked.people, asked.profile) is None for mix in mixes)


def _smallest(asked: Asked, need: PatrolNeed, seed: int) -> Crowded | None:
    asked = shuffled(asked, seed)
    program, switches = build_switched(asked)
    goes_out = {}
    for k, one in enumerate(asked.needs):
        mixes = [m for (j, _), m in program.mixes.items() if j == k]
        if one.patrol_id == need.patrol_id:
            program.model.add_bool_or(mixes)
            continue
        goes_out[one] = program.model.new_bool_var("")
        program.model.add_bool_or([goes_out[one].negated(), *mixes])
    week = [switches.patrols, switches.days, switches.schools]
    far = sorted(goes_out, key=lambda n: (n.day == need.day, n.day, n.patrol_id))
    order = [*week, *(switches.times[d] for d in sorted(switches.times) if d != need.day)]
    order += [goes_out[n] for n in far]
    if need.day in switches.times:
        order.append(switches.times[need.day])
    kept = _filtered(program.model, order, seed)
    if kept is None:
        return None
    chosen = {literal.index for literal in kept}
    others = [n for n in goes_out if goes_out[n].index in chosen]
    rules = _week_words(asked.profile, [literal.index in chosen for literal in week])
    rules += [
        f"nobody is in two places at one time on {DAY_NAMES[day.weekday()]}"
        for day, literal in sorted(switches.times.items())
        if literal.index in chosen
    ]
    return Crowded(
        tuple(sorted(n.patrol_id for n in others)), tuple(rules), _roles([need, *others], asked)
    )


def _filtered(model: Any, order: list[Any], seed: int) -> list[Any] | None:
    """The rules of ``order`` that are left when none can be left out; None if unproven."""
    kept = _core(model, order, order, seed)
    if kept is None:
        return None
    for literal in order:
        if all(literal.index != k.index for k in kept):
            continue
        fewer = [k for k in kept if k.index != literal.index]
        kept = _core(model, fewer, order, seed) or kept if fewer else kept
    return kept


def _core(model: Any, rules: list[Any], order: list[Any], seed: int) -> list[Any] | None:
    """Rules of ``rules``, in their order, that clash; None if all can be kept, or unproven."""
    model.clear_assumptions()
    model.add_assumptions(rules)
    solver = solver_for(_LIMIT_S, Effort(seed))
    if solver.solve(model) != cp_model.INFEASIBLE:
        return None
    core = set(solver.sufficient_assumptions_for_infeasibility())
    return [r for r in order if r.index in core] if core else list(rules)


def _week_words(profile: Teams, is_kept: list[bool]) -> list[str]:
    words = (
        f"nobody has more than {profile.max_patrols_per_person} patrols in the week",
        f"nobody walks on more than {profile.max_days_per_person} days",
        f"no school-linked officer has more than {profile.schools_per_officer} schools",
    )
    return [text for text, kept in zip(words, is_kept, strict=True) if kept]


def _roles(needs: list[PatrolNeed], asked: Asked) -> str:
    found = {
        role
        for need in needs
        for mix in asked.profile.aim(need.aim_key).mixes
        for one in mix.needs
        if one.minimum
        for role in one.roles
    }
    return roles_in_words(sorted(found), asked.profile)
