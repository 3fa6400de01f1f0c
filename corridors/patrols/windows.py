"""Stops that have to begin within a window: is there an order that keeps them all?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

NO_END_S: Final = 10**9  # later than any session


@dataclass(frozen=True)
class Stop:
    """Standing still for ``dwell_s``, begun between ``earliest_s`` and ``latest_s``."""

    dwell_s: int
    earliest_s: int = 0
    latest_s: int = NO_END_S


_Label = tuple[int, int, tuple[int, ...]]  # done at, seconds walked, stops in order


def window_order(
    walk_s: npt.NDArray[np.integer], stops: tuple[Stop, ...], walk_limit_s: int, deadline_s: int
) -> tuple[int, ...] | None:
    """An order of stops that keeps every window, done as early as can be; None if there is none.

    Exact, by sets of stops already made [1]_. Who waits for a window gets on late but walks no
    more, so time and walking are both kept, as far as neither label is as good in both.

    Parameters
    ----------
    walk_s : (k + 2, k + 2) seconds between start, k stops and end.
    walk_limit_s : most seconds walked. deadline_s : when the end must be reached.

    Returns
    -------
    The stops 1 .. k in order.

    References
    ----------
    .. [1] Held and Karp (1962), A Dynamic Programming Approach to Sequencing Problems.
    """
    table = walk_s.tolist()
    last = len(table) - 1
    labels: dict[tuple[int, int], list[_Label]] = {(0, 0): [(0, 0, ())]}
    for size in range(1, last):
        for group in combinations(range(1, last), size):
            mask = sum(1 << stop for stop in group)
            for stop in group:
                rest = mask ^ (1 << stop)
                found = [
                    (begin_s + stops[stop - 1].dwell_s, walked_s + table[p][stop], (*order, stop))
                    for p in (group if size > 1 else (0,))
                    for done_s, walked_s, order in labels.get((rest, p), ())
                    for begin_s in [max(done_s + table[p][stop], stops[stop - 1].earliest_s)]
                    if begin_s <= stops[stop - 1].latest_s
                ]
                labels[mask, stop] = _best(found)
    full = sum(1 << stop for stop in range(1, last))
    ended = [
        (done_s + table[p][last], walked_s + table[p][last], order)
        for p in (range(1, last) if last > 1 else (0,))
        for done_s, walked_s, order in labels[full, p]
    ]
    kept = [label for label in ended if label[0] <= deadline_s and label[1] <= walk_limit_s]
    return min(kept)[2] if kept else None


def _best(labels: list[_Label]) -> list[_Label]:
    """Without those that another one beats in time and walking."""
    kept: list[_Label] = []
    for label in sorted(labels):
        if not kept or label[1] < kept[-1][1]:
            kept.append(label)
    return kept
