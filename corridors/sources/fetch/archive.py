"""Street crimes from the archive zips of data.police.uk: its host learns the months, not where.

One archive holds up to three years before its own month, so the newest month that is still wanted
is asked for, and all that its archive has is taken. The zip itself is not kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corridors.errors import InputError
from corridors.sources.archives import open_archive
from corridors.sources.fetch.cache import Provenance, key_of, seconds_utc
from corridors.sources.fetch.client import NothingThereError
from corridors.sources.fetch.cutting import cut_csv
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
from corridors.sources.police_uk import HEADER
from corridors.sources.positions import Bounds

_ALIASES: Final = {"lon": ("Longitude",), "lat": ("Latitude",)} | {
    name: (name,) for name in HEADER if name not in ("Longitude", "Latitude")
}


@dataclass(frozen=True)
class _Wanted:
    """A month to fetch, its file, and what is asked."""

    month: str
    file: str
    question: str
    version: str


@dataclass
class _Month:
    """What the archive has of a month in the area."""

    rows: list[tuple[str, ...]]
    read: int = 0
    nowhere: int = 0


def fetch_archive(job: Job, forces: Sequence[str] = ()) -> tuple[Fetched, ...]:
    """Bring the job's months, or the last 24 published, into ``data/incidents/police_uk``.

    Rows outside the job's area stay in the archive. A month whose file is whole is not fetched
    again, unless its newest edition is newer than the file.

    Parameters
    ----------
    forces : as archives name them, such as ``city-of-london``; all if empty.

    Raises
    ------
    FetchError
        If an archive cannot be had, or is unsafe or damaged at each attempt.
    InputError
        For what is no month.
    """
    published = published_months(job)
    made: dict[str, Fetched] = {}
    left: list[_Wanted] = []
    for month in wanted_months(job, published):
        version = version_of(month, published)
        file, question = file_of(month, "archive"), _question(job, month, version, forces)
        found = kept(job, file, question)
        if found is not None:
            made[month] = found
        elif not is_elsewhere(job, month, file):
            left.append(_Wanted(month, file, question, version))
    while left:
        months = _fetched(job, left[-1].month, [wanted.month for wanted in left], forces)
        for wanted in left:
            if wanted.month in months:
                made |= _written(job, wanted, months[wanted.month], newest=left[-1].month)
        left = [wanted for wanted in left[:-1] if wanted.month not in months]
    return tuple(made[month] for month in sorted(made))


def _question(job: Job, month: str, version: str, forces: Sequence[str]) -> str:
    query = {
        "area": list(job.area_m), "month": month, "version": version,
        "forces": sorted(set(forces)),
    }  # fmt: skip
    return key_of(job.endpoints["crime_archive"].url, query)


def _url(job: Job, month: str) -> str:
    return job.endpoints["crime_archive"].url.replace("{month}", month)


def _fetched(
    job: Job, newest: str, months: Collection[str], forces: Collection[str]
) -> dict[str, _Month]:
    """What the archive of the month ``newest`` has of the months, in the area."""
    name = f"{newest}.zip"
    try:
        found: dict[str, _Month] = job.client.get_file(
            _url(job, newest), lambda path: cut_archive(path, name, months, forces, job.area_m)
        )
    except NothingThereError:
        found = {}
    if newest not in found:
        job.tell(f"{newest}: not in the archive of data.police.uk; left out")
    return found


def cut_archive(
    path: Path, file: str, months: Collection[str], forces: Collection[str], area_m: Bounds
) -> dict[str, _Month]:
    """The rows of an archive inside an area, by month.

    Raises
    ------
    InputError
        If the archive is unsafe or damaged, naming the entry.
    """
    found: dict[str, _Month] = {}
    for member, place in open_archive(path, file=file, months=months, forces=forces):
        with place.open(encoding="utf-8", errors="replace", newline="") as lines:
            try:
                cut = cut_csv(lines, _ALIASES, HEADER, area_m)
            except ValueError as error:
                raise InputError(str(error), file=f"{file}/{member.name}") from error
        if cut.header != HEADER:
            raise InputError("has its columns in another order", file=f"{file}/{member.name}")
        month = found.setdefault(member.month, _Month([]))
        month.rows += cut.rows
        month.read += cut.read
        month.nowhere += cut.nowhere
    return found


def _written(job: Job, wanted: _Wanted, month: _Month, *, newest: str) -> dict[str, Fetched]:
    if not month.rows:
        job.tell(f"{wanted.month}: no crime published in this area; left out")
        return {}
    source = Provenance(
        "crime_archive", _url(job, newest), seconds_utc(job.now), wanted.version
    )  # fmt: skip
    outside = month.read - month.nowhere - len(month.rows)
    notes = (
        f"rows outside the area, left in the archive: {outside}",
        f"rows without a place, left in the archive: {month.nowhere}",
    )
    made = write_month(job, wanted.file, wanted.question, month.rows, [source], notes)
    return {wanted.month: made}
