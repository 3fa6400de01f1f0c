"""Where a fictional town lies and which codes it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.crs import EAST_LIMIT_M, NORTH_LIMIT_M
from corridors.demo.draws import stream
from corridors.errors import InputError

HALF_WIDTH_M: Final = 2150.0  # of the street extract
HALF_HEIGHT_M: Final = 1950.0


@dataclass(frozen=True)
class Setting:
    """One fictional town.

    Parameters
    ----------
    seed : decides every draw.
    east_m, north_m : the town's middle, EPSG:27700.
    ward_number : the six digits of its first ward's code; the second is one more.
    first_urn : of its five schools.
    first_osm_id : of its nodes and, separately, its ways.

    Raises
    ------
    InputError
        If the town would leave the British National Grid or a code its form.
    """

    seed: int
    east_m: float
    north_m: float
    ward_number: int
    first_urn: int
    first_osm_id: int

    def __post_init__(self) -> None:
        inside = (
            HALF_WIDTH_M <= self.east_m <= EAST_LIMIT_M - HALF_WIDTH_M
            and HALF_HEIGHT_M <= self.north_m <= NORTH_LIMIT_M - HALF_HEIGHT_M
        )
        _require(inside, "east_m, north_m", "the town must lie inside the British National Grid")
        _require(self.seed >= 0, "seed", "must not be negative")
        in_range = 900_000 <= self.ward_number <= 999_998
        _require(in_range, "ward_number", "must be 900000 to 999998")
        _require(900_000 <= self.first_urn <= 999_990, "first_urn", "must be 900000 to 999990")
        _require(self.first_osm_id >= 1, "first_osm_id", "must be at least 1")

    @property
    def ward_codes(self) -> tuple[str, str]:
        """Codes of the two wards, west and east."""
        return f"E05{self.ward_number}", f"E05{self.ward_number + 1}"

    def rng(self, stage: str) -> np.random.Generator:
        """The random generator of one stage."""
        return stream(self.seed, stage)


def _require(rule: bool, what: str, problem: str) -> None:
    if not rule:
        raise InputError(problem, column=what, fix="Choose another value")
