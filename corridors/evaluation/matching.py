"""Streets to compare with: like enough, far enough, chosen before anybody knows the outcome (D.5).

Matching on counts draws both sides from the high end, where a programme's streets are drawn from
too; so what falls back to the usual falls back on both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.arrays import FloatArray

BLOCKS: Final = 4  # of equal length, that the time before is cut into
WANTED_BLOCKS: Final = 3  # of them, in which counts have to be like
LIKE_SHARE: Final = 0.25
LEAST_OF_CLASS: Final = 0.5  # of its length of the same classes of street
MOST_FLOW_RATIO: Final = 2.0  # of pupils who walk by, either way
REFUSE_BELOW: Final = 0.5  # times the treated baseline
REFUSE_ABOVE: Final = 2.0


@dataclass(frozen=True)
class Streets:
    """What is compared of some streets, taken together."""

    counts: tuple[int, ...]  # of the outcome in each block before the start
    length_m: float
    class_share: tuple[float, ...]  # of its length, by class of street; the same classes for all
    flow: float  # pupils who walk by, mean over its length

    @property
    def total(self) -> int:
        """The outcome's count in the whole time before."""
        return sum(self.counts)


@dataclass(frozen=True)
class Match:
    """How like some streets are to a programme's own."""

    like_blocks: int  # blocks whose counts lie within 25 %; none where there is nothing to count
    has_class: bool  # most of its length is of the same classes of street
    has_flow: bool  # about as many pupils walk by
    is_refused: bool  # less than half, or more than twice, the treated baseline
    distance: float  # smaller is more alike

    @property
    def is_comparable(self) -> bool:
        """Whether level 3 can be reached: like in counts, class of street and flow."""
        is_like = self.like_blocks >= WANTED_BLOCKS and self.has_class and self.has_flow
        return is_like and not self.is_refused

    @property
    def words(self) -> str:
        """For staff, a clause."""
        if self.is_refused:
            return "its count before is less than half or more than twice the patrolled streets'"
        return (
            f"its counts before are within {LIKE_SHARE:.0%} of the patrolled streets' in "
            f"{self.like_blocks} of {BLOCKS} parts of the time before"
            + ("" if self.has_class else "; most of it is of another class of street")
            + ("" if self.has_flow else "; far more or fewer pupils walk there")
        )


def match(treated: Streets, other: Streets) -> Match:
    r"""Compare the time before.

    .. math:: d = \sum_b |\ln \tfrac{o_b + 1}{t_b + 1}| + \tfrac12 \sum_c |o_c - t_c|
              + \tfrac12 |\ln \tfrac{f_o + 1}{f_t + 1}|

    over blocks b of time, shares of length by class c, and mean pupil flow f.

    Parameters
    ----------
    treated, other : with the same number of blocks and the same classes.
    """
    t, o = np.array(treated.counts), np.array(other.counts)
    like = int(((t > 0) & (np.abs(o - t) <= LIKE_SHARE * t)).sum())
    refused = (
        not treated.total
        or not REFUSE_BELOW * treated.total <= other.total <= REFUSE_ABOVE * treated.total
    )
    of_class = _class_distance(treated, other)
    of_flow = abs(math.log((other.flow + 1) / (treated.flow + 1)))
    return Match(
        like_blocks=like,
        has_class=of_class <= 1 - LEAST_OF_CLASS,
        has_flow=of_flow <= math.log(MOST_FLOW_RATIO),
        is_refused=refused,
        distance=float(np.abs(np.log((o + 1) / (t + 1))).sum()) + of_class + 0.5 * of_flow,
    )


def most_alike(treated: Streets, others: Sequence[Streets]) -> int | None:
    """Position of the best match: comparable ones first, then the least distance, then the first.

    Returns
    -------
    None if all are refused.
    """
    ranked = [
        (not found.is_comparable, round(found.distance, 9), at)
        for at, found in enumerate(match(treated, other) for other in others)
        if not found.is_refused
    ]
    return min(ranked)[2] if ranked else None


def _class_distance(treated: Streets, other: Streets) -> float:
    a: FloatArray = np.array(treated.class_share, dtype=float)
    b: FloatArray = np.array(other.class_share, dtype=float)
    return float(np.abs(a - b).sum()) / 2
