"""Routing: gaps to proven bounds and to public reference values, beside other solvers.

``make bench BENCH=routing`` runs a subset within ten minutes of a core; ``BENCH_FULL=1`` runs all
of it, which takes some ten hours. Figures of single instances go to stderr as they come.

* Grids: street-like graphs of our own, three seeds. Gaps are to our own bound after
  ``_PROOF_ROUNDS`` rounds of cuts, for all solvers alike.
* Chao's team orienteering instances, sets 4 to 7, to the reference values (see ``_public``).
* soarp's real streets, 2 and 4 teams of 90 minutes, to our own bound.
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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import fmean, median
from typing import Final

import numpy as np

from benchmarks._graphs import floored_grid, street_grid
from benchmarks._public import data_folder, read_chao, read_soarp, reference_values
from benchmarks._rivals import RIVALS, exact_value, greedy
from corridors.patrols.bound import upper_bound
from corridors.patrols.exact import prepare_searches
from corridors.patrols.problem import PatrolProblem, Solution
from corridors.patrols.solver import solve
from corridors.patrols.verify import FLOOR_MISSED, verify

Figure = tuple[str, float, str]

PATROL_S: Final = 90 * 60
_SIDES: Final = {300: 16, 800: 25, 1500: 34}  # junctions along each side, by valued segments
_GUIDE_ROUNDS: Final = 15  # as in corridors.patrols.session
_PROOF_ROUNDS: Final = 40
# On wider graphs the exact tables give up, and finding that out would cost most of the time.
_TABLE_EDGES: Final = 400
_TRIAL: Final = 20  # iterations, which is one turn of a team
_SURE: Final = 0.95  # of the seconds left are planned for, since turns are of uneven length
_OVER: Final = 1.1  # of the seconds left end the search, whatever the trial said
_ATTEMPTS: Final = 4
_FLOOR_ITERATIONS: Final = 50


@dataclass(frozen=True)
class Extent:
    """What a run covers.

    ``grids`` are (segments, teams), ``rivals_s`` and ``seconds`` the budgets, ``soarp`` (part of
    the file's name, teams). ``each_set`` is how many of each of Chao's sets are solved, evenly
    spread by name; None is all.
    """

    grids: tuple[tuple[int, int], ...]
    seeds: tuple[int, ...]
    rivals_s: tuple[int, ...]
    seconds: tuple[int, ...]
    public_s: tuple[int, ...]
    each_set: int | None
    soarp: tuple[tuple[str, int], ...]
    floors: int


FULL: Final = Extent(
    grids=tuple((segments, teams) for segments in _SIDES for teams in (2, 4, 8)),
    seeds=(1, 2, 3),
    rivals_s=(20, 60),
    seconds=(20, 60),
    public_s=(20, 60),
    each_set=None,
    soarp=(("", 2), ("", 4)),
    floors=100,
)
QUICK: Final = Extent(
    grids=((300, 2), (800, 4)),
    seeds=(1,),
    rivals_s=(20,),
    seconds=(20, 60),
    public_s=(20,),
    each_set=1,
    soarp=(("as-253-710-1-", 2), ("ln-400-1260-1-", 4)),
    floors=20,
)


@dataclass
class _Tally:
    """Rules broken so far by all answers of all solvers, their gaps, and seconds used of given."""

    faults: int = 0
    used: list[float] = field(default_factory=list)
    gaps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def timed(self, problem: PatrolProblem, seconds: int, seed: int) -> Solution:
        """Our own answer; what it took of its seconds is kept."""
        answer, used_s = planned(problem, seconds, seed)
        if seconds:
            self.used.append(used_s / seconds)
        return answer

    def note(self, name: str, problem: PatrolProblem, answer: Solution, best: int) -> float:
        """Check an answer, say its gap in per cent, and keep it under the name."""
        found = verify(problem, answer)
        self.faults += sum(not text.startswith(FLOOR_MISSED) for text in found)
        gap = 100.0 * (best - answer.value) / best
        self.gaps[name].append(gap)
        _say(name, gap, "%")
        return gap


def run() -> list[Figure]:
    """Figures as (name, value, unit)."""
    is_quick = os.environ.get("BENCH_FULL", "0") in {"", "0"}
    extent = QUICK if is_quick else FULL
    if is_quick:
        print("routing: a subset; BENCH_FULL=1 runs all", file=sys.stderr, flush=True)
    began_s, worked_s = time.perf_counter(), time.process_time()
    tally = _Tally()
    figures = [("routing.is_subset", float(is_quick), "of_1")]
    for part in (_grids, _public, _floors):
        figures += part(extent, tally)
    share = (time.process_time() - worked_s) / (time.perf_counter() - began_s)
    if tally.used:
        figures.append(("routing.ours.used.mean", fmean(tally.used), "of_its_seconds"))
        figures.append(("routing.ours.used.most", max(tally.used), "of_its_seconds"))
    return [
        *figures,
        ("routing.faults", float(tally.faults), "rules"),
        ("routing.cpu_share", share, "of_a_core"),
        ("routing.load", os.getloadavg()[0], "processes"),
    ]


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
    bound = upper_bound(problem, max_rounds=_GUIDE_ROUNDS, searches=searches, walk_looks=0)
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


# Our own grids ----------------------------------------------------------------------------------


def _grids(extent: Extent, tally: _Tally) -> list[Figure]:
    behind: dict[int, int] = dict.fromkeys(extent.rivals_s, 0)
    names: list[str] = []
    for segments, teams in extent.grids:
        stem = f"routing.grid.{segments}x{teams}"
        for seed in extent.seeds:
            rng = np.random.default_rng(seed)
            problem = street_grid(_SIDES[segments], segments, teams, PATROL_S, rng)
            best = upper_bound(problem, max_rounds=_PROOF_ROUNDS).value
            tally.note(f"{stem}.greedy.gap", problem, greedy(problem), best)
            for seconds in extent.seconds:
                answer = tally.timed(problem, seconds, seed)
                own = tally.note(f"{stem}.ours.gap_{seconds}s", problem, answer, best)
                if seconds in extent.rivals_s:
                    others = [
                        tally.note(
                            f"{stem}.{name}.gap_{seconds}s",
                            problem,
                            rival(problem, seconds, seed),
                            best,
                        )
                        for name, rival in RIVALS.items()
                    ]
                    behind[seconds] += own > min(others)
        names += [name for name in tally.gaps if name.startswith(f"{stem}.")]
    return [
        *chain.from_iterable(_spread(name, tally.gaps[name]) for name in names),
        *(
            (f"routing.grid.ours.behind_{seconds}s", float(count), "instances")
            for seconds, count in behind.items()
        ),
        ("routing.grid.instances", float(len(extent.grids) * len(extent.seeds)), "instances"),
    ]


def _spread(name: str, gaps: list[float]) -> list[Figure]:
    return [(f"{name}.median", median(gaps), "%"), (f"{name}.worst", max(gaps), "%")]


# Public sets ------------------------------------------------------------------------------------


def _public(extent: Extent, tally: _Tally) -> list[Figure]:
    folder = data_folder()
    if folder is None:
        print(
            "routing: no public instances; set CORRIDORS_ROUTING_DATA", file=sys.stderr, flush=True
        )
        return []
    return [*_chao(folder, extent, tally), *_soarp(folder, extent, tally)]


def _chao(folder: Path, extent: Extent, tally: _Tally) -> Iterator[Figure]:
    reference = reference_values(folder)
    names = []
    for number in (4, 5, 6, 7):
        files = [
            file
            for file in sorted((folder / "top_chao" / f"Set{number}").glob("*.txt"))
            if reference.get(file.stem, 0) > 0
        ]
        for file in _spaced(files, extent.each_set):
            problem = read_chao(file)
            for seconds in extent.public_s:
                name = f"routing.chao.set{number}.gap_{seconds}s"
                answer = tally.timed(problem, seconds, 1)
                _say(f"routing.chao.{file.stem}.value_{seconds}s", answer.value, "score")
                tally.note(name, problem, answer, reference[file.stem])
                names.append(name)
    return _means(names, tally, "routing.chao")


def _soarp(folder: Path, extent: Extent, tally: _Tally) -> Iterator[Figure]:
    names = []
    for part, teams in extent.soarp:
        for file in sorted((folder / "soarp").glob(f"{part}*.json")):
            problem = read_soarp(file, teams)
            best = upper_bound(problem, max_rounds=_PROOF_ROUNDS).value
            for seconds in extent.public_s:
                town = "-".join(file.stem.split("-")[:2])
                name = f"routing.soarp.{town}.{teams}teams.gap_{seconds}s"
                tally.note(name, problem, tally.timed(problem, seconds, 1), best)
                names.append(name)
    return _means(names, tally, "routing.soarp")


def _means(names: Iterable[str], tally: _Tally, stem: str) -> Iterator[Figure]:
    """Mean and worst gap under each name, and of all together by seconds."""
    together: dict[str, list[float]] = defaultdict(list)
    for name in dict.fromkeys(names):
        gaps = tally.gaps[name]
        yield f"{name}.mean", fmean(gaps), "%"
        yield f"{name}.worst", max(gaps), "%"
        yield f"{name}.count", float(len(gaps)), "instances"
        together[name.rsplit(".", 1)[1]] += gaps
    for seconds, gaps in together.items():
        yield f"{stem}.{seconds}.mean", fmean(gaps), "%"


def _spaced(files: list[Path], count: int | None) -> list[Path]:
    """So many of the files, evenly spread."""
    if count is None or count >= len(files):
        return files
    return [files[(2 * number + 1) * len(files) // (2 * count)] for number in range(count)]


# Floors -----------------------------------------------------------------------------------------


def _floors(extent: Extent, tally: _Tally) -> list[Figure]:
    """Every floor met or proven out of reach; solved by iterations, as in tests."""
    counts = dict.fromkeys(("feasible", "met", "infeasible", "proven", "wrongly_proven"), 0)
    gaps = []
    for seed in range(extent.floors):
        problem = floored_grid(2, np.random.default_rng(seed))
        searches = prepare_searches(problem)
        bound = upper_bound(problem, max_rounds=_GUIDE_ROUNDS, searches=searches, walk_looks=0)
        answer = solve(
            problem,
            iterations=_FLOOR_ITERATIONS,
            rng=np.random.default_rng(seed),
            max_seconds=600.0,
            guide=bound.covered,
            searches=searches,
            enough=bound.value,
        )
        found = verify(problem, answer)
        missed = sum(text.startswith(FLOOR_MISSED) for text in found)
        tally.faults += len(found) - missed
        most = exact_value(problem)
        is_proven = bound.value_with_floors is None
        counts["feasible"] += most is not None
        counts["infeasible"] += most is None
        counts["met"] += most is not None and not missed
        counts["proven"] += most is None and is_proven
        counts["wrongly_proven"] += most is not None and is_proven
        if most is not None and not missed:
            gaps.append(100.0 * (most - answer.value) / most)
    figures = [
        (f"routing.floors.{name}", float(count), "instances") for name, count in counts.items()
    ]
    if gaps:
        figures.append(("routing.floors.gap_to_exact.mean", fmean(gaps), "%"))
        figures.append(("routing.floors.gap_to_exact.worst", max(gaps), "%"))
    for figure in figures:
        _say(*figure)
    return figures


def _say(name: str, value: float, unit: str) -> None:
    print(f"{name} {value:.6g} {unit}", file=sys.stderr, flush=True)
