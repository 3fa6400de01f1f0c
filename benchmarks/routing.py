"""Routing on a street-like grid: how close to its own bound, and how long it takes."""

from __future__ import annotations

import time

import numpy as np

from corridors.patrols.bound import upper_bound
from corridors.patrols.problem import Edges, PatrolProblem, Team
from corridors.patrols.solver import solve
from corridors.patrols.verify import verify

SPEED_M_PER_S = 1.2


def street_grid(
    side: int, valued: int, teams: int, limit_s: int, rng: np.random.Generator
) -> PatrolProblem:
    """A perturbed grid with gaps and skewed values that gather around a few places."""
    across, up = np.meshgrid(np.arange(side), np.arange(side))
    xy_m = np.column_stack([across.ravel(), up.ravel()]) * 90.0
    xy_m += rng.normal(0.0, 18.0, size=xy_m.shape)
    node = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    # A spanning comb stays, so that all streets remain joined.
    upright = np.arange(len(tail)) >= side * (side - 1)
    spine = ~upright | (tail % side == 0)
    kept = spine | (rng.random(len(tail)) > 0.12)
    tail, head = tail[kept], head[kept]
    walk_s = np.rint(np.linalg.norm(xy_m[tail] - xy_m[head], axis=1) / SPEED_M_PER_S)
    middle = (xy_m[tail] + xy_m[head]) / 2
    spots = rng.uniform(0.15, 0.85, size=(6, 2)) * side * 90.0
    near = np.exp(-((middle[:, None, :] - spots[None]) ** 2).sum(axis=2) / (2 * 350.0**2))
    raw = near.sum(axis=1) * rng.lognormal(0.0, 1.0, size=len(tail)) * walk_s
    value = np.zeros(len(tail), dtype=np.int64)
    best = np.argsort(-raw, kind="stable")[:valued]
    value[best] = np.maximum(1, np.rint(raw[best] / raw[best].mean() * 1000)).astype(np.int64)
    # As in a ward, two teams at a time start where the values are: at a school.
    starts = [int(((xy_m - spot) ** 2).sum(axis=1).argmin()) for spot in spots]
    crew = tuple(Team(starts[k // 2 % 6], starts[k // 2 % 6], limit_s) for k in range(teams))
    edges = Edges.from_arrays(tail, head, walk_s.astype(np.int64), value)
    return PatrolProblem(side * side, edges, crew)


def run() -> list[tuple[str, float, str]]:
    """Figures as (name, value, unit)."""
    figures = []
    for name, shape in {
        "small": (12, 150, 3, 3600, 200),
        "large": (25, 800, 4, 5400, 400),
    }.items():
        side, valued, teams, limit_s, iterations = shape
        problem = street_grid(side, valued, teams, limit_s, np.random.default_rng(1))
        began = time.perf_counter()
        bound = upper_bound(problem, max_rounds=15)
        bounded = time.perf_counter()
        answer = solve(
            problem,
            iterations=iterations,
            rng=np.random.default_rng(1),
            max_seconds=120.0,
            guide=bound.covered,
        )
        solved = time.perf_counter()
        gap = (bound.value - answer.value) / bound.value
        figures += [
            (f"routing.{name}.bound_time", bounded - began, "s"),
            (f"routing.{name}.solver_time", solved - bounded, "s"),
            (f"routing.{name}.gap_to_bound", gap, "share of bound"),
            (f"routing.{name}.faults", float(len(verify(problem, answer))), "rules broken"),
        ]
    return figures
