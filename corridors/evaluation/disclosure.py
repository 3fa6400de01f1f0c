"""Tables of small counts that can be published: what is hidden is proven by solving.

A count of 1 to 4 is "fewer than 5", which alone protects nothing: of a row with the total 2 and
zeros beside, everybody can tell. So every cell that is not shown is solved for, over all whole
tables that fit the words in the table, exact totals (which somebody outside may know) and earlier
packs. Where only one value fits, more is hidden, the cheapest first, until two fit. Where the
totals alone fix a cell, no pattern helps: the totals are withheld, and that is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError
from corridors.evaluation.small_numbers import NOT_SHOWN, PublicCell, Rule, meaning, shown
from corridors.evaluation.solving import (
    System,
    cheapest_widening,
    fixed_values,
    is_possible,
    side_by_side,
    value_range,
    with_sums,
)
from corridors.evaluation.versions import Version, with_guesses

TOTALS_WITHHELD: Final = "The totals are not shown: they would uncover a small number."

_ALL: Final = "all"  # the label of a total
_SPARE = 5  # a hidden cell may be this much more than everything counted: never the true limit


@dataclass(frozen=True)
class Counts:
    """A table of counts of people or events, before disclosure control. For staff only.

    Raises
    ------
    InputError
        If the counts do not have the shape of the labels, if one is negative or no whole number,
        or if a label is there twice.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]  # empty: a plain list, with one total
    counts: IntArray  # (rows, columns), or (rows,) of a plain list

    def __post_init__(self) -> None:
        wanted = (len(self.rows), len(self.columns)) if self.columns else (len(self.rows),)
        if self.counts.shape != wanted or not self.counts.size:
            raise InputError(f"a table of {wanted} labels holds {self.counts.shape} counts")
        if self.counts.dtype.kind not in "iu" or (self.counts < 0).any():
            raise InputError("a table of counts holds a value that is no whole number from 0 on")
        for labels in (self.rows, self.columns):
            if len(set(labels)) < len(labels):
                raise InputError("a table of counts has a label twice")
            if _ALL in labels:
                raise InputError(f"{_ALL!r} is the label of a total", value=_ALL)


