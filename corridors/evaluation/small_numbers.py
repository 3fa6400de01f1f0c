"""What a count is shown as, and what that tells: the rules of C.4, cell by cell.

A public cell holds words, never its count. ``meaning`` is the other way round: every count that
the words may stand for. Disclosure control is solved with exactly these meanings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from corridors.errors import InputError, ProfileError

Kind = Literal["number", "zero", "few", "hidden"]

STEP: Final = 5  # counts are shown to the nearest
LEAST: Final = 5  # no profile may go below
LEAST_GROUP: Final = 30  # people, or whatever a rate is out of
HIDDEN: Final = "not shown"
NOT_ENOUGH: Final = "not enough data"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Rule:
    """From which count on a number is shown, and what stands for fewer.

    ``mark`` is for health-type data (`*`); empty: "fewer than 5". ``group`` is how many people a
    rate or ratio must be out of.

    Raises
    ------
    ProfileError
        If ``k`` is lower than 5 or ``group`` lower than 30.
    """

    k: int = LEAST
    mark: str = ""
    group: int = LEAST_GROUP

    def __post_init__(self) -> None:
        for what, least, value in (
            ("counts", LEAST, self.k),
            ("rates of groups", LEAST_GROUP, self.group),
        ):
            if value < least:
                raise ProfileError(
                    f"{what} under {least} must not be shown",
                    value=value,
                    fix=f"Give {least} or more: a profile may raise the limit, never lower it",
                )
        if self.mark and (_NUMBER.fullmatch(self.mark) or self.mark in ("0", HIDDEN)):
            raise ProfileError(
                "the mark of a small number reads as something else", value=self.mark
            )

    @property
    def few(self) -> str:
        """The words for 1 to ``k - 1``."""
        return self.mark or f"fewer than {self.k}"

    @property
    def first(self) -> int:
        """The least number that is shown: never one that the words "fewer than" speak of."""
        return STEP * math.ceil(self.k / STEP)


HEALTH: Final = Rule(8, "*")  # injury data of ambulance or NHS: 1 to 7 are `*`


@dataclass(frozen=True)
class PublicCell:
    """What the public sees of one count or total."""

    kind: Kind
    words: str


NOT_SHOWN: Final = PublicCell("hidden", HIDDEN)


def shown(count: int, rule: Rule) -> PublicCell:
    """A count in words: 0, "fewer than 5", or the nearest 5."""
    if count == 0:
        return PublicCell("zero", "0")
    if count < rule.k:
        return PublicCell("few", rule.few)
    return PublicCell("number", str(max(rule.first, STEP * ((count + STEP // 2) // STEP))))


def meaning(cell: PublicCell, rule: Rule) -> tuple[int, float]:
    """Least and greatest count that the cell may stand for; infinite if it is hidden.

    A hidden cell may be anything, 0 and 1 to 4 too: the mark does not tell which cell was small
    and which was hidden for another's sake.
    """
    if cell.kind == "hidden":
        return 0, math.inf
    if cell.kind == "zero":
        return 0, 0
    if cell.kind == "few":
        return 1, rule.k - 1
    number, half = int(cell.words), STEP // 2
    return (rule.k if number == rule.first else number - half), number + half


def read_cell(words: str, rule: Rule) -> PublicCell:
    """The cell that ``words`` were written for: the way back from an earlier pack.

    Raises
    ------
    InputError
        If nothing is shown in these words under this rule.
    """
    if words == HIDDEN:
        return NOT_SHOWN
    if words == "0":
        return PublicCell("zero", words)
    if words == rule.few:
        return PublicCell("few", words)
    if _NUMBER.fullmatch(words) and int(words) % STEP == 0 and int(words) >= rule.first:
        return PublicCell("number", words)
    raise InputError(
        "a cell of an earlier pack reads as no count",
        value=words,
        fix=f"It should be 0, {rule.few}, {HIDDEN} or a multiple of {STEP} from {rule.first} on",
    )


# --- ratios ---------------------------------------------------------------------------------------


def is_enough(numerator: int, denominator: int, rule: Rule) -> bool:
    """Whether a share of these may be shown.

    Not with a numerator under ``k`` or a denominator under ``group``. Nor where 1 to ``k - 1`` are
    left over: "96 % of 50" says that two were not.
    """
    left = denominator - numerator
    return numerator >= rule.k and denominator >= rule.group and not 0 < left < rule.k


def share_words(
    numerator: int, denominator: int, rule: Rule, *, cells: Iterable[PublicCell] = ()
) -> str:
    """A share as a whole percentage, or "not enough data".

    Parameters
    ----------
    cells : the public cells of the two counts. A share says more than the cells that it is made
        of, so there is none where one of them is not a number.
    """
    if not is_enough(numerator, denominator, rule) or _any_small(cells):
        return NOT_ENOUGH
    return f"{(200 * numerator + denominator) // (2 * denominator)} %"


def rate_ratio_words(
    ratio: float,
    of: tuple[int, int],
    to: tuple[int, int],
    rule: Rule,
    *,
    cells: Iterable[PublicCell] = (),
) -> str:
    """A ratio of two rates with two decimals, or "not enough data".

    Parameters
    ----------
    of, to : numerator and denominator of the group, and of those it is held against.
    """
    if not (is_enough(*of, rule) and is_enough(*to, rule)) or _any_small(cells):
        return NOT_ENOUGH
    return f"{ratio:.2f}"


def _any_small(cells: Iterable[PublicCell]) -> bool:
    return any(cell.kind in ("few", "hidden") for cell in cells)
