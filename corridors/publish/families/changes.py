"""What a new public plan leaves out of one that families were told before."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from corridors.model import PublicCorridor, PublicPlan, PublicRole


def only_drops(new: PublicPlan, old: PublicPlan) -> bool:
    """Whether ``new`` tells of nothing that ``old`` did not, and only leaves out.

    Schools, days, roles and names may go. Another street, place, line or time counts as new, and so
    does other text of a role.
    """
    return all(any(_stands_in(one, had) for had in old.corridors) for one in new.corridors)


def cancelled_schools(new: PublicPlan, old: PublicPlan, known: Container[str]) -> tuple[str, ...]:
    """Schools that were told of walks which take place no more (E7), from A to Z.

    Parameters
    ----------
    known : names of schools that the plan knows; ``old`` is a file that any hand may have written,
        so no other name is taken from it.
    """
    told = {*_schools(old), *old.cancelled_schools} - _schools(new)
    return tuple(sorted(name for name in told if name in known))


def _stands_in(new: PublicCorridor, old: PublicCorridor) -> bool:
    return (
        _frame(new) == _frame(old)
        and set(new.schools) <= set(old.schools)
        and set(new.days) <= set(old.days)
        and set(new.officer_names) <= set(old.officer_names)
        and all(_was_told(role, old) for role in new.roles)
    )


def _frame(corridor: PublicCorridor) -> PublicCorridor:
    return replace(corridor, schools=(), days=(), roles=(), officer_names=())


def _was_told(role: PublicRole, old: PublicCorridor) -> bool:
    """That everybody is in uniform again is no news to be warned of."""
    return role in old.roles or replace(role, some_out_of_uniform=True) in old.roles


def _schools(public: PublicPlan) -> set[str]:
    return {school for corridor in public.corridors for school in corridor.schools}