@dataclass(frozen=True)
class SafeTable:
    """A table that has passed disclosure control: words in place of counts."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[PublicCell, ...], ...]  # by row; one column wide for a plain list
    row_totals: tuple[PublicCell, ...]  # empty for a plain list
    column_totals: tuple[PublicCell, ...]
    total: PublicCell
    rule: Rule
    notes: tuple[str, ...] = ()  # to be shown beside the table

    @property
    def all_cells(self) -> tuple[PublicCell, ...]:
        """The cells by row, then totals of rows, of columns, and of all."""
        inner = tuple(cell for row in self.cells for cell in row)
        return (*inner, *self.row_totals, *self.column_totals, self.total)


@dataclass(frozen=True)
class Statement:
    """Something else that is public: the sum of some cells lies between two numbers."""

    cells: tuple[tuple[str, str], ...]  # labels of row and column; the latter empty in a list
    low: int
    high: int


@dataclass(frozen=True)
class Earlier:
    """A table of an earlier pack, with the same rows and columns."""

    table: SafeTable
    counts: Counts | None = None  # for its exact totals, if an outsider may know them
    said: tuple[Statement, ...] = ()  # what that pack told of its cells beside it


@dataclass(frozen=True)
class Known:
    """What is known beside the table and its totals."""

    last: Earlier | None = None  # counts the same cells up to an earlier day: a running total
    replaces: tuple[Earlier, ...] = ()  # all that told of the same cells, oldest first: some
    # before a correction, with other counts; nobody outside knows which counts were put right
    said: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Unprotected:
    """A value that no pattern can hide. For staff only."""

    row: str
    column: str
    why: Literal["exact totals alone fix it", "what is already public fixes it"]
    of: Literal["this pack", "an earlier pack", "the difference"] = "this pack"


@dataclass(frozen=True)
class Protected:
    """The public table, and what staff must know before they publish it."""

    table: SafeTable
    unprotected: tuple[Unprotected, ...] = ()

    @property
    def may_be_published(self) -> bool:
        """False where a value follows from what is already public, with these words beside it."""
        return all(u.why == "exact totals alone fix it" for u in self.unprotected)


def protect(counts: Counts, rule: Rule, known: Known | None = None) -> Protected:
    """The table in words that cannot be solved for a small number.

    Two outsiders are reckoned with: one who knows all exact totals, and one who has the published
    totals alone. The order of rows and columns does not matter to what is hidden.

    Raises
    ------
    InputError
        If an earlier table has other labels, or if what is said to be known contradicts the counts.
    """
    problem = _problem(counts, rule, known or Known())
    words = tuple(shown(int(value), rule) for value in problem.values)
    words, open_ones = _hidden_until_safe(problem, words, is_exact=True)
    by_totals = open_ones
    notes: tuple[str, ...] = ()
    if open_ones:
        words = tuple(NOT_SHOWN if i >= problem.n else w for i, w in enumerate(words))
        notes = (TOTALS_WITHHELD,)
    words, open_ones = _hidden_until_safe(problem, words, is_exact=False)
    unprotected = [_told(problem, v, "what is already public fixes it") for v in open_ones]
    unprotected += [
        _told(problem, v, "exact totals alone fix it") for v in by_totals if v not in open_ones
    ]
    return Protected(
        _table(counts, problem, words, notes),
        tuple(sorted(unprotected, key=lambda u: (u.row, u.column, u.of))),
    )


def possible_values(
    public: SafeTable, known: Known | None = None, exact: Counts | None = None
) -> dict[tuple[str, str], tuple[int, int]]:
    """Least and greatest value of every cell that is not shown, by labels of row and column.

    Parameters
    ----------
    exact : its totals are taken as known; without it, those in the table are all there is, and
        the greatest value is a number far off where they do not limit it.

    Returns
    -------
    Where outsiders may believe different things of earlier tables, what the one with the narrowest
    range has.
    """
    problem = _public_problem(public, known or Known(), exact)
    words = _in_order(public)
    systems = _systems(problem, words, is_exact=exact is not None)
    return {
        problem.labels(v): min(
            (value_range(system, v) for system in systems), key=lambda r: (r[1] - r[0], r)
        )
        for v in range(problem.n)
        if _is_small(words[v])
    }


def uncovered(
    old: tuple[Earlier, ...], new: SafeTable, exact: Counts | None = None
) -> tuple[tuple[str, str], ...]:
    """Cells that all versions of a table together give away, by labels of row and column.

    Parameters
    ----------
    exact : the new version's totals are taken as known; an old one's are if it has counts. What
        totals alone fix is then among the cells.
    """
    problem, is_exact = _public_problem(new, Known(replaces=old), exact), exact is not None
    asked = _sensitive(problem, _in_order(new), is_exact=is_exact)
    systems = _systems(problem, _in_order(new), is_exact=is_exact)
    found = {problem.labels(v) for system in systems for v in fixed_values(system, asked)}
    return tuple(sorted(found))


def safe_to_replace(old: tuple[Earlier, ...], new: SafeTable, exact: Counts | None = None) -> bool:
    """Whether ``new`` may stand beside all of ``old``: together they give no hidden cell away."""
    return not uncovered(old, new, exact)


# --- the problem ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Problem:
    """Variables: cells and totals in the order of labels; then those of each earlier pack; then,
    beside a running total, by how much each cell is more now."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    totals: FloatArray  # (t, n): which cells a total adds up
    values: IntArray  # (n + t) true values; an outsider has 0 for what they do not know
    rule: Rule
    known: Known
    cap: int  # no cell is larger: far from what limits any

    @property
    def n(self) -> int:
        return int(self.totals.shape[1])

    @property
    def size(self) -> int:
        return self.n + len(self.totals)

    @property
    def earlier(self) -> tuple[Earlier, ...]:
        return _earlier(self.known)

    def part(self, variable: int) -> tuple[int, int]:
        """Which block a variable stands in, and where: 0 this pack; then one for each earlier
        pack; then that of the differences."""
        return divmod(variable, self.size)

    def labels(self, variable: int) -> tuple[str, str]:
        """Row and column; of a total, the words for it."""
        place = self.part(variable)[1]
        width = max(1, len(self.columns))
        if place < self.n:
            row, column = divmod(place, width)
            return self.rows[row], self.columns[column] if self.columns else ""
        place -= self.n
        if not self.columns or place == len(self.rows) + width:
            return _ALL, _ALL if self.columns else ""
        if place < len(self.rows):
            return self.rows[place], _ALL
        return _ALL, self.columns[place - len(self.rows)]


