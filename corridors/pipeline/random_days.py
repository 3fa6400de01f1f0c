"""Which days each corridor is patrolled, by lot, so that patrols can be evaluated fairly later.

Every weekday of a corridor is patrolled in just ``a`` of each ``b`` weeks, and every week has as
many patrol days as the next, give or take one. The lot hangs on the seed, the corridor's schools
and the block of weeks alone: not on risk, on other corridors or on the order of wards. Days
without a patrol are the control days; they are told to staff, and never published. An evaluation
compares days by what was drawn, whether or not a patrol then took place (intention to treat).
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from corridors.errors import InputError
from corridors.model import ControlDay, Corridor
from corridors.pipeline.chance import generator

WEEKDAYS: Final = 5
LONGEST_BLOCK: Final = 6  # weeks
_CLOSE: Final = Fraction(1, 200)  # 0.33 is a third


def share_of(share: float) -> Fraction:
    """The share as so many of so many weeks.

    Raises
    ------
    InputError
        If no block of at most six weeks has just this share; names the nearest that has one.
    """
    known = sorted({Fraction(a, b) for b in range(1, LONGEST_BLOCK + 1) for a in range(1, b + 1)})
    wanted = Fraction(share).limit_denominator(10_000)
    near = min(known, key=lambda f: (abs(f - wanted), f))
    if abs(near - wanted) > _CLOSE:
        raise InputError(
            f"no block of up to {LONGEST_BLOCK} weeks can patrol every weekday on just this share "
            "of its weeks",
            column="--randomise-days",
            value=f"{share:g}",
            fix=f"The nearest that works is {float(near):.3g}, which is {near.numerator} of every "
            f"{near.denominator} weeks",
        )
    return near


def drawn_weekdays(share: Fraction, seed: int, urns: tuple[str, ...], day: date) -> frozenset[int]:
    """Weekdays (Monday is 0) on which a corridor is patrolled in the week of ``day``.

    Weekdays in a random order are dealt to the weeks of the block one after another, ``a`` weeks
    each; then the weeks are shuffled. So every weekday has ``a`` weeks, and weeks differ by one
    day at most.

    Parameters
    ----------
    share : ``a`` of ``b`` weeks, from ``share_of``.
    urns : the corridor's schools, in any order.
    """
    in_block = share.denominator
    monday = day - timedelta(days=day.weekday())
    block, position = divmod(monday.toordinal() // 7, in_block)
    key = f"{' '.join(sorted(urns))}|{share}|{block}"
    rng = generator(seed, "patrol days", key)
    weekdays, weeks = rng.permutation(WEEKDAYS), rng.permutation(in_block)
    return frozenset(
        int(weekday)
        for dealt, weekday in enumerate(weekdays)
        for turn in range(share.numerator)
        if weeks[(dealt * share.numerator + turn) % in_block] == position
    )


def split_by_lot(
    corridors: tuple[Corridor, ...], day: date, share: float, seed: int
) -> tuple[tuple[Corridor, ...], tuple[Corridor, ...]]:
    """Corridors that are patrolled on a day, and those for which it is a control day.

    Raises
    ------
    InputError
        As ``share_of``.
    """
    wanted = share_of(share)
    drawn = {
        c.corridor_id
        for c in corridors
        if wanted == 1 or day.weekday() in drawn_weekdays(wanted, seed, c.urns, day)
    }
    return (
        tuple(c for c in corridors if c.corridor_id in drawn),
        tuple(c for c in corridors if c.corridor_id not in drawn),
    )


def control_words(control: tuple[ControlDay, ...], share: float) -> tuple[str, ...]:
    """One sentence for staff; nothing if no day was drawn."""
    if not control:
        return ()
    days = "; ".join(f"{c.corridor_id} on {c.day:%d/%m/%Y}" for c in control)
    words = (
        f"Days are drawn by lot, {share:.0%} of each weekday, so that patrols can be evaluated "
        f"fairly later. No patrol, and none in its place: {days}. Keep this list from the public."
    )
    return (words,)
