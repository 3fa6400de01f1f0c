"""The archive zips of data.police.uk, as downloaded or carried in.

Nothing in them is believed: not a name, not a size. Only ``*-street.csv`` files are opened, one
after the other, each in a private temporary folder that is gone afterwards.
"""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import pandas as pd

from corridors.crs import to_metric
from corridors.errors import InputError
from corridors.sources.csvs import require_file, sha256_of
from corridors.sources.drafts import PART_ROWS, Draft
from corridors.sources.police_uk import read_street
from corridors.sources.positions import NEAR_M, Bounds

_STREET: Final = re.compile(
    r"(?:[^/]+/)*(20[0-9]{2}-(?:0[1-9]|1[0-2]))-([a-z0-9-]+)-street\.csv", re.IGNORECASE
)
# The largest real archive: 44 forces, 36 months, three kinds of file, some 8 GB of text; its CSV
# is packed to a tenth.
MOST_MEMBERS: Final = 20_000
MOST_RATIO: Final = 150.0
MOST_MEMBER_BYTES: Final = 1_000_000_000
MOST_BYTES: Final = 30_000_000_000
_SMALL_BYTES: Final = 1_000_000  # of less, no ratio does harm
_PACKED: Final = (".zip", ".gz", ".7z", ".rar")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK: Final = 1 << 20
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
    ValueError, OverflowError,
)  # fmt: skip
RowsT = TypeVar("RowsT", pd.DataFrame, "pd.Series[Any]")
_AGAIN: Final = "Download the archive again from data.police.uk"


@dataclass(frozen=True)
class Member:
    """A street file in an archive."""

    name: str  # as in the archive: "2025-01/2025-01-city-of-london-street.csv"
    month: str
    force: str


def is_archive(path: Path) -> bool:
    """Whether a file calls itself a zip."""
    return path.suffix.lower() == ".zip"


def open_archive(
    path: Path, *, file: str, months: Collection[str] = (), forces: Collection[str] = ()
) -> Iterator[tuple[Member, Path]]:
    """Each street file of an archive in order of its name, unpacked until the next is asked for.

    Parameters
    ----------
    path, file : where the archive is, and what messages call it.
    months, forces : which files, as ``2025-01`` and ``city-of-london``; all if empty.

    Raises
    ------
    InputError
        If any entry of the archive is unsafe or damaged, naming archive and entry, or if it holds
        no street file at all. Nothing is unpacked before all entries have been looked at.
    """
    require_file(path, file)
    with _opened(path, file) as archive:
        members = _street_members(archive, file)
        wanted = [
            (member, info)
            for member, info in members
            if (not months or member.month in months) and (not forces or member.force in forces)
        ]
        with tempfile.TemporaryDirectory(prefix="corridors-") as folder:
            place = Path(folder) / "street.csv"
            for member, info in wanted:
                _unpack(archive, info, place, file)
                yield member, place


def read_archive(path: Path, *, file: str, near_m: Bounds | None, salt: bytes) -> Draft:
    """Read all months of an archive as one incident file.

    Parameters
    ----------
    salt : as in ``drafts.salted``.
    near_m : where incidents are expected; files of forces that have nothing within 5 km of it are
        left out as a whole. The others are read as if they had been unpacked.

    Raises
    ------
    InputError
        If the archive is unsafe or damaged, or one of its files cannot be read; the message names
        ``archive.zip/2025-01/….csv`` and the row.
    """
    drafts: list[Draft] = []
    parts: list[str] = []
    far = 0
    for member, place in open_archive(path, file=file):
        if not _has_rows(place):
            continue
        if near_m is None or _is_near(place, near_m):
            name = f"{file}/{member.name}"
            drafts.append(read_street(place, file=name, near_m=near_m, salt=salt))
            parts.append(member.name)
        else:
            far += 1
    if not drafts:
        raise InputError(
            "holds no crime near the wards", file=file, fix="Choose the archive of your force"
        )
    notes = list(dict.fromkeys(note for draft in drafts for note in draft.notes))
    if far:
        notes.append(f"files with nothing near the wards: {far}")
    return Draft(
        file, sha256_of(path), sum(draft.rows_read for draft in drafts), False,
        pd.concat([_numbered(draft.frame, part) for part, draft in enumerate(drafts)]),
        pd.concat([_numbered(draft.reasons, part) for part, draft in enumerate(drafts)]),
        tuple(notes), tuple(parts),
    )  # fmt: skip


