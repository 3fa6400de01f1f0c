"""National registers, cut to the area: schools, wards, stops; and bank holidays."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from corridors.errors import FetchError, InputError
from corridors.sources import bank_holidays
from corridors.sources.fetch.cache import Provenance, key_of, seconds_utc
from corridors.sources.fetch.client import NothingThereError, json_of, refuse_page
from corridors.sources.fetch.cutting import Cut, cut_csv
from corridors.sources.fetch.jobs import Fetched, Job
from corridors.sources.fetch.notes import Note, fetched_as, is_foreign, kept, put
from corridors.sources.positions import Bounds
from corridors.sources.schools import ALIASES as SCHOOL_ALIASES
from corridors.sources.stops import ALIASES as STOP_ALIASES

SCHOOLS: Final = "data/schools/edubasealldata.csv"
BOUNDARIES: Final = "data/boundaries/wards.geojson"
STOPS: Final = "data/stops/Stops.csv"
_MARGIN_M: Final = 1_000.0
_DAYS_BACK: Final = 10
_SCHOOL_HEADERS: Final = (
    "URN", "EstablishmentName", "EstablishmentStatus (name)", "StatutoryLowAge",
    "StatutoryHighAge", "Easting", "Northing",
)  # fmt: skip
_STOP_HEADERS: Final = ("CommonName", "StopType", "Status", "Easting", "Northing")
_PAGE: Final = 200  # wards asked for at once
_MOST_PAGES: Final = 100
_CODE: Final = re.compile(r"WD[0-9]{2}CD", re.IGNORECASE)
_KEPT: Final = re.compile(r"(WD|LAD)[0-9]{2}(CD|NM)", re.IGNORECASE)


def fetch_schools(job: Job) -> tuple[Fetched, ...]:
    """Bring the schools of the area from Get Information About Schools.

    The register is a file a day; the newest of the last ten days is taken. Only columns that our
    reader knows are kept: names of heads and telephone numbers never reach the disk.

    Raises
    ------
    FetchError
        If there is no register of these days, or none that holds a school in the area.
    """
    question = _question(job, "schools", {"day": f"{job.now:%Y%m%d}"})
    if is_foreign(job, SCHOOLS):
        return ()
    found = kept(job, SCHOOLS, question)
    if found is not None:
        return (found,)
    for back in range(_DAYS_BACK + 1):
        day = job.now - timedelta(days=back)
        url = job.endpoints["schools"].url.replace("{day}", f"{day:%Y%m%d}")
        try:
            cut = job.client.get(url, lambda body: _schools_of(body, _wider(job.area_m)))
        except NothingThereError:
            continue
        source = Provenance("schools", url, seconds_utc(job.now), f"{day:%Y-%m-%d}")
        return (_put_table(job, SCHOOLS, cut, source, question),)
    raise FetchError(
        f"no school register of the last {_DAYS_BACK} days is published",
        fix="Download it by hand, and carry it in",
    )


def fetch_boundaries(job: Job) -> tuple[Fetched, ...]:
    """Bring the wards that meet the area from the Office for National Statistics, as GeoJSON.

    Whatever their vintage: the columns are found by their names. A file of the same service and
    area is not fetched again; a new vintage has an address of its own.

    Raises
    ------
    FetchError
        If the service does not give them all.
    """
    question = _question(job, "boundaries", {})
    if is_foreign(job, BOUNDARIES):
        return ()
    found = kept(job, BOUNDARIES, question)
    if found is not None:
        return (found,)
    wards = _all_wards(job)
    collection = {"type": "FeatureCollection", "features": [wards[code] for code in sorted(wards)]}
    text = json.dumps(collection, separators=(",", ":"), allow_nan=False)
    source = Provenance("boundaries", job.endpoints["boundaries"].url, seconds_utc(job.now))
    return (_put(job, BOUNDARIES, f"{text}\n".encode("ascii"), len(wards), source, question),)


def fetch_stops(job: Job) -> tuple[Fetched, ...]:
    """Bring the stops of the area from NaPTAN.

    The stops of the job's ATCO areas are asked for, or those of the whole country if it names
    none; either way what lies outside the area is let go of row by row.

    Raises
    ------
    InputError
        For what is no ATCO area code.
    FetchError
        If the register cannot be had, or holds no stop in the area.
    """
    for area in job.areas:
        if not re.fullmatch(r"[0-9]{3}", area):
            raise InputError(
                "is not an ATCO area code", value=area, fix="It has three digits, as 490"
            )
    question = _question(
        job, "stops", {"day": f"{job.now:%Y%m%d}", "areas": sorted(set(job.areas))}
    )
    if is_foreign(job, STOPS):
        return ()
    found = kept(job, STOPS, question)
    if found is not None:
        return (found,)
    params = {"dataFormat": "csv"}
    if job.areas:
        params["atcoAreaCodes"] = ",".join(sorted(set(job.areas)))
    url = job.endpoints["stops"].url
    cut = job.client.get_file(url, lambda path: _stops_of(path, job.area_m), params=params)
    source = Provenance("stops", url, seconds_utc(job.now))
    return (_put_table(job, STOPS, cut, source, question),)


def fetch_holidays(job: Job) -> tuple[Fetched, ...]:
    """Bring bank holidays from GOV.UK; years that it no longer lists stay in the file.

    Raises
    ------
    FetchError
        If the list cannot be had.
    InputError
        If the file that stands there is something else.
    """
    path = job.root / bank_holidays.FILE
    old: bank_holidays.Events = {}
    if path.exists():
        old, _ = bank_holidays.read_events(path, file=bank_holidays.FILE)
    url = job.endpoints["holidays"].url
    new = job.client.get(url, lambda body: bank_holidays.events_of(json_of(body)))
    events = bank_holidays.merged(old, new)
    source = Provenance("holidays", url, seconds_utc(job.now))
    count = sum(map(len, events.values()))
    return (_put(job, bank_holidays.FILE, bank_holidays.body_of(events), count, source, ""),)


def _question(job: Job, kind: str, more: Mapping[str, Any]) -> str:
    return key_of(job.endpoints[kind].url, {"area": list(job.area_m), **more})


def _wider(area_m: Bounds) -> Bounds:
    west, south, east, north = area_m
    return west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M


def _schools_of(body: bytes, area_m: Bounds) -> Cut:
    refuse_page(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    return cut_csv(io.StringIO(text, newline=""), SCHOOL_ALIASES, _SCHOOL_HEADERS, area_m)


def _stops_of(path: Path, area_m: Bounds) -> Cut:
    with path.open("rb") as handle:
        refuse_page(handle.read(300).removeprefix(codecs.BOM_UTF8))
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return cut_csv(lines, STOP_ALIASES, _STOP_HEADERS, area_m)


def _put_table(job: Job, file: str, cut: Cut, source: Provenance, question: str) -> Fetched:
    """Write the rows of a table in order of their cells, with a byte-order mark for Excel."""
    if not cut.rows:
        raise FetchError(
            f"{source.kind}: none of {cut.read:,} rows lies in the area",
            fix="Check the ward boundaries; nothing was changed",
        )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(cut.header)
    writer.writerows(sorted(cut.rows))
    notes = (
        f"rows outside the area, left out: {cut.read - cut.nowhere - len(cut.rows)}",
        f"rows without a place, left out: {cut.nowhere}",
    )
    body = text.getvalue().encode("utf-8-sig")
    return _put(job, file, body, len(cut.rows), source, question, notes)


def _put(
    job: Job, file: str, body: bytes, rows: int, source: Provenance, question: str,
    notes: tuple[str, ...] = (),
) -> Fetched:  # fmt: skip
    made = fetched_as(file, body, rows, [source], notes)
    return put(job.root, body, Note(made, job.endpoints[source.kind].licence, question))


def _all_wards(job: Job) -> dict[str, Mapping[str, Any]]:
    """Every ward that meets the area, by code, page after page."""
    wards: dict[str, Mapping[str, Any]] = {}
    offset = 0
    for _ in range(_MOST_PAGES):
        features, count, is_more = job.client.get(
            job.endpoints["boundaries"].url, _wards_of, params=_page(job.area_m, offset)
        )
        is_new = not features.keys() <= wards.keys()
        wards |= features
        offset += count
        if not is_more:
            break
        if not is_new:
            raise FetchError("the boundary service gives the same wards again and again")
    else:
        raise FetchError(
            f"the boundary service has more than {_MOST_PAGES} pages", fix="Carry the file in"
        )
    if not wards:
        raise FetchError(
            "the boundary service has no ward in the area",
            fix="Check boundaries under [fetch] in corridors.toml",
        )
    return wards


def _page(area_m: Bounds, offset: int) -> dict[str, str]:
    return {
        "where": "1=1",
        "geometry": ",".join(f"{edge:.0f}" for edge in area_m),
        "geometryType": "esriGeometryEnvelope",
        "inSR": "27700",
        "spatialRel": "esriSpatialRelIntersects",
        "outFields": "*",
        "outSR": "4326",
        "f": "geojson",
        "resultOffset": str(offset),
        "resultRecordCount": str(_PAGE),
    }


def _wards_of(body: bytes) -> tuple[dict[str, Mapping[str, Any]], int, bool]:
    """A page's wards by code, cut to codes, names and shapes; how many; whether more follow.

    Raises
    ------
    ValueError
        If it is no page of wards.
    """
    told = json_of(body)
    if not isinstance(told, dict) or not isinstance(told.get("features"), list):
        raise ValueError("is no page of ward boundaries")
    try:
        wards = dict(_ward_of(feature) for feature in told["features"])
        more = told.get("exceededTransferLimit") or (told.get("properties") or {}).get(
            "exceededTransferLimit"
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("holds something else than wards") from error
    return wards, len(told["features"]), bool(more)


def _ward_of(feature: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    properties = {
        name: str(value) for name, value in feature["properties"].items() if _KEPT.fullmatch(name)
    }
    codes: Sequence[str] = [name for name in sorted(properties) if _CODE.fullmatch(name)]
    geometry = feature["geometry"]
    if not codes or geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise KeyError("no ward")
    shape = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
    json.dumps(shape, allow_nan=False)  # raises ValueError for what is no number
    made = {"type": "Feature", "properties": properties, "geometry": shape}
    return properties[codes[-1]], made
