"""A job against the server on this machine, and made-up pages in the formats of the real ones."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from support_server import (
    BROKEN_JSON,
    PAGE,
    TIMED_OUT,
    TOO_MANY,
    TOO_MUCH,
    Answer,
    Asked,
    LocalServer,
    Reply,
)  # fmt: skip

from corridors.crs import to_geographic
from corridors.sources.fetch.cache import Cache
from corridors.sources.fetch.client import Client, Limits
from corridors.sources.fetch.endpoints import endpoints_of
from corridors.sources.fetch.jobs import Job

AREA_M = (525_000.0, 180_000.0, 530_000.0, 185_000.0)
NOW = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)
CALM = Limits(attempts=4, connect_s=10.0, silence_s=20.0, whole_s=60.0, first_wait_s=0.01)
QUICK = replace(CALM, silence_s=0.6, whole_s=0.8)  # for faults that are told by the clock
MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02")

FAULTS = {
    "429": TOO_MANY,
    "503": TOO_MUCH,
    "504": TIMED_OUT,
    "500": Reply(status=500),
    "cut": Reply(b'[{"category": "robbery"}]' * 9, cut_after=40),
    "drip": Reply(b" " * 50, drip_s=0.03),
    "silence": Reply(b"[]", silent_s=0.9),
    "broken": BROKEN_JSON,
    "page": PAGE,
    "other JSON": Reply(b'{"error": {"code": 400, "message": "Cannot perform query"}}'),
}


def limits_against(fault: str) -> Limits:
    """Limits that find a fault of that name, and do not find one on a busy machine."""
    return QUICK if fault in ("drip", "silence") else CALM


@dataclass
class Desk:
    """A job, and what it said."""

    job: Job
    said: list[str]


def make_job(root: Path, server: LocalServer, *, limits: Limits = CALM, **changes: Any) -> Desk:
    """A job whose every endpoint is the server, and whose waits take no time."""
    said: list[str] = []
    root.mkdir(exist_ok=True)
    own = {
        "crimes": f"{server.url}/api", "crime_archive": f"{server.url}/archive/{{month}}.zip",
        "schools": f"{server.url}/edubase{{day}}.csv", "boundaries": f"{server.url}/wards/query",
        "stops": f"{server.url}/access-nodes", "holidays": f"{server.url}/bank-holidays.json",
    }  # fmt: skip
    job = Job(
        root=root, endpoints=endpoints_of(own),
        client=Client(said.append, limits, sleep=lambda _: None), cache=Cache(root),
        area_m=AREA_M, now=NOW, tell=said.append,
    )  # fmt: skip
    return Desk(replace(job, **changes), said)


def with_fault(answer: Answer, fault: Reply, *, at: int) -> Answer:
    """The same answers, but that request number ``at`` (from 0) goes wrong."""
    count = [0]

    def reply(asked: Asked) -> Reply:
        count[0] += 1
        return fault if count[0] == at + 1 else answer(asked)

    return reply


def files_of(root: Path, *, with_cache: bool = True) -> dict[str, str]:
    """SHA-256 of every file in a folder, by its name in it."""
    cache = root / "data/osm_cache"
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and (with_cache or cache not in path.parents)
    }


def crime(
    x_m: float, y_m: float, month: str, *, category: str = "robbery", reference: str = "",
    number: int = 1, street: str = "On or near Made Up Lane",
) -> dict[str, Any]:  # fmt: skip
    """A crime as data.police.uk's API writes it."""
    lon, lat = to_geographic(x_m, y_m)
    return crime_at(
        f"{lon[0]:.6f}", f"{lat[0]:.6f}", month, category=category, reference=reference,
        number=number, street=street,
    )  # fmt: skip


def crime_at(
    lon: str, lat: str, month: str, *, category: str = "robbery", reference: str = "",
    number: int = 1, street: str = "On or near Made Up Lane",
) -> dict[str, Any]:  # fmt: skip
    """The same by degrees, as text."""
    return {
        "category": category,
        "location_type": "Force",
        "location": {"latitude": lat, "longitude": lon, "street": {"id": 7, "name": street}},
        "context": "",
        "outcome_status": {"category": "Under investigation", "date": month} if reference else None,
        "persistent_id": reference,
        "id": number,
        "location_subtype": "",
        "month": month,
    }


