"""Routing: gaps to proven bounds and to public reference values, beside other solvers.

``make bench BENCH=routing`` runs a subset within ten minutes of a core. ``BENCH_FULL=1`` runs all
of it, about two and a half hours of a core; ``BENCH_PROCESSES=2`` spreads it over two. Figures of
single instances go to stderr as they come. A figure that has a goal is followed by that, whose unit
says whether it was met. ``docs/routing.md`` tells how to read them.

* Grids: street-like graphs of our own. Gaps are to our own bound, given minutes of its own
  (``proven``), for all solvers alike.
* Chao's team orienteering instances, sets 4 to 7, to the reference values (see ``_public``).
* soarp's real streets, 2 and 4 teams of 90 minutes, to our own bound.
* Camden's wards, 4 teams of 90 minutes, where the real data is, to our own bound; with the times
  of day that the walks are then given, which may cost streets.
* Capacitated arc routing by our model of streets in PyVRP, to the best known cost (see ``_carp``).
* Floors: met, or proven out of reach, against a brute force over all walks.

Each gap belongs to so many seconds for everything: bound, exact tables, trial and search. They are
seconds of the processor, so that a neighbour on the machine does not count; all solvers use one
thread. ``ours.used`` is what ours took of its seconds. The product's solver goes by iterations and
cools as they pass, so that an endless number of them would never cool. A short trial therefore
measures iterations per second, the search is given as many as fit into what is left, and
``max_seconds`` ends it: a tenth more than is left, over the share of a core that the trial had.
A search that took too long all the same is done anew with fewer iterations.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median
from typing import Final

import numpy as np

from benchmarks._camden import WARDS, camden_folder, ward_problem
from benchmarks._carp import best_known, carp_cost, read_carp, solve_carp
from benchmarks._graphs import Family, floored_grid, street_grid
from benchmarks._public import data_folder, read_chao, read_soarp, reference_values
from benchmarks._rivals import RIVALS, exact_value, greedy
from corridors.patrols.bound import upper_bound, usual_rounds
from corridors.patrols.exact import Search, prepare_searches
from corridors.patrols.floors import settle_floors
from corridors.patrols.problem import PatrolProblem, Solution
from corridors.patrols.solver import solve
from corridors.patrols.timing import streets_first
from corridors.patrols.verify import broken, verify
from corridors.patrols.walks import THOROUGH

Figure = tuple[str, float, str]

PATROL_S: Final = 90 * 60
_SIDES: Final = {300: 25, 800: 25, 1500: 34}  # junctions along each side, by valued segments
_SHORT_S: Final = 10.0  # in less, so many rounds would leave no time to search
_FEW_ROUNDS: Final = 4
_PROOF_ROUNDS: Final = 4  # times what the product takes
_PROOF_LOOKS: Final = 200
# On wider graphs the exact tables give up, and finding that out would cost most of the time.
_TABLE_EDGES: Final = 400
_TRIAL: Final = 20  # iterations, which is one turn of a team
_SURE: Final = 0.95  # of the seconds left are planned for, since turns are of uneven length
_OVER: Final = 1.1  # of the seconds left end the search, whatever the trial said
_ATTEMPTS: Final = 4
_FLOOR_ITERATIONS: Final = 50
_NINE: Final = 9  # grids, one seed each, whose mean the goals are about
_FOLDERS: Final = {"gdb": "gdb", "val": "bccm", "egl": "eglese"}  # of the sets of arc routing

# At most. The routing issue asks for some and later measurements of its method for others.
GOALS: Final = {
    "routing.grid.800x4.ours.gap_20s.median": 2.5,
    "routing.grid.800x4.ours.gap_60s.median": 1.0,
    "routing.grid.nine.ours.gap_20s.mean": 4.5,
    "routing.grid.nine.ours.gap_60s.mean": 2.5,
    "routing.grid.nine.ours.gap_60s.worst": 5.0,
    "routing.grid.ours.behind_60s": 0.0,
    "routing.single.ours.gap_30s.worst": 1.0,
    "routing.chao.gap_20s.mean": 1.0,
    "routing.chao.gap_60s.mean": 0.5,
    "routing.chao.sets4and7.gap_5s.mean": 1.2,
    "routing.soarp.2teams.as-253.gap_20s.mean": 3.0,
    "routing.soarp.2teams.ln-400.gap_60s.mean": 7.0,
    "routing.soarp.2teams.ln-1008.gap_60s.mean": 13.5,
    "routing.soarp.4teams.gap_20s.mean": 3.0,
    "routing.soarp.4teams.gap_60s.mean": 1.5,
    "routing.camden.gap_20s.worst": 3.0,
    "routing.carp.gdb.gap_5s.mean": 0.3,
    "routing.carp.val.gap_10s.mean": 0.8,
    "routing.carp.egl.gap_20s.mean": 1.0,
    "routing.floors.feasible_but_missed": 0.0,
    "routing.floors.infeasible_but_unproven": 0.0,
    "routing.floors.wrongly_proven": 0.0,
    "routing.faults": 0.0,
}


@dataclass(frozen=True)
class Grid:
    """A grid, and for how many seconds it is solved by whom."""

    segments: int
    teams: int
    seed: int
    seconds: tuple[int, ...]
    rivals_s: tuple[int, ...] = ()
    family: Family = "skewed"

    @property
    def stem(self) -> str:
        """What its figures' names begin with."""
        if self.teams == 1:
            return "routing.single"
        kind = "grid" if self.family == "skewed" else self.family
        return f"routing.{kind}.{self.segments}x{self.teams}"


