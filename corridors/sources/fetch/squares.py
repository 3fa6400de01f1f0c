"""An area in degrees, whole and in quarters, without gaps and without overlaps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.crs import to_geographic
from corridors.sources.positions import Bounds

_STEPS: Final = 100_000  # of a degree: five decimals, about a metre


@dataclass(frozen=True)
class Square:
    """A rectangle in hundred-thousandths of a degree: whole numbers, so that halves meet exactly.

    It holds its western and southern edge and not the others: every place is in one quarter.
    """

    west: int
    south: int
    east: int
    north: int

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place (degrees) lies inside."""
        x, y = round(lon * _STEPS, 3), round(lat * _STEPS, 3)
        return self.west <= x < self.east and self.south <= y < self.north

    def quarters(self) -> tuple[Square, ...]:
        """Its four parts."""
        x, y = (self.west + self.east) // 2, (self.south + self.north) // 2
        return (
            Square(self.west, self.south, x, y),
            Square(x, self.south, self.east, y),
            Square(self.west, y, x, self.north),
            Square(x, y, self.east, self.north),
        )

    def lat_lng(self, wider: int) -> str:
        """Its corners as ``lat,lng:lat,lng:…`` with five decimals, ``wider`` steps farther out."""
        west, east = self.west - wider, self.east + wider
        south, north = self.south - wider, self.north + wider
        corners = ((south, west), (south, east), (north, east), (north, west))
        return ":".join(f"{lat / _STEPS:.5f},{lon / _STEPS:.5f}" for lat, lon in corners)


def square_of(area_m: Bounds) -> Square:
    """The smallest such rectangle around an area in EPSG:27700 metres."""
    west, south, east, north = area_m
    # Edges bend a little between the two systems: points along them, not corners only.
    along = np.linspace(0.0, 1.0, 9)
    x, y = west + (east - west) * along, south + (north - south) * along
    lon, lat = to_geographic(
        np.concatenate([x, x, np.full(9, west), np.full(9, east)]),
        np.concatenate([np.full(9, south), np.full(9, north), y, y]),
    )
    return Square(
        math.floor(lon.min() * _STEPS), math.floor(lat.min() * _STEPS),
        math.ceil(lon.max() * _STEPS), math.ceil(lat.max() * _STEPS),
    )  # fmt: skip
