"""Street-like graphs to route on, made from a seed."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from corridors.arrays import FloatArray, IntArray
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Team

SPEED_M_PER_S = 1.2
_BLOCK_M, _BENT_M = 90.0, 18.0
# Of the logarithm of a street's value a second. With it, greedy insertion collects about what the
# routing issue tells of its own graphs, and the best tenth of the streets holds nearly three
# quarters of all value, as on real corridors (docs/routing.md).
SKEW: Final = 1.9

Family = Literal["skewed", "spread"]


def street_grid(
    side: int,
    valued: int,
    teams: int,
    limit_s: int,
    rng: np.random.Generator,
    family: Family = "skewed",
) -> PatrolProblem:
    """A perturbed grid with gaps and skewed values.

    Parameters
    ----------
    side : junctions along each side.
    valued : streets that are worth something, of about ``1.88 * side * (side - 1)`` in all.
    teams : two at a time start and end at the same one of six places.
    limit_s : each team's time.
    family : ``skewed`` draws any streets, with values of standard deviation ``SKEW``; ``spread``
        takes the best streets round the six places, with values that differ less.
    """
    xy_m, tail, head = _bent_grid(side, side, rng)
    walk_s = np.rint(np.linalg.norm(xy_m[tail] - xy_m[head], axis=1) / SPEED_M_PER_S)
    spots = rng.uniform(0.15, 0.85, size=(6, 2)) * side * _BLOCK_M
    if family == "skewed":
        raw = rng.lognormal(0.0, SKEW, size=len(tail)) * walk_s
        best = rng.permutation(len(tail))[:valued]
    else:
        middle = (xy_m[tail] + xy_m[head]) / 2
        near = np.exp(-((middle[:, None, :] - spots[None]) ** 2).sum(axis=2) / (2 * 350.0**2))
        raw = near.sum(axis=1) * rng.lognormal(0.0, 1.0, size=len(tail)) * walk_s
        best = np.argsort(-raw, kind="stable")[:valued]
    value = np.zeros(len(tail), dtype=np.int64)
    value[best] = np.maximum(1, np.rint(raw[best] / raw[best].mean() * 1000)).astype(np.int64)
    starts = [int(((xy_m - spot) ** 2).sum(axis=1).argmin()) for spot in spots]
    crew = tuple(Team(starts[k // 2 % 6], starts[k // 2 % 6], limit_s) for k in range(teams))
    edges = Edges.from_arrays(tail, head, walk_s.astype(np.int64), value)
    return PatrolProblem(side * side, edges, crew)


def floored_grid(teams: int, rng: np.random.Generator, *, floors: int = 2) -> PatrolProblem:
    """3 x 4 junctions with a floor on either half, about as often out of reach as not.

    Teams start and end at junctions drawn for each, with time for a part of the streets. A third
    floor is on the southern half, so that streets are in two of them.
    """
    xy_m, tail, head = _bent_grid(3, 4, rng)
    walk_s = np.rint(np.linalg.norm(xy_m[tail] - xy_m[head], axis=1) / SPEED_M_PER_S)
    value = np.maximum(1, np.rint(rng.lognormal(4.0, 1.0, size=len(tail)))).astype(np.int64)
    starts = rng.integers(12, size=teams).tolist()
    limit_s = int(walk_s.sum() * rng.uniform(0.3, 0.7))
    west = (xy_m[tail, 0] + xy_m[head, 0]) / 2 < xy_m[:, 0].mean()
    south = (xy_m[tail, 1] + xy_m[head, 1]) / 2 < xy_m[:, 1].mean()
    asked = []
    for key, inside in (("east", ~west), ("west", west), ("south", south))[:floors]:
        members = np.flatnonzero(inside)
        minimum = int(value[members].sum() * rng.uniform(0.6, 1.0))
        asked.append(Floor(key, tuple(members.tolist()), minimum))
    edges = Edges.from_arrays(tail, head, walk_s.astype(np.int64), value)
    crew = tuple(Team(start, start, limit_s) for start in starts)
    return PatrolProblem(12, edges, crew, tuple(asked))


def _bent_grid(
    columns: int, rows: int, rng: np.random.Generator
) -> tuple[FloatArray, IntArray, IntArray]:
    """Junctions in metres, and both ends of each street; one upright in eight is not there."""
    across, up = np.meshgrid(np.arange(columns), np.arange(rows))
    xy_m = np.column_stack([across.ravel(), up.ravel()]) * _BLOCK_M
    xy_m += rng.normal(0.0, _BENT_M, size=xy_m.shape)
    node = np.arange(rows * columns).reshape(rows, columns)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    # A spanning comb stays, so that all streets remain joined.
    upright = np.arange(len(tail)) >= rows * (columns - 1)
    spine = ~upright | (tail % columns == 0)
    kept = spine | (rng.random(len(tail)) > 0.12)
    return xy_m, tail[kept], head[kept]
