"""One coordinate system inside: British National Grid, EPSG:27700, metres.

Longitude and latitude (EPSG:4326) exist only in ``sources`` and ``publish``, in that order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj.network
from pyproj import Transformer
from pyproj.enums import TransformDirection

from corridors.arrays import FloatArray
from corridors.errors import CrsError

METRIC: Final = "EPSG:27700"
GEOGRAPHIC: Final = "EPSG:4326"

# The area of use of EPSG:27700, generously: eastings 0-700 km, northings 0-1300 km.
EAST_LIMIT_M: Final = 700_000.0
NORTH_LIMIT_M: Final = 1_300_000.0

# The seven-parameter shift that needs no grid file, so that every machine gets the same metre.
# Within 5 m of OSTN15 (EPSG operation 1314); a grid that happens to be installed is not used.
_PIPELINE: Final = (
    "+proj=pipeline "
    "+step +proj=unitconvert +xy_in=deg +xy_out=rad "
    "+step +proj=push +v_3 "
    "+step +proj=cart +ellps=WGS84 "
    "+step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 "
    "+rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 +convention=position_vector "
    "+step +inv +proj=cart +ellps=airy "
    "+step +proj=pop +v_3 "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)
SHIFT_NAME: Final = "OSGB36 to WGS84 by Helmert (EPSG:1314), within 5 m"


@lru_cache(maxsize=1)
def _transformer() -> Transformer:
    pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    return Transformer.from_pipeline(_PIPELINE)


def to_metric(
    lon_degree: npt.ArrayLike, lat_degree: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Eastings and northings of WGS84 positions.

    Parameters
    ----------
    lon_degree, lat_degree : (n,) degrees, EPSG:4326.

    Returns
    -------
    (n,) and (n,) metres, EPSG:27700, by the grid-free Helmert shift named in ``SHIFT_NAME``.
    """
    return _transform(lon_degree, lat_degree, TransformDirection.FORWARD)


def to_geographic(x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Longitudes and latitudes (degrees, EPSG:4326) of EPSG:27700 positions in metres."""
    return _transform(x_m, y_m, TransformDirection.INVERSE)


def _transform(
    first: npt.ArrayLike, second: npt.ArrayLike, direction: TransformDirection
) -> tuple[FloatArray, FloatArray]:
    one = np.atleast_1d(np.asarray(first, dtype=float))
    two = np.atleast_1d(np.asarray(second, dtype=float))
    if one.size == 1:
        # pyproj takes one-element arrays for points and then trips over NumPy's deprecation.
        at = _transformer().transform(one.item(), two.item(), direction=direction)
        return np.array([at[0]]), np.array([at[1]])
    x, y = _transformer().transform(one, two, direction=direction)
    return np.asarray(x), np.asarray(y)


def require_metric(crs: object, what: str) -> None:
    """Raise ``CrsError`` unless ``crs`` is EPSG:27700; a missing one is never guessed."""
    if crs is None or str(crs).upper() != METRIC:
        raise CrsError(f"{what} must be in {METRIC} (metres), not {crs}", fix="Reproject it first")