def _numbered(rows: RowsT, part: int) -> RowsT:
    """Rows with numbers that tell their part of the archive too (``Draft.place``)."""
    return rows.set_axis(rows.index + part * PART_ROWS)


def _opened(path: Path, file: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise InputError("is damaged, or no zip file", file=file, fix=_AGAIN) from error


def _street_members(archive: zipfile.ZipFile, file: str) -> list[tuple[Member, zipfile.ZipInfo]]:
    """Street files in order of name, once every entry has been found harmless."""
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise InputError(f"holds more than {MOST_MEMBERS:,} files", file=file, fix=_AGAIN)
    if sum(info.file_size for info in entries) > MOST_BYTES:
        raise InputError(
            f"would unpack to more than {MOST_BYTES // 10**9:,} GB", file=file, fix=_AGAIN
        )
    found, names = [], set()
    for info in entries:
        problem = _problem_of(info)
        if not problem and info.filename in names:
            problem = "stands in the archive twice"
        if problem:
            raise InputError(problem, file=f"{file}/{info.orig_filename}", fix=_AGAIN)
        names.add(info.filename)
        match = _STREET.fullmatch(info.filename)
        if match:
            found.append((Member(info.filename, match[1], match[2].lower()), info))
    if not found:
        raise InputError(
            "holds no file like 2025-01/2025-01-city-of-london-street.csv", file=file, fix=_AGAIN
        )
    return sorted(found, key=lambda pair: (pair[0].month, pair[0].force, pair[0].name))


def _problem_of(info: zipfile.ZipInfo) -> str:
    """What is wrong with an entry, by what the archive says of it; empty if nothing is."""
    name = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    rules = (
        (
            "has a name that no archive of data.police.uk holds",
            not name.isprintable() or "\\" in name or ":" in name,
        ),
        (
            "has a name that leads out of the archive",
            name.startswith("/") or ".." in name.split("/"),
        ),
        ("is a link or a device, not a file", kind not in (0, stat.S_IFREG, stat.S_IFDIR)),
        ("is another archive inside the archive", name.lower().endswith(_PACKED)),
        ("is encrypted", bool(info.flag_bits & 0x1)),
        (
            "is packed in a way that data.police.uk does not use",
            info.compress_type not in _METHODS,
        ),
        (
            f"would unpack to more than {MOST_MEMBER_BYTES // 10**6:,} MB",
            info.file_size > MOST_MEMBER_BYTES,
        ),
        (
            f"would unpack to more than {MOST_RATIO:.0f} times its size",
            info.file_size > max(_SMALL_BYTES, MOST_RATIO * info.compress_size),
        ),
    )
    return next((problem for problem, is_so in rules if is_so), "")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path, file: str) -> None:
    with place.open("wb") as out:
        out.writelines(_chunks(archive, info, file))


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """An entry's bytes: never more than the archive said, and whole only if its CRC holds."""
    left = info.file_size
    try:
        with archive.open(info) as packed:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile("longer than it said")
                yield chunk
            if left:
                raise zipfile.BadZipFile("shorter than it said")
    except _DAMAGED as error:
        raise InputError("is damaged", file=f"{file}/{info.filename}", fix=_AGAIN) from error


def _has_rows(place: Path) -> bool:
    """Whether there is more than a header: some forces have months without a row."""
    with place.open("rb") as handle:
        handle.readline()
        return any(line.strip() for line in handle)


def _is_near(place: Path, near_m: Bounds) -> bool:
    """Whether a file may have a place near; a glance, since most forces are far away.

    What cannot be read at a glance is left to the reader, which says what is wrong.
    """
    try:
        glance = pd.read_csv(
            place, usecols=["Longitude", "Latitude"], dtype="float64", encoding_errors="replace"
        )
    except ValueError:
        return True
    where = glance.dropna()
    x, y = to_metric(where["Longitude"].to_numpy(), where["Latitude"].to_numpy())
    west, south, east, north = near_m
    is_near = (
        (x >= west - NEAR_M) & (x <= east + NEAR_M) & (y >= south - NEAR_M) & (y <= north + NEAR_M)
    )
    return bool(is_near.any())
