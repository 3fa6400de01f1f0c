"""A public plan as data, for a partnership's own website, and for the index of notices."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Final

from corridors.model import PublicPlan
from corridors.publish.families.wall import only_public

FORMAT: Final = 1


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
        {"format": FORMAT, **asdict(public)}, sort_keys=True, indent=1, default=_day,
        ensure_ascii=False,
    )  # fmt: skip
    return f"{text}\n".encode()


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a notice holds no {type(value)}")
