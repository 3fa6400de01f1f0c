"""Random numbers that do not depend on what ran before."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, stage: str, key: str) -> np.random.Generator:
    """A generator of its own for each stage and key."""
    digest = hashlib.sha256(f"{stage}|{key}".encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
