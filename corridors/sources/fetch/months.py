"""The monthly files of data.police.uk in a workspace, whichever way they came.

A month is one file, with the header of the bulk files, which the usual reader reads.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from corridors.errors import InputError
from corridors.files import folder_inside
from corridors.sources.fetch.cache import Provenance
from corridors.sources.fetch.client import json_of
from corridors.sources.fetch.jobs import Fetched, Job
from corridors.sources.fetch.notes import Note, fetched_as, is_foreign, put
from corridors.sources.police_uk import HEADER

FOLDER: Final = ("data", "incidents", "police_uk")
_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_USUAL_MONTHS: Final = 24
_REVISED: Final = 2  # months after which a month is not revised any more, as far as we ask


def published_months(job: Job) -> tuple[str, ...]:
    """The months that data.police.uk has, in order."""
    url = f"{job.endpoints['crimes'].url}/crimes-street-dates"
    return tuple(job.client.get(url, _dates_of))


def wanted_months(job: Job, published: Sequence[str]) -> list[str]:
    """The published ones of the job's months, else the last 24; the others are told.

    Raises
    ------
    InputError
        For what is no month.
    """
    for month in job.months:
        if not _MONTH.fullmatch(month):
            raise InputError("is not a month", value=month, fix="Write it as 2026-01")
    wanted = sorted(set(job.months)) or list(published[-_USUAL_MONTHS:])
    for month in wanted:
        if month not in published:
            job.tell(f"{month}: not published by data.police.uk; left out")
    return [month for month in wanted if month in published]


def version_of(month: str, published: Sequence[str]) -> str:
    """Which edition of a month is published: the newest month, but at most two later.

    Forces correct a month while it is among the newest. Each month that is published after it
    makes a new edition; the third is taken as the last.
    """
    year, number = int(month[:4]), int(month[5:]) + _REVISED
    settled = f"{year + (number - 1) // 12}-{(number - 1) % 12 + 1:02d}"
    return min(published[-1], settled)


def file_of(month: str, way: str) -> str:
    """The file of a month; ``way`` is ``api`` or ``archive``."""
    return "/".join((*FOLDER, f"{month}-{way}-street.csv"))


def is_elsewhere(job: Job, month: str, file: str) -> bool:
    """Whether a file that we do not write has this month already; tells so.

    The same crimes from the API and from the archive would count twice: they have no common key
    where data.police.uk gives none (anti-social behaviour).
    """
    if is_foreign(job, file):
        return True
    own = file.rsplit("/", 1)[-1]
    folder = folder_inside(job.root, *FOLDER)
    others = sorted(p.name for p in folder.glob(f"{month}-*street.csv") if p.name != own)
    if others:
        job.tell(f"{month}: {others[0]} has it already; move that away to fetch the month")
    return bool(others)


def write_month(
    job: Job, file: str, question: str, rows: Iterable[Sequence[str]],
    sources: Iterable[Provenance], notes: tuple[str, ...] = (),
) -> Fetched:  # fmt: skip
    """Write a month's rows (cells in the order of ``HEADER``) as they are sorted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    body = text.getvalue().encode("utf-8")
    made = fetched_as(file, body, count, sources, notes)
    return put(job.root, body, Note(made, job.endpoints["crimes"].licence, question))


def _dates_of(body: bytes) -> list[str]:
    told: Any = json_of(body)
    if not isinstance(told, list) or not told:
        raise ValueError("is no list of months")
    months = [entry.get("date") if isinstance(entry, dict) else None for entry in told]
    if not all(isinstance(month, str) and _MONTH.fullmatch(month) for month in months):
        raise ValueError("is no list of months")
    return sorted(set(map(str, months)))