@dataclass(frozen=True)
class Extent:
    """What a run covers.

    ``chao`` is (set, how many of it, seconds); ``soarp`` (beginning of the file's name, how many,
    teams); ``carp`` (set, how many, seconds). Instances are evenly spread by name.
    """

    grids: tuple[Grid, ...]
    chao: tuple[tuple[int, int, int], ...]
    soarp: tuple[tuple[str, int, int], ...]
    soarp_s: tuple[int, ...]
    carp: tuple[tuple[str, int, int], ...]
    wards: tuple[str, ...]
    floors: int


_TOLD: Final = ((300, 4), (800, 4), (1500, 8))  # whose figures the routing issue tells
_TOWNS: Final = ("as-117-", "as-179-", "as-253-", "ln-145-", "ln-400-", "ln-1008-")
FULL: Final = Extent(
    grids=(
        *(
            Grid(segments, teams, 1, (20, 60), (20, 60))
            for segments in _SIDES
            for teams in (2, 4, 8)
        ),
        *(Grid(*size, seed, (20, 60), (60,)) for size in _TOLD for seed in (2, 3)),
        *(Grid(*size, 1, (20, 60), family="spread") for size in _TOLD),
        *(Grid(segments, 1, seed, (30,)) for segments in (300, 800) for seed in (1, 2, 3)),
    ),
    chao=(
        (4, 8, 5), (7, 8, 5),
        *((number, 4, 20) for number in (4, 5, 6, 7)),
        *((number, 2, 60) for number in (4, 5, 6, 7)),
    ),
    soarp=(
        *((town, 2, 2) for town in ("as-253-", "ln-400-", "ln-1008-")),
        *((town, 1, 4) for town in _TOWNS),
    ),
    soarp_s=(20, 60),
    carp=(("gdb", 23, 5), ("val", 34, 10), ("egl", 10, 20)),
    wards=WARDS,
    floors=100,
)  # fmt: skip
QUICK: Final = Extent(
    grids=(
        Grid(300, 4, 1, (20,)),
        Grid(800, 4, 1, (20, 60), (20,)),
        Grid(300, 1, 1, (30,)),
    ),
    chao=((4, 1, 5), (7, 1, 5), *((number, 1, 20) for number in (4, 5, 6, 7))),
    soarp=(("as-253-", 1, 2), ("ln-145-", 1, 4)),
    soarp_s=(20,),
    carp=(("gdb", 2, 5), ("val", 1, 10), ("egl", 1, 20)),
    wards=("E05000138",),
    floors=10,
)


@dataclass
class Notes:
    """What was found: figures under their names, rules broken, and seconds used of given."""

    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    used: list[float] = field(default_factory=list)
    faults: int = 0

    def timed(self, problem: PatrolProblem, seconds: int, seed: int) -> Solution:
        """Our own answer; what it took of its seconds is kept."""
        answer, used_s = planned(problem, seconds, seed)
        if seconds:
            self.used.append(used_s / seconds)
        return answer

    def gap(self, name: str, problem: PatrolProblem, answer: Solution, best: int) -> float:
        """Check an answer and note its gap in per cent."""
        self.faults += len(broken(verify(problem, answer)))
        return self.note(name, 100.0 * (best - answer.value) / best, "%")

    def note(self, name: str, value: float, unit: str) -> float:
        """Say a figure of one instance, and keep it under the name."""
        print(f"{name} {value:.6g} {unit}", file=sys.stderr, flush=True)
        self.found[name].append(value)
        return value

    def add(self, other: Notes) -> None:
        """Take over what another run found."""
        self.used += other.used
        self.faults += other.faults
        for name, values in other.found.items():
            self.found[name] += values


