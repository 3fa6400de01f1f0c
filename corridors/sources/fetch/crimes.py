"""Street crimes of an area from data.police.uk's API, month by month.

The area is asked for in pieces where the server finds a whole too much. Each piece is asked for
ten metres wider than it is, and of the answer only what lies in the piece itself is kept. So each
crime comes from one piece, by its own place, and no crime has to be told from its like: true
repeats (two reports of one kind at one map point, without a reference) all stay.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from corridors.sources.fetch.cache import Provenance, key_of, seconds_utc
from corridors.sources.fetch.client import NothingThereError, TooMuchError, json_of
from corridors.sources.fetch.jobs import Fetched, Job
from corridors.sources.fetch.months import (
    file_of,
    is_elsewhere,
    published_months,
    version_of,
    wanted_months,
    write_month,
)
from corridors.sources.fetch.notes import kept
from corridors.sources.fetch.squares import Square, square_of

# The API's categories in the words of the bulk files.
CATEGORY_WORDS: Final[Mapping[str, str]] = {
    "anti-social-behaviour": "Anti-social behaviour",
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
    "other-crime": "Other crime",
}
_WIDER: Final = 10  # hundred-thousandths of a degree
_DEEPEST: Final = 6  # an area of 20 km is then asked for in pieces of about 300 m
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_REFERENCE: Final = re.compile(r"[0-9A-Za-z]{0,64}")

Row = tuple[str, ...]  # cells in the order of the bulk header


@dataclass(frozen=True)
class _Crime:
    lon: float
    lat: float
    row: Row


@dataclass(frozen=True)
class _Answer:
    rows: list[Row]
    sources: frozenset[Provenance]


@dataclass(frozen=True)
class _Question:
    month: str
    version: str  # see ``version_of``


def fetch_crimes(job: Job) -> tuple[Fetched, ...]:
    """Bring the job's months, or the last 24 published, into ``data/incidents/police_uk``.

    A month whose file is whole is not asked for again, unless its newest edition is newer than the
    file (``months.version_of``). What was written stays if a later month fails.

    Raises
    ------
    FetchError
        If a month cannot be had; the months before it are written.
    InputError
        For what is no month.
    """
    published = published_months(job)
    square = square_of(job.area_m)
    made = []
    for month in wanted_months(job, published):
        fetched = _month(job, square, _Question(month, version_of(month, published)))
        if fetched is not None:
            made.append(fetched)
    return tuple(made)


def _month(job: Job, square: Square, question: _Question) -> Fetched | None:
    file = file_of(question.month, "api")
    if is_elsewhere(job, question.month, file):
        return None
    key = key_of(_url(job), {"area": square.lat_lng(0)} | vars(question))
    found = kept(job, file, key)
    if found is not None:
        return found
    try:
        answer = _asked(job, square, question, depth=0)
    except NothingThereError:
        job.tell(f"{question.month}: not published by data.police.uk; left out")
        return None
    if not answer.rows:
        job.tell(f"{question.month}: no crime published in this area; left out")
        return None
    return write_month(job, file, key, sorted(answer.rows), answer.sources)


def _asked(job: Job, square: Square, question: _Question, *, depth: int) -> _Answer:
    """The crimes in a piece: from the cache, at once, or by its quarters."""
    poly = square.lat_lng(_WIDER)
    key = key_of(_url(job), {"poly": poly} | vars(question))
    answer = _cached(job, key, question)
    if answer is None:
        try:
            answer = _from_server(job, key, poly, question, is_last=depth == _DEEPEST)
        except TooMuchError:
            if depth == 0:
                host = urlsplit(_url(job)).hostname
                job.tell(f"{host}: too much at once for {question.month} (503). Asking in quarters")
            return _in_quarters(job, square, question, depth=depth)
    crimes, source = answer
    rows = [crime.row for crime in crimes if square.holds(crime.lon, crime.lat)]
    return _Answer(rows, frozenset({source}))


def _in_quarters(job: Job, square: Square, question: _Question, *, depth: int) -> _Answer:
    rows: list[Row] = []
    sources: frozenset[Provenance] = frozenset()
    for quarter in square.quarters():
        try:
            answer = _asked(job, quarter, question, depth=depth + 1)
        except NothingThereError:  # the month is published, so there is none in this piece
            continue
        rows += answer.rows
        sources |= answer.sources
    return _Answer(rows, sources)


def _cached(job: Job, key: str, question: _Question) -> tuple[list[_Crime], Provenance] | None:
    entry = job.cache.get(key)
    if entry is None:
        return None
    try:
        return _crimes_of(entry.path.read_bytes(), question.month), entry.provenance
    except (OSError, ValueError):  # gone meanwhile, or of another version of this program
        return None


def _from_server(
    job: Job, key: str, poly: str, question: _Question, *, is_last: bool
) -> tuple[list[_Crime], Provenance]:
    url = _url(job)
    body, crimes = job.client.post(
        url, lambda body: (body, _crimes_of(body, question.month)),
        data={"poly": poly, "date": question.month}, patient=is_last,
    )  # fmt: skip
    source = Provenance("crimes", url, seconds_utc(job.now), question.version)
    job.cache.put(key, body, source)
    return crimes, source


def _url(job: Job) -> str:
    return f"{job.endpoints['crimes'].url}/crimes-street/all-crime"


def _crimes_of(body: bytes, month: str) -> list[_Crime]:
    """The crimes in an answer.

    Raises
    ------
    ValueError
        If it is not a list of crimes of this month with their places.
    """
    told = json_of(body)
    if not isinstance(told, list):
        raise ValueError("is no list of crimes")
    try:
        return [_crime_of(entry, month) for entry in told]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("holds something else than crimes") from error


def _crime_of(entry: Mapping[str, Any], month: str) -> _Crime:
    place, outcome = entry["location"], entry["outcome_status"]
    lat, lon = _degrees(place["latitude"]), _degrees(place["longitude"])
    reference = entry["persistent_id"] or ""
    if entry["month"] != month:
        raise ValueError("holds crimes of another month")
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("holds a reference that is none")
    category = _line(entry["category"])
    cells: Sequence[str] = (
        reference, month, "", "", f"{lon:.6f}", f"{lat:.6f}", _line(place["street"]["name"]),
        "", "", CATEGORY_WORDS.get(category, category),
        _line(outcome["category"]) if outcome else "", _line(entry["context"] or ""),
    )  # fmt: skip
    return _Crime(lon, lat, tuple(cells))


def _degrees(text: str) -> float:
    if not _DEGREES.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("holds a place that is none")
    return float(text)


def _line(text: str) -> str:
    """One printable line: street names are hostile text like all else."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
