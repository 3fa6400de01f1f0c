"""Whom we ask, for what, and what they learn by it: one table, and nothing else names a host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from corridors.errors import ProfileError


@dataclass(frozen=True)
class Endpoint:
    """An address that a kind of data is fetched from."""

    key: str
    url: str
    learns: str  # what its host learns, in plain words
    licence: str

    @property
    def host(self) -> str:
        """The name of the machine that is asked."""
        return urlsplit(self.url).hostname or ""


_OGL: Final = "Open Government Licence v3.0"
_NOTHING: Final = "that somebody fetched the whole national file; not for which area"

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    e.key: e
    for e in (
        Endpoint(
            "streets",
            "https://overpass-api.de/api",
            "your network address, and the padded square that you plan in",
            "ODbL 1.0, © OpenStreetMap contributors",
        ),
        Endpoint(
            "crimes",
            "https://data.police.uk/api",
            "your network address, the padded area, and the months",
            _OGL,
        ),
        Endpoint(
            "crime_archive",
            "https://data.police.uk/data/archive/{month}.zip",
            "your network address and the months; not for which area",
            _OGL,
        ),
        Endpoint(
            "schools",
            "https://ea-edubase-api-prod.azurewebsites.net/edubase/downloads/public/"
            "edubasealldata{day}.csv",
            _NOTHING,
            _OGL,
        ),
        Endpoint(
            "boundaries",
            "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/"
            "WD_MAY_2024_UK_BFC/FeatureServer/0/query",
            "your network address, and the padded square",
            f"{_OGL}; contains OS data © Crown copyright and database right",
        ),
        Endpoint(
            "stops",
            "https://naptan.api.dft.gov.uk/v1/access-nodes",
            _NOTHING,
            _OGL,
        ),
        Endpoint("holidays", "https://www.gov.uk/bank-holidays.json", _NOTHING, _OGL),
    )
}


def endpoints_of(own: Mapping[str, str]) -> Mapping[str, Endpoint]:
    """The table with a workspace's own addresses over it.

    Parameters
    ----------
    own : ``[fetch]`` of corridors.toml: key -> address, such as a mirror inside the force.

    Raises
    ------
    ProfileError
        For an unknown key, or for what is no plain http(s) address without user and password.
    """
    made = dict(ENDPOINTS)
    for key, url in sorted(own.items()):
        if key not in made:
            raise ProfileError(
                "unknown key", file="corridors.toml", column=f"fetch.{key}",
                fix=f"Known keys: {', '.join(made)}",
            )  # fmt: skip
        if not _is_plain(url):
            raise ProfileError(
                "is not an address", file="corridors.toml", column=f"fetch.{key}", value=url,
                fix="Write it as https://host/path, without a user name or password",
            )  # fmt: skip
        made[key] = replace(made[key], url=url.rstrip("/"))
    return made


def _is_plain(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # such as an open bracket, or port 99999
        return False
    is_clean = not re.search(r"[\s\x00-\x1f\x7f]", url) and "@" not in parts.netloc
    return named and is_clean and parts.scheme in ("http", "https")