def _earlier(known: Known) -> tuple[Earlier, ...]:
    return (*(() if known.last is None else (known.last,)), *known.replaces)


def _problem(counts: Counts, rule: Rule, known: Known) -> _Problem:
    rows, columns = tuple(sorted(counts.rows)), tuple(sorted(counts.columns))
    ordered = counts.counts[[counts.rows.index(r) for r in rows]]
    if columns:
        ordered = ordered[:, [counts.columns.index(c) for c in columns]]
    totals = _adding(len(rows), len(columns))
    cells = ordered.reshape(-1).astype(np.int64)
    values = np.concatenate([cells, (totals @ cells).astype(np.int64)])
    earlier = [e.table for e in _earlier(known)]
    for table in earlier:
        if (sorted(table.rows), sorted(table.columns)) != (list(rows), list(columns)):
            raise InputError(
                "an earlier pack's table has other rows or columns",
                fix="Areas and groups are fixed: use those of the earlier pack",
            )
        if (table.rule.k, table.rule.mark) != (rule.k, rule.mark):
            raise InputError("an earlier pack hides small numbers by another rule")
    cap = int(values[-1]) + rule.k * len(cells) + _SPARE
    cap = max([cap, *map(_top, earlier)])
    return _Problem(rows, columns, totals, values, rule, known, cap)


def _public_problem(public: SafeTable, known: Known, exact: Counts | None) -> _Problem:
    """The same as an outsider has it: without the cells' counts."""
    shape = (len(public.rows), len(public.columns)) if public.columns else (len(public.rows),)
    nothing = Counts(public.rows, public.columns, np.zeros(shape, dtype=np.int64))
    outside = _problem(nothing, public.rule, known)
    inside = _problem(exact or nothing, public.rule, known)
    if (inside.rows, inside.columns) != (outside.rows, outside.columns):
        raise InputError("the exact totals belong to a table with other rows or columns")
    values = inside.values * (np.arange(inside.size) >= inside.n)
    return replace(inside, values=values, cap=max(inside.cap, _top(public)))


def _top(table: SafeTable) -> int:
    """More than any cell of a table in these words holds, unless nothing limits it."""
    highs = [meaning(cell, table.rule)[1] for cell in table.all_cells]
    return int(sum(h for h in highs if math.isfinite(h))) + table.rule.k * len(highs) + _SPARE


def _adding(rows: int, columns: int) -> FloatArray:
    if not columns:
        return np.ones((1, rows))
    by_row = np.kron(np.eye(rows), np.ones(columns))
    by_column = np.kron(np.ones(rows), np.eye(columns))
    return np.vstack([by_row, by_column, np.ones(rows * columns)])


def _in_order(table: SafeTable) -> tuple[PublicCell, ...]:
    """All cells and totals in the order of ``_Problem``."""
    rows = sorted(range(len(table.rows)), key=table.rows.__getitem__)
    columns = sorted(range(len(table.columns)), key=table.columns.__getitem__)
    inner = [table.cells[r][c] for r in rows for c in (columns or (0,))]
    by_row = [table.row_totals[r] for r in rows] if table.columns else []
    return (*inner, *by_row, *(table.column_totals[c] for c in columns), table.total)


def _bounds(problem: _Problem, words: tuple[PublicCell, ...]) -> tuple[FloatArray, FloatArray]:
    limits = np.array([meaning(cell, problem.rule) for cell in words], dtype=float)
    return limits[:, 0], np.minimum(limits[:, 1], problem.cap)


