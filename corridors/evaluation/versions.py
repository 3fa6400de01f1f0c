"""Versions of one table: what a reader of all of them takes for unchanged.

A correction puts some counts right, and nobody outside knows which. Readers guess: a count that
fits both words, in a row or column whose total stayed, was left alone. Each two versions give a
guess, and what one hides another may give away: so a new one is held against all there ever were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations

import numpy as np

from corridors.arrays import FloatArray, IntArray
from corridors.evaluation.solving import System, is_possible, with_sums


@dataclass(frozen=True)
class Version:
    """One table of those that tell of the same n cells."""

    start: int  # where its variables begin: cells, then totals
    low: FloatArray  # least value by its words, and by what is said of a cell
    high: FloatArray
    exact: IntArray | None  # the values, of which a reader knows the totals; None: they do not


@dataclass(frozen=True)
class _Guess:
    """Cells that a reader of two versions takes for the same."""

    one: int  # places in the list of versions
    other: int
    cells: IntArray


@dataclass(frozen=True)
class _Belief:
    """Which versions a reader takes to hold the same count, cell by cell: (versions, n)."""

    starts: IntArray  # (versions)
    same: IntArray  # the first version with the same count
    low: FloatArray  # least value that fits all of these
    high: FloatArray


def with_guesses(
    plain: System, versions: Sequence[Version], lines: Sequence[FloatArray]
) -> list[System]:
    """``plain`` with what readers of all versions believe.

    Parameters
    ----------
    lines : (lines, n) each, the first totals of a version, with 1 for their cells: those of rows
        and those of columns, or of a plain list its one total.

    Returns
    -------
    One system, if all guesses fit together. If not, nobody can tell which are wrong: then one for
    each guess that a reader may start from, with all others that fit beside it.
    """
    guesses = [
        _Guess(one, other, cells)
        for one, other in combinations(range(len(versions)), 2)
        for cells in _taken_for_unchanged(versions[one], versions[other], lines)
    ]
    nothing = _no_belief(versions, lines[0].shape[1])
    tried: dict[bytes, bool] = {}
    found: dict[bytes, System] = {}
    for first in guesses:
        others = (guess for guess in guesses if guess is not first)
        belief = _believed(plain, nothing, [first, *others], tried)
        found[belief.same.tobytes()] = _linked(plain, belief)
        if all(_is_held(belief, guess) for guess in guesses):
            break
    return list(found.values()) or [plain]


def _taken_for_unchanged(
    one: Version, other: Version, lines: Sequence[FloatArray]
) -> list[IntArray]:
    """Cells that a reader of both versions will take for the same, in up to three guesses.

    One count fits both words, and the total of the row or of the column stayed: where one cell is
    put right, its row and its column show it, and all else is known to be as it was. Surest are
    cells of which both totals stayed. More than one may have been put right: then rows alone, or
    columns alone, may still be believed.
    """
    meets = np.maximum(one.low, other.low) <= np.minimum(one.high, other.high)
    stayed = meets
    if one.exact is not None and other.exact is not None:
        stayed = one.exact == other.exact
    n = lines[0].shape[1]
    at, cells = n, []
    for own in lines:
        cells.append(meets[:n] & (own[stayed[at : at + len(own)]] > 0).any(axis=0))
        at += len(own)
    if len(cells) > 1:
        cells.insert(0, np.logical_and(*cells))
    return list(map(np.flatnonzero, cells))


def _no_belief(versions: Sequence[Version], n: int) -> _Belief:
    return _Belief(
        np.array([v.start for v in versions]),
        np.repeat(np.arange(len(versions))[:, None], n, axis=1),
        np.array([v.low[:n] for v in versions]),
        np.array([v.high[:n] for v in versions]),
    )


def _believed(
    plain: System, nothing: _Belief, guesses: Sequence[_Guess], tried: dict[bytes, bool]
) -> _Belief:
    """All guesses, if a table fits them; else, one by one, those beside which one still does.

    Parameters
    ----------
    tried : what was found to be possible before; more is noted in it.
    """

    def fits(belief: _Belief) -> bool:
        key = belief.same.tobytes()
        if key not in tried:
            tried[key] = is_possible(_linked(plain, belief))
        return tried[key]

    everything = reduce(_taking, guesses, nothing)
    if fits(everything):
        return everything
    belief = nothing
    for guess in guesses:
        more = _taking(belief, guess)
        if fits(more):
            belief = more
    return belief


def _taking(belief: _Belief, guess: _Guess) -> _Belief:
    """With one guess more, but for cells in which it contradicts what is believed already."""
    one, other = belief.same[guess.one], belief.same[guess.other]
    low = np.maximum(belief.low[guess.one], belief.low[guess.other])
    high = np.minimum(belief.high[guess.one], belief.high[guess.other])
    fits = np.isin(np.arange(len(low)), guess.cells) & (low <= high)
    joined = fits & ((belief.same == one) | (belief.same == other))
    return replace(
        belief,
        same=np.where(joined, np.minimum(one, other), belief.same),
        low=np.where(joined, low, belief.low),
        high=np.where(joined, high, belief.high),
    )


def _is_held(belief: _Belief, guess: _Guess) -> bool:
    one, other = belief.same[[guess.one, guess.other]][:, guess.cells]
    return bool((one == other).all())


def _linked(plain: System, belief: _Belief) -> System:
    """With the counts that are believed to be the same."""
    version, cell = np.nonzero(belief.same != np.arange(len(belief.same))[:, None])
    rows, at = np.zeros((len(cell), len(plain.low))), np.arange(len(cell))
    rows[at, belief.starts[version] + cell] = 1.0
    rows[at, belief.starts[belief.same[version, cell]] + cell] = -1.0
    return with_sums(plain, rows)
