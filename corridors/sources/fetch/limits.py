"""How often, how long and how much each kind of data is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from corridors.sources.fetch.client import Limits

_MB: Final = 1_000_000
# data.police.uk allows 15 requests a second; ten leave room for another visitor on our network.
_LIMITS: Final[Mapping[str, Limits]] = {
    "crimes": Limits(most_bytes=100 * _MB, between_s=0.1),
    # Three years of the whole country: asked for again less often, and given an afternoon.
    "crime_archive": Limits(attempts=3, whole_s=14_400.0, most_bytes=8_000 * _MB, between_s=1.0),
    "schools": Limits(most_bytes=400 * _MB, between_s=0.5),
    "boundaries": Limits(most_bytes=400 * _MB, between_s=0.5),
    "stops": Limits(most_bytes=1_000 * _MB, between_s=0.5),
    "holidays": Limits(most_bytes=5 * _MB, between_s=0.5),
}


def limits_for(kind: str) -> Limits:
    """What a ``Client`` for one kind of data keeps to; the usual limits for a kind without own.

    Parameters
    ----------
    kind : key of ``ENDPOINTS``.
    """
    return _LIMITS.get(kind, Limits())
