"""An outsider against disclosure control: 1,000 made-up tables, and whether a small count gets out.

The attack shares no code with `corridors.evaluation.disclosure`: from the words of a public table
it writes a program for CP-SAT by itself, and asks for two different values of every cell that is
not shown. Where there are none, the count is recovered. It is tried with every exact total known
(`exact`), and with the published totals alone (`published`). A third of the tables count on from
an earlier table, whose words are public too, and a tenth are published again, with corrections:
half of these twice, half three times. Of every other one the exact totals of earlier versions are
not known.

Of what falls to exact totals, `by_totals_alone` falls whatever the cells show: nobody can hide it
but by not publishing, and the pack then withholds all totals of the table. `recovered` is the rest,
and must be 0.

`program_known` is another outsider, who has exact totals *and* this program, and tries which tables
would have made it hide just these cells. Small tables only. It is measured, not promised against.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from corridors.evaluation.disclosure import Counts, Earlier, Known, Protected, SafeTable, protect
from corridors.evaluation.small_numbers import HEALTH, Rule

TABLES = 1000
SMALL_TABLES = 150
SHAPES = (
    (1, 1),
    (1, 4),
    (2, 2),
    (3, 3),
    (4, 1),
    (2, 6),
    (5, 4),
    (6, 8),
    (3, 0),
    (7, 0),
)  # 0: a list
CENTRES = (0.05, 0.3, 1.0, 3.0, 12.0)  # nearly empty to full
RULES = (Rule(), Rule(), Rule(), Rule(7), HEALTH)
MOST = 100_000

Figure = tuple[str, float, str]


@dataclass(frozen=True)
class Case:
    """One made-up table with all that is public of it."""

    counts: Counts
    found: Protected
    last: Earlier | None = None  # counted up to an earlier day
    replaces: tuple[Earlier, ...] = ()  # earlier versions


@dataclass
class Haul:
    """What an attack got."""

    recovered: list[tuple[str, int, int]] = field(default_factory=list)  # block, row, column
    by_totals_alone: int = 0
    hidden: int = 0


def run() -> list[Figure]:
    kinds: Counter[str] = Counter()
    for seed in range(TABLES):
        case = made_up(seed)
        kinds["tables"] += 1
        kinds["with_last"] += case.last is not None
        kinds["corrected"] += bool(case.replaces)
        kinds["corrected_twice"] += len(case.replaces) > 1
        kinds["totals_withheld"] += bool(case.found.table.notes)
        kinds["small_cells"] += sum(c.kind == "few" for c in flat(case.found.table))
        kinds["not_shown"] += sum(c.kind == "hidden" for c in flat(case.found.table))
        kinds["cells"] += case.counts.counts.size
        for knows in ("exact", "published"):
            haul = attack(case, knows_totals=knows == "exact")
            kinds[f"{knows}.attacked"] += haul.hidden
            kinds[f"{knows}.recovered"] += len(haul.recovered)
            kinds[f"{knows}.by_totals_alone"] += haul.by_totals_alone
            if knows == "exact" and haul.by_totals_alone:
                kinds["exact.tables_by_totals_alone"] += 1
    for seed in range(SMALL_TABLES):
        for name, count in zip(("attacked", "by_totals_alone", "recovered"),
                               program_known(seed), strict=True):  # fmt: skip
            kinds[f"program_known.{name}"] += count
    return [(f"attack_pack.{name}", float(count), "count") for name, count in sorted(kinds.items())]


# --- made-up tables -------------------------------------------------------------------------------


def made_up(seed: int) -> Case:
    """A table of some size and sparsity; every third with a last pack, every tenth corrected."""
    rng = np.random.default_rng(seed)
    is_corrected = seed % 10 == 1 and seed % 3 > 0
    shape = SHAPES[(seed // 10 if is_corrected else seed) % len(SHAPES)]
    counts = _table(rng, shape)
    rule = RULES[seed // 7 % len(RULES)]
    last, replaces = None, ()
    if seed % 3 == 0:
        before = protect(counts, rule)
        last = Earlier(before.table, counts)
        more = rng.poisson(CENTRES[int(rng.integers(3))], counts.counts.shape)
        counts = Counts(counts.rows, counts.columns, counts.counts + more)
    elif is_corrected:
        for _ in range(1 + seed // 100 % 2):
            public = protect(counts, rule, Known(replaces=replaces)).table
            known = counts if seed // 200 % 2 else None  # to who knows the totals of this one
            replaces = (*replaces, Earlier(public, known))
            right = counts.counts.copy()
            at = tuple(int(rng.integers(s)) for s in right.shape)
            right[at] = max(0, right[at] + int(rng.integers(-4, 5)))
            counts = Counts(counts.rows, counts.columns, right)
    found = protect(counts, rule, Known(last=last, replaces=replaces))
    return Case(counts, found, last, replaces)


def _table(rng: np.random.Generator, shape: tuple[int, int]) -> Counts:
    rows, columns = shape
    size = (rows, columns) if columns else (rows,)
    centre = rng.choice(CENTRES, size) if rng.random() < 0.5 else CENTRES[int(rng.integers(5))]
    counts = rng.poisson(centre, size) * (rng.random(size) < rng.choice([0.3, 0.7, 1.0]))
    return Counts(
        tuple(f"area {i}" for i in range(rows)), tuple(f"group {j}" for j in range(columns)), counts
    )


# --- the attack -----------------------------------------------------------------------------------


def attack(case: Case, *, knows_totals: bool) -> Haul:
    """Every small or hidden cell of every public table that has one possible value only."""
    haul = Haul()
    fixed, haul.hidden = _found_out(case, knows_totals=knows_totals, reads_cells=True)
    alone: set[tuple[str, int, int]] = set()
    if fixed and knows_totals:
        alone = _found_out(case, knows_totals=True, reads_cells=False)[0] & fixed
    haul.by_totals_alone, haul.recovered = len(alone), sorted(fixed - alone)
    return haul


def flat(table: SafeTable) -> list:
    return [cell for row in table.cells for cell in row]


class _Puzzle:
    """The equations of some public tables, written down anew."""

    def __init__(self) -> None:
        self.model = cp_model.CpModel()
        self.sought: dict[tuple[str, int, int], cp_model.IntVar] = {}

    def add(self, name, table, counts, *, knows_totals, reads_cells):
        """One table's cells as variables, bound by its totals. A (rows, columns) list of lists."""
        span = _span(table)
        grid = []
        for i, row in enumerate(table.cells):
            grid.append([])
            for j, cell in enumerate(row):
                low, high = span(cell) if reads_cells else (0, MOST)
                grid[-1].append(self.model.new_int_var(low, high, ""))
                if cell.kind in ("few", "hidden"):
                    self.sought[name, i, j] = grid[-1][-1]
        known = counts.counts.reshape(len(grid), -1) if knows_totals and counts else None
        lines = [(sum(x for row in grid for x in row), table.total, _sum(known, ...))]
        if table.columns:
            lines += [
                (sum(row), cell, _sum(known, i))
                for i, (row, cell) in enumerate(zip(grid, table.row_totals, strict=True))
            ]
            lines += [
                (sum(column), cell, _sum(known, (slice(None), j)))
                for j, (column, cell) in enumerate(
                    zip(zip(*grid, strict=True), table.column_totals, strict=True)
                )
            ]
        for line, cell, exact in lines:
            low, high = span(cell) if exact is None else (exact, exact)
            self.model.add_linear_constraint(line, low, high)
        return grid