def _told_bounds(
    problem: _Problem, words: tuple[PublicCell, ...], said: tuple[Statement, ...]
) -> tuple[FloatArray, FloatArray]:
    """What each cell may be by its words, and by what is said of it alone."""
    low, high = _bounds(problem, words)
    for each in said:
        if len(each.cells) == 1:
            (at,) = np.flatnonzero(_row_of(problem, each))
            low[at], high[at] = max(low[at], each.low), min(high[at], each.high)
    return low, high


def _alone(problem: _Problem, words: tuple[PublicCell, ...], exact: IntArray | None) -> System:
    """One table by itself."""
    n, t = problem.n, problem.size - problem.n
    limits = np.array([meaning(cell, problem.rule) for cell in words], dtype=float)
    low, high = limits[:, 0], np.minimum(limits[:, 1], problem.cap)
    if exact is not None:
        low[n:] = high[n:] = exact[n:]
    return System(low, high, np.hstack([problem.totals, -np.eye(t)]), np.zeros(t), np.zeros(t))


def _row_of(problem: _Problem, said: Statement) -> FloatArray:
    at = {problem.labels(v): v for v in range(problem.n)}
    row = np.zeros((1, problem.size))
    for labels in said.cells:
        if labels not in at:
            raise InputError("a statement names a cell that the table does not have", value=labels)
        row[0, at[labels]] = 1.0
    return row


def _with_said(problem: _Problem, own: System, said: tuple[Statement, ...]) -> System:
    """One table with what is said of it."""
    for each in said:
        own = with_sums(own, _row_of(problem, each), each.low, each.high)
    return own


def _apart(problem: _Problem, words: tuple[PublicCell, ...], *, is_exact: bool) -> System:
    """All that is known for certain: this table and earlier ones, with what is said of each."""
    own = _alone(problem, words, problem.values if is_exact else None)
    parts = [_with_said(problem, own, problem.known.said)]
    for earlier in problem.earlier:
        exact = _exact_totals(problem, earlier) if is_exact else None
        own = _alone(problem, _in_order(earlier.table), exact)
        parts.append(_with_said(problem, own, earlier.said))
    if problem.known.last is None:
        return side_by_side(parts)
    n, size = problem.n, problem.size
    grown = System(
        np.zeros(n), np.full(n, float(problem.cap)), np.zeros((0, n)), np.zeros(0), np.zeros(0)
    )
    system = side_by_side([*parts, grown])
    rows = np.zeros((n, len(system.low)))
    rows[:, :n] = np.eye(n)
    rows[:, size : size + n] = rows[:, -n:] = -np.eye(n)
    return with_sums(system, rows)


def _exact_totals(problem: _Problem, earlier: Earlier) -> IntArray | None:
    if earlier.counts is None:
        return None
    return _problem(earlier.counts, problem.rule, Known()).values


def _systems(problem: _Problem, words: tuple[PublicCell, ...], *, is_exact: bool) -> list[System]:
    """Everything that an outsider knows or believes; ``is_exact``: all exact totals too."""
    replaced = problem.known.replaces
    first = 1 + len(problem.earlier) - len(replaced)
    limits = _told_bounds(problem, words, problem.known.said)
    versions = [Version(0, *limits, problem.values if is_exact else None)]
    for block, earlier in reversed(tuple(enumerate(replaced, first))):
        exact = _exact_totals(problem, earlier) if is_exact else None
        limits = _told_bounds(problem, _in_order(earlier.table), earlier.said)
        versions.append(Version(block * problem.size, *limits, exact))
    # Of every cell, the totals of its row and its column, not the total of all.
    rows = len(problem.rows)
    lines = (
        (problem.totals[:rows], problem.totals[rows:-1]) if problem.columns else (problem.totals,)
    )
    return with_guesses(_apart(problem, words, is_exact=is_exact), versions, lines)


# --- hiding ---------------------------------------------------------------------------------------


