"""Random draws that stay the same on every machine and numpy.

Only ``Generator.random`` is used: numpy may change how it makes normals or shuffles between
releases, but has never changed how 53 bits become a double.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def stream(seed: int, stage: str) -> np.random.Generator:
    """The generator of one stage: a change in one stage leaves the draws of the others alone."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(stage.encode())]))


def chance(rng: np.random.Generator, share: float) -> bool:
    """True with probability ``share`` (0-1)."""
    return float(rng.random()) < share


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform in [low, high)."""
    return low + (high - low) * float(rng.random())


def whole(rng: np.random.Generator, low: int, high: int) -> int:
    """Uniform whole number from low to high, both included."""
    return low + int(float(rng.random()) * (high - low + 1))


def bell(rng: np.random.Generator, mean: float, spread: float) -> float:
    """Roughly normal with standard deviation ``spread``, never beyond 3.5 of it."""
    four = sum(float(rng.random()) for _ in range(4))
    return mean + spread * (four - 2.0) * math.sqrt(3.0)


def pick(rng: np.random.Generator, items: Sequence[Item]) -> Item:
    """One of ``items``, each as likely."""
    return items[int(float(rng.random()) * len(items))]


def pick_weighted(rng: np.random.Generator, weights: Mapping[Item, float]) -> Item:
    """A key of ``weights``, as likely as its weight; order of the mapping counts."""
    left = float(rng.random()) * sum(weights.values())
    items = list(weights)
    for item in items:
        left -= weights[item]
        if left < 0:
            return item
    return items[-1]


def shuffled(rng: np.random.Generator, items: Sequence[Item]) -> list[Item]:
    """``items`` in random order."""
    keys = [float(rng.random()) for _ in items]
    return [items[i] for i in sorted(range(len(items)), key=keys.__getitem__)]