Job = Callable[[], Notes]


def run() -> list[Figure]:
    """Figures as (name, value, unit)."""
    is_quick = os.environ.get("BENCH_FULL", "0") in {"", "0"}
    extent = QUICK if is_quick else FULL
    if is_quick:
        print("routing: a subset; BENCH_FULL=1 runs all", file=sys.stderr, flush=True)
    notes = Notes()
    for part in _done(list(_jobs(extent)), int(os.environ.get("BENCH_PROCESSES", "1"))):
        notes.add(part)
    figures = [
        ("routing.is_subset", float(is_quick), "of_1"),
        *_grid_figures(extent, notes),
        *_public_figures(notes),
        *_floor_figures(notes),
        ("routing.faults", float(notes.faults), "rules"),
        ("routing.load", os.getloadavg()[0], "processes"),
    ]
    if notes.used:
        figures.append(("routing.ours.used.mean", fmean(notes.used), "of_its_seconds"))
        figures.append(("routing.ours.used.most", max(notes.used), "of_its_seconds"))
    return list(_with_goals(figures))


def _jobs(extent: Extent) -> Iterator[Job]:
    """Long ones first, so that no process waits long for another at the end."""
    for grid in sorted(extent.grids, key=lambda g: (-g.segments * len(g.rivals_s), -g.segments)):
        yield partial(_on_grid, grid)
    folder = data_folder()
    if folder is None:
        text = "routing: no public instances; set CORRIDORS_ROUTING_DATA"
        print(text, file=sys.stderr, flush=True)
    else:
        yield from _public_jobs(folder, extent)
    camden = camden_folder()
    if camden is not None:
        yield from (partial(_on_ward, camden, ward) for ward in extent.wards)
    yield from (partial(_on_floors, seed) for seed in range(extent.floors))


def _public_jobs(folder: Path, extent: Extent) -> Iterator[Job]:
    for town, count, teams in extent.soarp:
        for file in _spaced(sorted((folder / "soarp").glob(f"{town}*.json")), count):
            yield partial(_on_soarp, file, teams, extent.soarp_s)
    best = reference_values(folder)
    for number, count, seconds in extent.chao:
        files = sorted((folder / "top_chao" / f"Set{number}").glob("*.txt"))
        for file in _spaced([file for file in files if best.get(file.stem, 0)], count):
            yield partial(_on_chao, file, best[file.stem], number, seconds)
    costs = best_known(folder)
    for name, count, seconds in extent.carp:
        files = sorted((folder / "carp" / _FOLDERS[name]).glob("*.dat"))
        for file in _spaced(files, count):
            yield partial(_on_carp, file, costs[file.stem], name, seconds)


def _done(jobs: list[Job], processes: int) -> Iterator[Notes]:
    if processes <= 1:
        yield from (job() for job in jobs)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from (waiting.result() for waiting in [pool.submit(job) for job in jobs])


def _with_goals(figures: Iterable[Figure]) -> Iterator[Figure]:
    for name, value, unit in figures:
        yield name, value, unit
        if name in GOALS:
            word = "met" if value <= GOALS[name] else "missed"
            yield f"{name}.goal", GOALS[name], f"{unit}_at_most:{word}"


@dataclass(frozen=True)
class _Mark:
    """A moment by both clocks, in seconds."""

    wall_s: float
    worked_s: float

    @classmethod
    def now(cls) -> _Mark:
        return cls(time.monotonic(), time.process_time())