def _hidden_until_safe(
    problem: _Problem, words: tuple[PublicCell, ...], *, is_exact: bool
) -> tuple[tuple[PublicCell, ...], list[int]]:
    """More words hidden until nothing small can be solved for; and what still can."""
    systems = _systems(problem, words, is_exact=is_exact)
    if not is_possible(systems[0]):
        raise InputError("what is said to be public contradicts the counts")
    given_up: list[int] = []
    while found := _first_given_away(problem, words, systems, given_up, is_exact=is_exact):
        system, given = found
        cost = _costs(problem, words, len(system.low), is_exact=is_exact)
        for variable, value in given.items():
            hidden = cheapest_widening(system, variable, value, cost, problem.cap)
            if hidden is None:
                given_up.append(variable)
                continue
            if not hidden:
                raise RuntimeError("a cell is both solved for and open: the solver is not exact")
            words = tuple(NOT_SHOWN if i in hidden else w for i, w in enumerate(words))
            systems = _systems(problem, words, is_exact=is_exact)
            break  # which may have opened the others too
    return words, given_up


def _is_small(cell: PublicCell) -> bool:
    return cell.kind in ("few", "hidden")


def _sensitive(
    problem: _Problem, words: tuple[PublicCell, ...], *, is_exact: bool
) -> dict[int, tuple[float, float]]:
    """Variables that nobody may find out, each with the values of it that matter.

    Of a cell any: were it found out that a hidden one is 0, it would hide nothing. Of totals, which
    are among them where the outsider is not reckoned to know them, and of differences: 1 to k - 1.
    """
    n, upto = problem.n, problem.n if is_exact else problem.size
    small, any_value = (1.0, problem.rule.k - 1.0), (0.0, math.inf)
    tables = [words, *(_in_order(earlier.table) for earlier in problem.earlier)]
    found = {
        block * problem.size + v: any_value if v < n else small
        for block, cells in enumerate(tables)
        for v in range(upto)
        if _is_small(cells[v])
    }
    if problem.known.last is not None:
        found |= {len(tables) * problem.size + v: small for v in range(n)}
    return found


def _first_given_away(
    problem: _Problem,
    words: tuple[PublicCell, ...],
    systems: list[System],
    given_up: list[int],
    *,
    is_exact: bool,
) -> tuple[System, dict[int, int]] | None:
    """The first outsider who can solve for something; what, and what they find out it is."""
    sensitive = _sensitive(problem, words, is_exact=is_exact)
    asked = {v: m for v, m in sensitive.items() if v not in given_up}
    for system in systems:
        if given := fixed_values(system, asked):
            return system, given
    return None


def _costs(
    problem: _Problem, words: tuple[PublicCell, ...], count: int, *, is_exact: bool
) -> FloatArray:
    """What the public loses by each word: least by "fewer than 5", then a zero, then a number.

    Infinite for what is hidden, and for what is known whatever the pack shows.
    """
    cost = np.full(count, np.inf)
    worth = {"few": 1, "zero": 2, "number": 3}
    for v, cell in enumerate(words[: problem.n if is_exact else problem.size]):
        if cell.kind != "hidden":
            share = round(100 * int(problem.values[v]) / max(1, int(problem.values[-1])))
            cost[v] = 100 * (worth[cell.kind] + (4 if v >= problem.n else 0)) + share
    return cost


# --- the result -----------------------------------------------------------------------------------


def _told(
    problem: _Problem,
    variable: int,
    why: Literal["exact totals alone fix it", "what is already public fixes it"],
) -> Unprotected:
    block = problem.part(variable)[0]
    row, column = problem.labels(variable)
    if not block:
        return Unprotected(row, column, why)
    is_of_earlier = block <= len(problem.earlier)
    return Unprotected(row, column, why, "an earlier pack" if is_of_earlier else "the difference")


def _table(
    counts: Counts, problem: _Problem, words: tuple[PublicCell, ...], notes: tuple[str, ...]
) -> SafeTable:
    """In the order of the labels that came in."""
    at = {problem.labels(v): words[v] for v in range(problem.size)}
    rows, columns = counts.rows, counts.columns
    return SafeTable(
        rows=rows,
        columns=columns,
        cells=tuple(tuple(at[r, c] for c in columns or ("",)) for r in rows),
        row_totals=tuple(at[r, _ALL] for r in rows) if columns else (),
        column_totals=tuple(at[_ALL, c] for c in columns),
        total=at[_ALL, _ALL if columns else ""],
        rule=problem.rule,
        notes=notes,
    )
