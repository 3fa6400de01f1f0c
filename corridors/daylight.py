"""When it gets dark, so that nobody is sent out into it unawares."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunset

from corridors.crs import to_geographic

LONDON = ZoneInfo("Europe/London")


@lru_cache(maxsize=1024)
def sunset_min(day: date, x_m: float, y_m: float) -> int | None:
    """Sunset in whole local minutes after Europe/London midnight, rounded down.

    Parameters
    ----------
    day : local day; both clock changes are kept.
    x_m, y_m : place, metres, EPSG:27700.

    Returns
    -------
    The minute, right to about one for a flat horizon [1]_; None where the sun does not set that
    day.

    References
    ----------
    .. [1] Meeus (1998), Astronomical Algorithms, as the package astral computes it.
    """
    lon, lat = to_geographic(x_m, y_m)
    try:
        at = sunset(Observer(float(lat[0]), float(lon[0])), date=day, tzinfo=UTC)
    except ValueError:  # astral: the sun never reaches the horizon
        return None
    local: datetime = at.astimezone(LONDON)
    return 60 * local.hour + local.minute