@dataclass
class PoliceStub:
    """data.police.uk: it counts the crimes in the polygon, and says 503 above ``most``."""

    crimes: Sequence[dict[str, Any]]
    months: Sequence[str] = MONTHS
    most: int = 10_000
    refused: list[str] = field(default_factory=list)
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list

    def __call__(self, asked: Asked) -> Reply:
        """The answer to a request."""
        if asked.path == "/api/crimes-street-dates":
            dates = [{"date": m, "stop-and-search": []} for m in reversed(self.months)]
            return Reply(json.dumps(dates).encode())
        if (asked.method, asked.path) != ("POST", "/api/crimes-street/all-crime"):
            return Reply(status=404)
        month, poly = asked.form["date"][0], asked.form["poly"][0]
        if month not in self.months:
            return Reply(status=404)
        corners = [tuple(map(float, pair.split(",")))[::-1] for pair in poly.split(":")]
        found = [c for c in self.crimes if c["month"] == month]
        points = (
            shapely.points(
                [[float(c["location"][a]) for a in ("longitude", "latitude")] for c in found]
            )
            if found
            else []
        )
        is_in = shapely.contains_properly(shapely.Polygon(corners), points)
        inside = [c for c, here in zip(found, is_in, strict=True) if here]
        if len(inside) > self.most:
            self.refused.append(poly)
            return Reply(status=503)
        return Reply(json.dumps(self.change(inside)).encode())


# Registers --------------------------------------------------------------------------------------

GIAS = (
    "URN", "LA (code)", "EstablishmentName", "EstablishmentStatus (name)",
    "TypeOfEstablishment (name)", "PhaseOfEducation (name)", "StatutoryLowAge",
    "StatutoryHighAge", "SchoolCapacity", "NumberOfPupils", "PercentageFSM", "HeadTitle (name)",
    "HeadFirstName", "HeadLastName", "TelephoneNum", "Easting", "Northing",
)  # fmt: skip


def table(header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A CSV with these columns; cells that a row does not have are empty."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def school(urn: int, name: str, x: float | str, y: float | str) -> dict[str, Any]:
    """A row of the school register, with what must never reach the disk."""
    return {
        "URN": urn, "EstablishmentName": name, "EstablishmentStatus (name)": "Open",
        "TypeOfEstablishment (name)": "Academy converter", "PhaseOfEducation (name)": "Secondary",
        "StatutoryLowAge": 11, "StatutoryHighAge": 18, "SchoolCapacity": 900,
        "NumberOfPupils": 850, "PercentageFSM": "44.4", "HeadFirstName": "SECRETCANARY",
        "HeadLastName": "SECRETCANARY", "TelephoneNum": "SECRETCANARY", "Easting": x,
        "Northing": y,
    }  # fmt: skip


REGISTER = table(
    GIAS,
    [
        school(900003, "Zoë's Academy", 527_000, 182_000),
        school(900001, "Made Up School", 530_900, 182_000),  # in the margin
        school(900002, "Far School", 560_000, 182_000),
        school(900004, "Nowhere School", "", ""),
    ],
)
TODAY = f"/edubase{NOW:%Y%m%d}.csv"


def serve(pages: Mapping[str, bytes | Reply]) -> Answer:
    """Each path, or path with its offset, has its page."""

    def answer(asked: Asked) -> Reply:
        offset = asked.query.get("resultOffset", [""])[0]
        reply = pages.get(asked.path + (f"?{offset}" if offset else ""))
        return reply if isinstance(reply, Reply) else Reply(reply or b"", 200 if reply else 404)

    return answer


def holidays(first: int, last: int, more: Sequence[tuple[str, str]] = ()) -> bytes:
    """GOV.UK's list with two days a year and more."""
    events = [
        {"title": title, "date": f"{year}-{day}", "notes": "", "bunting": True}
        for year in range(first, last + 1)
        for title, day in (("New Year’s Day", "01-01"), ("Christmas Day", "12-25"))
    ] + [{"title": t, "date": d, "notes": "", "bunting": False} for t, d in more]
    return json.dumps(
        {
            name: {"division": name, "events": events}
            for name in ("england-and-wales", "scotland", "northern-ireland")
        }
    ).encode()