def planned(problem: PatrolProblem, seconds: float, seed: int) -> tuple[Solution, float]:
    """What the product makes of a problem in so many seconds, and the seconds that it took.

    The bound and the trial are included. A search that took a tenth too long, since the trial
    misjudged it, does not count: it is done anew with fewer iterations.
    """
    began_s = time.process_time()
    few = len(problem.edges) <= _TABLE_EDGES
    searches = prepare_searches(problem) if few else ()
    rounds = usual_rounds(problem) if seconds >= _SHORT_S else _FEW_ROUNDS
    bound = upper_bound(problem, max_rounds=rounds, searches=searches, walk_looks=0)
    marks: list[_Mark] = []

    def search(iterations: int, most_s: float) -> Solution:
        return solve(
            problem,
            iterations=iterations,
            rng=np.random.default_rng(seed),
            max_seconds=most_s,
            guide=bound.covered,
            searches=searches,
            enough=bound.value,
            progress=lambda _done, _of: marks.append(_Mark.now()),
        )

    left_s = max(0.0, seconds - (time.process_time() - began_s))
    before = _Mark.now()
    trial = search(_TRIAL, left_s / 2)
    after = _Mark.now()
    if len(marks) < 2 or trial.value == bound.value:
        return trial, time.process_time() - began_s
    first, last = marks[0], marks[-1]
    each_s = max(1e-6, (last.worked_s - first.worked_s) / (_TRIAL - 1))
    share = min(1.0, (after.worked_s - before.worked_s) / (after.wall_s - before.wall_s))
    # Setting up and finishing happen once more.
    around_s = after.worked_s - before.worked_s - (last.worked_s - first.worked_s)
    left_s = seconds - (after.worked_s - began_s) - around_s
    before_s = after.worked_s - began_s
    if left_s <= 0:
        return trial, before_s
    iterations = max(1, int(_SURE * left_s / each_s))
    for _ in range(_ATTEMPTS):
        start_s = time.process_time()
        then = search(iterations, _OVER * left_s / share)
        took_s = before_s + time.process_time() - start_s
        if took_s <= _OVER * seconds or iterations == 1:
            break
        spare_s = max(1e-6, seconds - before_s)
        iterations = max(1, int(_SURE * iterations * spare_s / (took_s - before_s)))
    return max(trial, then, key=lambda answer: answer.value), took_s


def proven(problem: PatrolProblem, searches: tuple[Search | None, ...] = ()) -> int:
    """What no plan exceeds, after some minutes of a core at most."""
    return upper_bound(
        problem,
        max_rounds=_PROOF_ROUNDS * usual_rounds(problem),
        searches=searches,
        walk_looks=_PROOF_LOOKS,
        effort=THOROUGH,
    ).value


# Our own grids ----------------------------------------------------------------------------------


def _on_grid(grid: Grid) -> Notes:
    notes = Notes()
    rng = np.random.default_rng(grid.seed)
    size = (_SIDES[grid.segments], grid.segments, grid.teams)
    problem = street_grid(*size, PATROL_S, rng, grid.family)
    best = proven(problem)
    total = sum(problem.edges.value)
    is_nine = grid.stem.startswith("routing.grid.") and grid.seed == 1
    notes.note(f"{grid.stem}.bound.share", best / total, "of_value")

    def judge(who: str, answer: Solution, seconds: int | None) -> float:
        after = "" if seconds is None else f"_{seconds}s"
        notes.note(f"{grid.stem}.{who}.share{after}", answer.value / total, "of_value")
        gap = notes.gap(f"{grid.stem}.{who}.gap{after}", problem, answer, best)
        if is_nine:
            notes.found[f"routing.grid.nine.{who}.gap{after}"].append(gap)
        return gap

    judge("greedy", greedy(problem), None)
    for seconds in grid.seconds:
        own = judge("ours", notes.timed(problem, seconds, grid.seed), seconds)
        if seconds in grid.rivals_s:
            others = [
                judge(name, rival(problem, seconds, grid.seed), seconds)
                for name, rival in RIVALS.items()
            ]
            name = f"routing.grid.ours.behind_{seconds}s"
            notes.found[name].append(float(own > min(others)))
    return notes


def _grid_figures(extent: Extent, notes: Notes) -> Iterator[Figure]:
    stems = list(dict.fromkeys(grid.stem for grid in extent.grids))
    if len(notes.found["routing.grid.nine.greedy.gap"]) == _NINE:
        stems.append("routing.grid.nine")
    for stem in stems:
        for name in sorted(name for name in notes.found if name.startswith(f"{stem}.")):
            values = notes.found[name]
            if ".share" in name:
                yield f"{name}.median", median(values), "of_value"
            else:
                yield f"{name}.mean", fmean(values), "%"
                yield f"{name}.median", median(values), "%"
                yield f"{name}.worst", max(values), "%"
        instances = len(notes.found[f"{stem}.greedy.gap"])
        yield f"{stem}.instances", float(instances), "instances"
    for name in sorted(name for name in notes.found if ".ours.behind_" in name):
        yield name, sum(notes.found[name]), f"of_{len(notes.found[name])}"


# Public sets, and Camden ------------------------------------------------------------------------


def _on_chao(file: Path, best: int, number: int, seconds: int) -> Notes:
    notes = Notes()
    problem = read_chao(file)
    answer = notes.timed(problem, seconds, 1)
    gap = notes.gap(f"routing.chao.set{number}.gap_{seconds}s", problem, answer, best)
    group = "chao.sets4and7" if seconds < 20 else "chao"
    notes.found[f"routing.{group}.gap_{seconds}s"].append(gap)
    return notes