def _found_out(
    case: Case, *, knows_totals: bool, reads_cells: bool
) -> tuple[set[tuple[str, int, int]], int]:
    """What has one value only, and how much was looked at.

    With several versions the outsider guesses of each two what was left alone. Where no table fits
    all guesses, one was wrong: then each is tried by itself.
    """
    how = {"knows_totals": knows_totals, "reads_cells": reads_cells}
    guesses = _guesses(case, knows_totals=knows_totals)
    fixed, count = _with_guesses(case, guesses, **how)
    if fixed is None:
        tried = [_with_guesses(case, own, **how)[0] for own in ([], *([g] for g in guesses))]
        fixed = set().union(*(found for found in tried if found is not None))
    return fixed, count


def _with_guesses(case: Case, guesses, *, knows_totals: bool, reads_cells: bool):
    puzzle = _Puzzle()
    now = puzzle.add("now", case.found.table, case.counts, knows_totals=knows_totals,
                     reads_cells=reads_cells)  # fmt: skip
    if case.last is not None:
        old = puzzle.add("last", case.last.table, case.last.counts, knows_totals=knows_totals,
                         reads_cells=True)  # fmt: skip
        for before, after in _pairs(old, now):
            puzzle.model.add(before <= after)
    grids = [
        puzzle.add(f"replaced {at}", old.table, old.counts, knows_totals=knows_totals,
                   reads_cells=True)
        for at, old in enumerate(case.replaces)
    ]  # fmt: skip
    grids.append(now)
    for one, other, cells in guesses:
        for i, j in cells:
            puzzle.model.add(grids[one][i][j] == grids[other][i][j])
    return _with_one_value(puzzle), len(puzzle.sought)


