"""Programmes, reports, calendars and fixed areas for tests, each of a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from corridors.model import AREA_PARTS, AreaCheck, Calendar, FixedAreas
from corridors.programme import Programme, ProgrammeArea
from corridors.tables import OFFENCE_GROUP_OF, Incidents, TermDates

URN = "100001"
APART_M = 1000.0  # between the parallel streets of `areas_of`
STREET_M = 500.0
PARTS = AREA_PARTS[:-1]


def area(key: str = "one", **changes: Any) -> ProgrammeArea:
    return ProgrammeArea(
        **{"key": key, "ward": "E05000001", "streets": ("High Street",), "urns": (URN,)} | changes
    )


def programme(**changes: Any) -> Programme:
    values: dict[str, Any] = {
        "key": "trial", "title": "A trial", "aim": "trust", "areas": (area(),),
        "before_from": date(2025, 1, 1), "starts_on": date(2025, 4, 1),
        "ends_on": date(2025, 6, 30),
    }  # fmt: skip
    return Programme(**values | changes)


Times = tuple[str, str] | str  # local "2025-03-03 15:30", or two; or a month "2025-03"


def reports(
    times: Sequence[Times],
    at: Sequence[tuple[float, float]] | None = None,
    offence: str | Sequence[str] = "violence",
    **flags: bool,
) -> pd.DataFrame:
    """Reports with local times, an instant or a range, or only a month."""
    offences = [offence] * len(times) if isinstance(offence, str) else list(offence)
    begins = [t if isinstance(t, str) else t[0] for t in times]
    ends = [t if isinstance(t, str) else t[1] for t in times]
    has_day = np.array([len(text) > 7 for text in begins], dtype=bool)
    table = pd.DataFrame(
        {
            Incidents.x_m: [x for x, _ in at or [(0.0, 0.0)] * len(times)],
            Incidents.y_m: [y for _, y in at or [(0.0, 0.0)] * len(times)],
            Incidents.from_utc: _utc(begins, has_day),
            Incidents.to_utc: _utc(ends, has_day),
            Incidents.month: pd.to_datetime([f"{text[:7]}-01" for text in begins]).as_unit("us"),
            Incidents.offence: pd.array(offences, dtype="str"),
            Incidents.group: pd.array([OFFENCE_GROUP_OF[name] for name in offences], dtype="str"),
            Incidents.is_police_generated: flags.get("is_police_generated", False),
            Incidents.is_school_premises: flags.get("is_school_premises", False),
        }
    )
    table.index.name = Incidents.index
    return Incidents.validate(table)


def _utc(texts: Sequence[str], has_day: np.ndarray) -> pd.Series:
    known = pd.Series(
        [pd.Timestamp(text) if day else pd.NaT for text, day in zip(texts, has_day, strict=True)],
        dtype="datetime64[us]",
    )
    return known.dt.tz_localize("Europe/London").dt.tz_convert("UTC")


Row = tuple[str, str, str, str, str]  # URN or "", kind, first day, last day, finish or ""


def calendar(*rows: Row, bank_holidays: Iterable[date] = ()) -> Calendar:
    """Terms from rows; without any, one long term with the bell at 15:15."""
    rows = rows or (("", "term", "2024-09-02", "2026-07-20", "15:15"),)
    table = pd.DataFrame(
        {
            TermDates.urn: pd.array([r[0] for r in rows], dtype="str"),
            TermDates.kind: pd.array([r[1] for r in rows], dtype="str"),
            TermDates.start: pd.to_datetime([r[2] for r in rows]).as_unit("us"),
            TermDates.end: pd.to_datetime([r[3] for r in rows]).as_unit("us"),
            TermDates.finish_min: [
                float(int(r[4][:2]) * 60 + int(r[4][3:])) if r[4] else np.nan for r in rows
            ],
        }
    )
    table.index.name = TermDates.index
    return Calendar(TermDates.validate(table), frozenset(bank_holidays))


def areas_of(
    *units: str,
    fixed_on: date = date(2025, 3, 1),
    without_control: Sequence[str] = (),
    unlike: Sequence[str] = (),
    settings: tuple[tuple[str, str], ...] = (),
) -> FixedAreas:
    """Parallel streets 1 km apart, one for each part of each unit, and one that is "other"."""
    parts = [
        (u, p)
        for u, key in enumerate(units)
        for p, name in enumerate(PARTS)
        if not (key in without_control and name in ("control", "near_control"))
    ]
    rows = [*parts, (-1, AREA_PARTS.index("other"))]
    return FixedAreas(
        programme="trial",
        programme_sha256="0" * 64,
        fixed_on=fixed_on,
        units=units,
        part=np.array([p for _, p in rows], dtype=np.int64),
        unit=np.array([u for u, _ in rows], dtype=np.int64),
        names=tuple(f"Street {i}" for i in range(len(rows))),
        lines=np.array([_street(u, p) for u, p in rows], dtype=object),
        checks=tuple(
            AreaCheck(
                key,
                tuple((name, STREET_M if (u, p) in parts else 0.0) for p, name in enumerate(PARTS)),
                key not in without_control,
                key not in (*without_control, *unlike),
                "made for tests",
            )
            for u, key in enumerate(units)
        ),
        settings=settings,
    )


def _street(unit: int, part: int) -> shapely.LineString:
    x, y = place(unit, part)
    return shapely.LineString([(x - STREET_M / 2, y), (x + STREET_M / 2, y)])


def place(unit: int, part: int | str) -> tuple[float, float]:
    """The middle of a street of `areas_of`; unit -1 is "other"."""
    code = AREA_PARTS.index(part) if isinstance(part, str) else part
    return 530_000.0 + APART_M * code, 180_000.0 + APART_M * unit