def _on_soarp(file: Path, teams: int, budgets_s: tuple[int, ...]) -> Notes:
    notes = Notes()
    problem = read_soarp(file, teams)
    best = proven(problem)
    town = "-".join(file.stem.split("-")[:2])
    for seconds in budgets_s:
        answer = notes.timed(problem, seconds, 1)
        stem = f"routing.soarp.{teams}teams"
        gap = notes.gap(f"{stem}.{town}.gap_{seconds}s", problem, answer, best)
        notes.found[f"{stem}.gap_{seconds}s"].append(gap)
    return notes


def _on_carp(file: Path, best: int, name: str, seconds: int) -> Notes:
    notes = Notes()
    case = read_carp(file)
    routes = solve_carp(case, seconds, 1)
    # What serves nothing breaks a rule, and is as far off as twice the cost.
    cost = carp_cost(case, routes) if routes else 2 * best
    notes.faults += not routes
    notes.note(f"routing.carp.{name}.gap_{seconds}s", 100.0 * (cost - best) / best, "%")
    return notes


def _on_ward(data: Path, ward: str) -> Notes:
    notes = Notes()
    problem = ward_problem(data, ward)
    if problem is not None:
        searches = prepare_searches(problem) if len(problem.edges) <= _TABLE_EDGES else ()
        best = proven(problem, searches)
        name = "routing.camden.gap_20s"
        print(ward, end=" ", file=sys.stderr)
        answer = notes.timed(problem, 20, 1)
        anybody = range(len(problem.teams))
        kept, walked, _ = streets_first(problem, answer, anybody, np.random.default_rng(1))
        notes.gap(name, kept, walked, best)
    return notes


def _public_figures(notes: Notes) -> Iterator[Figure]:
    stems = tuple(f"routing.{name}." for name in ("chao", "soarp", "carp", "camden"))
    for name in sorted(name for name in notes.found if name.startswith(stems)):
        values = notes.found[name]
        yield f"{name}.mean", fmean(values), "%"
        yield f"{name}.worst", max(values), "%"
        yield f"{name}.count", float(len(values)), "instances"


def _spaced(files: list[Path], count: int) -> list[Path]:
    """So many of the files, evenly spread."""
    if count >= len(files):
        return files
    return [files[(2 * number + 1) * len(files) // (2 * count)] for number in range(count)]


# Floors -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FloorTrial:
    """A grid with floors: what is best (None: no plan meets them), and what was made of it."""

    most: int | None
    answer: Solution
    missed: bool
    proven: bool


def try_floors(problem: PatrolProblem, seed: int) -> FloorTrial:
    """Solve by iterations, as in tests, and compare with the exact model."""
    searches = prepare_searches(problem)
    bound = upper_bound(problem, max_rounds=usual_rounds(problem), searches=searches)
    answer = solve(
        problem,
        iterations=_FLOOR_ITERATIONS,
        rng=np.random.default_rng(seed),
        max_seconds=600.0,
        guide=bound.covered,
        searches=searches,
        enough=bound.value,
    )
    settled = settle_floors(problem, answer, searches, bound.floor_limits)
    answer = settled.solution
    missed = any(fault.kind == "floor" for fault in verify(problem, answer))
    proven = bound.value_with_floors is None or bool(settled.alone or settled.together)
    return FloorTrial(exact_value(problem), answer, missed, proven)


def _on_floors(seed: int) -> Notes:
    """Every floor met or proven out of reach."""
    notes = Notes()
    problem = floored_grid(2, np.random.default_rng(seed))
    trial = try_floors(problem, seed)
    notes.faults += len(broken(verify(problem, trial.answer)))
    can = trial.most is not None
    counts = {
        "feasible": can,
        "feasible_but_missed": can and trial.missed,
        "infeasible": not can,
        "infeasible_but_unproven": not can and not trial.proven,
        "wrongly_proven": can and trial.proven,
    }
    for name, value in counts.items():
        notes.found[f"routing.floors.{name}"].append(float(value))
    if trial.most is not None and not trial.missed:
        gap = 100.0 * (trial.most - trial.answer.value) / trial.most
        notes.found["routing.floors.gap_to_exact"].append(gap)
    return notes


def _floor_figures(notes: Notes) -> Iterator[Figure]:
    for name in (name for name in notes.found if name.startswith("routing.floors.")):
        values = notes.found[name]
        if name.endswith("gap_to_exact"):
            yield f"{name}.mean", fmean(values), "%"
            yield f"{name}.worst", max(values), "%"
        else:
            yield name, sum(values), "instances"
