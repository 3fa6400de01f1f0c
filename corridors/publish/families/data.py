"""A public plan as data: written for a partnership's own website, read back to compare and to list.

What is read is taken as hostile: any hand may have put a file into a public folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

from corridors.model import PublicCorridor, PublicPlace, PublicPlan, PublicRole
from corridors.publish.families.wall import only_public
from corridors.publish.folders import BROKEN, monday_of
from corridors.publish.wording import clean, clean_name

FORMAT: Final = 1
DATA_FILE: Final = "notice.json"
_MOST_BYTES: Final = 5_000_000


def notice_json(public: PublicPlan) -> bytes:
    """UTF-8 JSON with sorted keys: what the notice says and nothing else.

    Times are minutes after midnight, local; lines are (longitude, latitude) in degrees, EPSG:4326.

    Raises
    ------
    TypeError
        If ``public`` is not exactly a ``PublicPlan``.
    """
    only_public(public)
    text = json.dumps(
        {"format": FORMAT, **asdict(public)}, sort_keys=True, indent=1, default=_iso,
        ensure_ascii=False,
    )  # fmt: skip
    return f"{text}\n".encode()


def read_notice_json(folder: Path) -> PublicPlan | None:
    """What ``notice_json`` wrote into ``maps/public/<ward>/<week>``.

    Returns
    -------
    None if the file is missing, a link, damaged, of another ward or week, or too big.
    """
    path = folder / DATA_FILE
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        data = json.loads(path.read_bytes())
        if (data["ward_code"], data["week_label"]) != (folder.parent.name, folder.name):
            return None
        return _plan(data)
    except BROKEN:
        return None


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a notice holds no {type(value)}")


def _plan(data: Mapping[str, Any]) -> PublicPlan:
    """The plan, or one of ``BROKEN`` if a value is not of its kind."""
    if not 1 <= _whole(data["format"]) <= FORMAT:
        raise ValueError("another format")
    monday = monday_of(data["week_label"])
    corridors = tuple(_corridor(one) for one in _listed(data["corridors"]))
    days = [day for corridor in corridors for day in corridor.days]
    if any((day - (monday or day)).days not in range(7) for day in days):
        raise ValueError("a day of another week")
    return PublicPlan(
        ward_code=_name(data["ward_code"]),
        ward_name=_name(data["ward_name"]),
        week_label=_name(data["week_label"]),
        partnership=_name(data["partnership"]),
        issued_on=_day(data["issued_on"]),
        notice_version=_whole(data["notice_version"], 1, 999_999),
        is_unannounced=_flag(data["is_unannounced"]),
        corridors=corridors,
        contact=_text(data["contact"]),
        youth_contact=_text(data["youth_contact"]),
        services=tuple(_text(one) for one in _listed(data["services"])),
        attribution=_text(data["attribution"]),
        is_cancelled=_flag(data["is_cancelled"]),
        about=_text(data["about"]),
        cancelled_schools=_names(data.get("cancelled_schools", [])),
    )


def _corridor(data: Mapping[str, Any]) -> PublicCorridor:
    return PublicCorridor(
        schools=_names(data["schools"]),
        streets=_names(data["streets"]),
        places=tuple(
            PublicPlace(_name(one["name"]), _name(one["kind"])) for one in _listed(data["places"])
        ),
        days=tuple(_day(day) for day in _listed(data["days"])),
        start_min=_whole(data["start_min"], 0, 1440),
        end_min=_whole(data["end_min"], 0, 1440),
        roles=tuple(_role(one) for one in _listed(data["roles"])),
        officer_names=_names(data["officer_names"]),
        lines_lon_lat=tuple(
            tuple(_lon_lat(pair) for pair in _listed(line))
            for line in _listed(data["lines_lon_lat"])
        ),
    )


def _role(data: Mapping[str, Any]) -> PublicRole:
    return PublicRole(
        title=_name(data["title"]),
        does=_text(data["does"]),
        looks=_text(data["looks"]),
        is_police=_flag(data["is_police"]),
        some_out_of_uniform=_flag(data.get("some_out_of_uniform", False)),
    )


def _lon_lat(value: Any) -> tuple[float, float]:
    lon, lat = _listed(value)
    if not (-180 <= float(lon) <= 180 and -90 <= float(lat) <= 90):
        raise ValueError("no place on earth")
    return float(lon), float(lat)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _names(value: Any) -> tuple[str, ...]:
    return tuple(_name(one) for one in _listed(value))


def _name(value: Any) -> str:
    return clean_name(_text(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return clean(value)


def _whole(value: Any, low: int = 0, high: int = 1_000) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError("not a number that fits")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _day(value: Any) -> date:
    return date.fromisoformat(_name(value))