def _guesses(case: Case, *, knows_totals: bool):
    """Of each two versions the cells whose words may be one count, where the row's total stayed,
    and where the column's did: exactly if they know both, else as far as its words tell."""
    versions = [*case.replaces, Earlier(case.found.table, case.counts)]
    found = []
    for one, other in itertools.combinations(range(len(versions)), 2):
        (first, before), (second, after) = ((versions[v].table, versions[v].counts)
                                            for v in (one, other))  # fmt: skip
        may_be = [
            [_may_be_one(first, x, second, y) for x, y in zip(*rows, strict=True)]
            for rows in zip(first.cells, second.cells, strict=True)
        ]
        lines = [(first.row_totals, second.row_totals), (first.column_totals, second.column_totals)]
        if not first.columns:
            lines = [([], []), ([first.total], [second.total])]
        stayed = [[_may_be_one(first, x, second, y) for x, y in zip(*line, strict=True)]
                  for line in lines]  # fmt: skip
        if knows_totals and before is not None:
            changed = (after.counts - before.counts).reshape(len(first.rows), -1)
            stayed = [[not n for n in changed.sum(1)], [not n for n in changed.sum(0)]]
        cells = [(i, j) for i, row in enumerate(may_be) for j, is_so in enumerate(row) if is_so]
        if first.columns:
            found.append((one, other, [(i, j) for i, j in cells if stayed[0][i]]))
        found.append((one, other, [(i, j) for i, j in cells if stayed[1][j]]))
    return found


def _may_be_one(first: SafeTable, x, second: SafeTable, y) -> bool:
    (low, high), (least, most) = _span(first)(x), _span(second)(y)
    return max(low, least) <= min(high, most)


def _with_one_value(puzzle: _Puzzle) -> set[tuple[str, int, int]] | None:
    """Asks again and again for a table that differs in as many open cells as may be."""
    model, left = puzzle.model, dict(puzzle.sought)
    first = _solve(model)
    if first is None:
        return None
    start = {key: first.value(x) for key, x in left.items()}
    differs = {}
    for key, x in left.items():
        more, less = model.new_bool_var(""), model.new_bool_var("")
        model.add(x >= start[key] + 1).only_enforce_if(more)
        model.add(x <= start[key] - 1).only_enforce_if(less)
        differs[key] = more + less
    while left:
        model.clear_objective()
        model.maximize(sum(differs[key] for key in left))
        found = _solve(model)
        gone = [key for key, x in left.items() if found.value(x) != start[key]]
        if not gone:
            return set(left)
        for key in gone:
            del left[key]
    return set()


def _solve(model: cp_model.CpModel) -> cp_model.CpSolver | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = 20.0
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError("the attack ran out of time")
    return solver


def _span(table: SafeTable):
    """Reads a cell as a stranger would, who knows C.4."""
    k = table.rule.k
    first = -(-k // 5) * 5

    def span(cell) -> tuple[int, int]:
        if cell.words == "not shown":
            return 0, MOST
        if cell.words == "0":
            return 0, 0
        if cell.words in ("*", f"fewer than {k}"):
            return 1, k - 1
        value = int(cell.words)
        return (k if value == first else value - 2), value + 2

    return span


def _sum(counts, at) -> int | None:
    return None if counts is None else int(counts[at].sum())


def _pairs(one, other):
    return zip(itertools.chain(*one), itertools.chain(*other), strict=True)


# --- an outsider who has the program --------------------------------------------------------------


def program_known(seed: int) -> tuple[int, int, int]:
    """Hidden cells of a small table; how many of them totals alone fix; and how many others are
    one number in every table for which the program would have shown the same."""
    rng = np.random.default_rng(10_000 + seed)
    rows, columns = [(2, 2), (2, 3), (3, 0)][seed % 3]
    size = (rows, columns) if columns else (rows,)
    counts = rng.poisson(rng.choice([0.7, 2.0], size))
    labels = tuple(map(str, range(rows))), tuple(map(str, range(columns)))
    public = protect(Counts(*labels, counts), Rule()).table
    fitting = list(same_totals(counts))
    alike = [t for t in fitting if protect(Counts(*labels, t), Rule()).table == public]
    sought = [i for i, c in enumerate(flat(public)) if c.kind in ("few", "hidden")]
    alone, known = (
        {i for i in sought if len({int(t.reshape(-1)[i]) for t in tables}) == 1}
        for tables in (fitting, alike)
    )
    return len(sought), len(alone), len(known - alone)


def same_totals(counts):
    """Every table with the row and column totals of ``counts``."""
    free = counts[:-1, :-1] if counts.ndim == 2 else counts[:-1]
    for cells in itertools.product(range(int(counts.sum()) + 1), repeat=free.size):
        table = np.zeros_like(counts)
        if counts.ndim == 1:
            table[:-1] = cells
            table[-1] = counts.sum() - sum(cells)
        else:
            table[:-1, :-1] = np.array(cells).reshape(free.shape)
            table[:-1, -1] = counts[:-1].sum(1) - table[:-1, :-1].sum(1)
            table[-1] = counts.sum(0) - table[:-1].sum(0)
        if (table >= 0).all():
            yield table
