"""Streets and the places beside them, downloaded by OSMnx from an Overpass server [1]_.

OSMnx writes the questions, splits large areas and asks. It is told not to build graphs, which would
lose areas and the nodes that ways share with them. What the server answers is looked at as it
comes, by a hook of requests, and kept as an OSM extract that the usual reader reads.

References
----------
.. [1] https://osmnx.readthedocs.io/
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import osmium
import osmnx
import requests
import shapely

from corridors.crs import to_geographic
from corridors.errors import FetchError
from corridors.sources.fetch.cache import Entry, Provenance, key_of, seconds_utc
from corridors.sources.fetch.client import (
    AGENT,
    Client,
    Limits,
    NothingThereError,
    PassingError,
    refuse_page,
)
from corridors.sources.fetch.jobs import Fetched, Job
from corridors.sources.fetch.notes import Note, fetched_as, put
from corridors.sources.fetch.overpass import Answers, write_extract
from corridors.sources.osm_places import PLACE_TAGS
from corridors.sources.positions import Bounds

FILE: Final = "data/streets/fetched.osm.pbf"
WAYS: Final = '["highway"]'  # all of them: which are walked is decided in one place, network
# A server may work on a question for three minutes before its first byte.
LIMITS: Final = Limits(silence_s=180.0, most_bytes=1_000_000_000, between_s=1.0)
_FORM: Final = 1  # of the extract; another makes cached ones count as none
_BUSY_S: Final = 5.0  # until a server whose places are all taken is asked again
_SLOT: Final = re.compile(rb"Slot available after: [^\n]{1,40}, in (\d{1,6}) seconds")
_STUB: Final = b'{"elements": []}'


def fetch_streets(job: Job) -> tuple[Fetched, ...]:
    """Fetch all ways with ``highway`` and the places of ``osm_places`` in the job's area.

    Raises
    ------
    FetchError
        If the server gives nothing usable, or knows no street there.
    """
    url = f"{job.endpoints['streets'].url}/interpreter"
    square = _square(job.area_m)
    question = {
        "area": shapely.to_wkt(square, rounding_precision=6),
        "ways": WAYS,
        "places": PLACE_TAGS,
        "form": _FORM,
    }
    key = key_of(url, question)
    entry = job.cache.get(key)
    if entry is None:
        entry = _downloaded(job, key, url, square)
    else:
        job.tell(f"streets: kept since {entry.provenance.fetched_at}; nothing was asked")
    body = entry.path.read_bytes()
    made = fetched_as(FILE, body, _streets_in(entry), [entry.provenance])
    licence = job.endpoints["streets"].licence
    return (put(job.root, body, Note(made, licence, question=key)),)


def _downloaded(job: Job, key: str, url: str, square: shapely.Polygon) -> Entry:
    answers = Answers()
    with job.cache.scratch() as scratch:
        with _osmnx(job, Path(scratch), answers):
            for ask in (
                lambda: osmnx.graph.graph_from_polygon(
                    square, custom_filter=WAYS, simplify=False, retain_all=True,
                    truncate_by_edge=True,
                ),
                lambda: osmnx.features.features_from_polygon(square, dict(PLACE_TAGS)),
            ):  # fmt: skip
                _ask(job, ask)
        if not any("highway" in tags for _, tags in answers.ways.values()):
            raise FetchError(
                f"{urlsplit(url).hostname} knows no street in this area",
                fix="Check the boundaries, or the address in [fetch] of corridors.toml",
            )
        path = Path(scratch) / "streets.osm.pbf"
        write_extract(answers, path)
        body = path.read_bytes()
    told = Provenance("streets", url, seconds_utc(job.now), answers.dated)
    return job.cache.put(key, body, told)


def _ask(job: Job, ask: Callable[[], Any]) -> None:
    """Let OSMnx ask, as often as it takes."""
    base = job.endpoints["streets"].url
    _wait_for_place(job, f"{base}/status")

    def once() -> None:
        # How OSMnx says that all is downloaded, where no graph is to be built.
        with suppress(InterruptedError):
            ask()

    job.client.patiently(urlsplit(base).hostname or base, once)


def _wait_for_place(job: Job, url: str) -> None:
    """Ask whether the server has a place free for us, and wait if not.

    OSMnx would do so too, but waits a silent minute for a status that it cannot read, and for ever
    at a server that sets no limit.
    """
    with suppress(NothingThereError):  # a mirror need not tell
        job.client.get(url, _require_place)


def _require_place(body: bytes) -> None:
    refuse_page(body)
    limit = re.search(rb"Rate limit: (\d{1,9})\b", body)
    if not limit:
        raise ValueError("does not tell its limit")
    if int(limit[1]) == 0 or b"available now" in body:
        return
    wait_s = min(map(float, _SLOT.findall(body)), default=_BUSY_S)
    raise PassingError("all our places are taken", wait_s=wait_s, is_busy=True)


@contextmanager
def _osmnx(job: Job, scratch: Path, answers: Answers) -> Iterator[None]:
    """OSMnx set up for one download; all as it was before afterwards."""
    own: Mapping[str, Any] = {
        "overpass_url": job.endpoints["streets"].url,
        "overpass_settings": "[out:json][timeout:{timeout}]{maxsize}",
        "overpass_memory": None,
        "overpass_rate_limit": False,  # see _wait_for_place
        "requests_timeout": max(1, round(job.client.limits.silence_s)),
        "requests_kwargs": {"hooks": {"response": _Hook(job.client, answers)}},
        "http_user_agent": AGENT,
        "http_referer": None,
        "http_accept_language": "en",
        "doh_url_template": None,  # nobody else is asked where the host is
        "use_cache": True,  # parts of a split area that came are not asked for again
        "cache_folder": scratch,
        "cache_only_mode": True,
        "log_console": False,
        "log_file": False,
    }
    before = {name: getattr(osmnx.settings, name) for name in own}
    resolver = socket.getaddrinfo  # OSMnx puts its own in place
    for name, value in own.items():
        setattr(osmnx.settings, name, value)
    try:
        yield
    finally:
        socket.getaddrinfo = resolver
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


@dataclass
class _Hook:
    """Looks at each answer before OSMnx does, and hands it an empty one in its place."""

    client: Client
    answers: Answers

    def __call__(self, answer: requests.Response, **_: Any) -> requests.Response:
        if answer.is_redirect:
            return answer
        host = urlsplit(osmnx.settings.overpass_url).hostname or ""
        with answer:
            body = self.client.body_of(answer, host)
        try:
            self.answers.take(body)
        except ValueError as error:
            raise PassingError(f"the answer {error}") from error
        return _empty(answer)


def _empty(answer: requests.Response) -> requests.Response:
    made = requests.Response()
    made.status_code, made.reason, made.url = answer.status_code, answer.reason, answer.url
    made.request, made.encoding = answer.request, "utf-8"
    made.raw = io.BytesIO(_STUB)
    return made


def _square(area_m: Bounds) -> shapely.Polygon:
    """The area as a polygon in degrees (EPSG:4326); every corner of the square lies inside."""
    west, south, east, north = area_m
    lon, lat = to_geographic([west, west, east, east], [south, north, south, north])
    return shapely.box(lon.min(), lat.min(), lon.max(), lat.max())


def _streets_in(entry: Entry) -> int:
    file = osmium.io.File(str(entry.path), "pbf")
    ways = osmium.FileProcessor(file, osmium.osm.WAY)
    return sum(1 for _ in ways.with_filter(osmium.filter.KeyFilter("highway")))
