"""Incident files, put together into one table that does not depend on the order of rows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import InputError
from corridors.model import SourceRecord
from corridors.sources.archives import is_archive, read_archive
from corridors.sources.csvs import read_header
from corridors.sources.dates import LONDON
from corridors.sources.drafts import Draft, Dropped, OnDropped
from corridors.sources.force_export import read_force_export
from corridors.sources.named import NamedFile
from corridors.sources.police_uk import is_street_file, read_street, refuse_siblings
from corridors.sources.positions import Bounds
from corridors.tables import OFFENCE_CLASSES, Incidents

KINDS: Final = ("auto", "force", "police_uk")
_LATER: Final = "after the day the plan is made"
_REPEAT: Final = "the same incident again"


@dataclass(frozen=True)
class IncidentSource:
    """``[incidents]`` of corridors.toml."""

    files: tuple[NamedFile, ...]
    kind: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    offences: Mapping[str, str] = field(default_factory=dict)


def read_incidents(
    source: IncidentSource,
    *,
    near_m: Bounds | None = None,
    made_on: date | None = None,
    on_dropped: OnDropped | None = None,
) -> tuple[pd.DataFrame, tuple[SourceRecord, ...]]:
    """Read all incident files into one ``tables.Incidents``.

    Parameters
    ----------
    source : the files, their kind, columns and wordings.
    near_m : where incidents are expected (west, south, east, north in metres); used only to tell
        swapped columns.
    made_on : the day the plan is made; what happened later cannot be known on it and is dropped.
    on_dropped : told of every row that is left out.

    Returns
    -------
    The table, sorted by time and place with index 0..n-1, and one record per file. The same rows
    in another order, or spread over other files, give the same table.

    Raises
    ------
    InputError
        If a file cannot be read, or force exports are mixed with data.police.uk months.
    """
    salt = new_salt()
    drafts = [read_draft(named, source, near_m, salt) for named in source.files]
    return combine(drafts, made_on, on_dropped)


def new_salt() -> bytes:
    """A salt for the references of one run. No result depends on it."""
    return secrets.token_bytes(32)


def combine(
    drafts: Sequence[Draft], made_on: date | None = None, on_dropped: OnDropped | None = None
) -> tuple[pd.DataFrame, tuple[SourceRecord, ...]]:
    """Put files together: see ``read_incidents``."""
    kinds = {draft.has_times for draft in drafts}
    if len(kinds) > 1:
        raise InputError(
            "force exports and data.police.uk files are mixed: the same crimes would count twice",
            file="corridors.toml", column="incidents.files", fix="Name one kind only",
        )  # fmt: skip
    rows = pd.concat(
        [
            draft.frame.assign(file_no=number, row=draft.frame.index)
            for number, draft in enumerate(drafts)
        ],
        ignore_index=True,
    )
    reason = _reasons(rows, made_on)
    if on_dropped is not None:
        _tell_dropped(drafts, rows, reason, on_dropped)
    table = rows[reason == ""].drop(columns=["key", "file_no", "row"])
    table = table.sort_values(_order(table), kind="stable", ignore_index=True)
    table.index.name = Incidents.index
    records = tuple(
        _record(draft, reason[rows["file_no"] == number], rows[rows["file_no"] == number])
        for number, draft in enumerate(drafts)
    )
    return Incidents.validate(table), records


def _tell_dropped(
    drafts: Sequence[Draft], rows: pd.DataFrame, reason: pd.Series[Any], on_dropped: OnDropped
) -> None:
    """Tell of rows that their file's reader left out, and of those left out here."""
    for number, draft in enumerate(drafts):
        mine = (rows["file_no"] == number) & (reason != "")
        here = pd.Series(reason[mine].to_numpy(), index=rows.loc[mine, "row"], dtype="str")
        for row, text in pd.concat([draft.reasons, here]).sort_index(kind="stable").items():
            on_dropped(Dropped(*draft.place(int(str(row))), str(text)))


def read_draft(
    named: NamedFile, source: IncidentSource, near_m: Bounds | None, salt: bytes
) -> Draft:
    """Read one file, of the kind that corridors.toml says or its header shows."""
    path = named.locate()
    if isinstance(path, Path) and is_archive(path) and source.kind != "force":
        return read_archive(path, file=named.file, near_m=near_m, salt=salt)
    header = read_header(path, file=named.file, may_be_windows=True)
    refuse_siblings(header, named.file)
    is_street = is_street_file(header)
    if source.kind == "police_uk" or (source.kind == "auto" and is_street):
        return read_street(path, file=named.file, near_m=near_m, salt=salt)
    return read_force_export(
        path, file=named.file, columns=source.columns, header=header,
        offences=source.offences, near_m=near_m, salt=salt,
    )  # fmt: skip


def _order(frame: pd.DataFrame) -> list[str]:
    first = [Incidents.month, Incidents.from_utc, Incidents.to_utc, Incidents.x_m, Incidents.y_m]
    return first + [name for name in Incidents.columns() if name in frame and name not in first]


def _reasons(rows: pd.DataFrame, made_on: date | None) -> pd.Series[Any]:
    """Why each row is dropped, or empty.

    Of rows with one key the most serious offence stays, then the earliest: whichever row came
    first in a file must not matter.
    """
    reason: pd.Series[Any] = pd.Series("", index=rows.index, dtype="str")
    if made_on is not None:
        day = _local_day(rows)
        reason = reason.mask(day > pd.Timestamp(made_on), _LATER)
    rank = rows[Incidents.offence].map({name: at for at, name in enumerate(OFFENCE_CLASSES)})
    ranked = rows.assign(rank=rank)[(rows["key"] != "") & (reason == "")]
    ranked = ranked[ranked.duplicated("key", keep=False)]
    ranked = ranked.sort_values(["key", "rank", *_order(rows), "file_no"], kind="stable")
    repeats = ranked.index[ranked.duplicated("key")]
    reason.loc[repeats] = _REPEAT
    return reason


def _local_day(rows: pd.DataFrame) -> pd.Series[Any]:
    local = rows[Incidents.from_utc].dt.tz_convert(LONDON).dt.tz_localize(None).dt.normalize()
    day: pd.Series[Any] = local.where(local.notna(), rows[Incidents.month])
    return day


def _record(draft: Draft, reason: pd.Series[Any], rows: pd.DataFrame) -> SourceRecord:
    dropped = dict(draft.dropped)
    for text, count in reason[reason != ""].value_counts().items():
        dropped[str(text)] = int(count)
    used = rows[reason == ""]
    first, last = _span(used, has_times=draft.has_times)
    return SourceRecord(
        "incidents", draft.file, draft.sha256, draft.rows_read, len(used),
        tuple(sorted(dropped.items())), draft.notes, first, last,
    )  # fmt: skip


def _span(used: pd.DataFrame, *, has_times: bool) -> tuple[date | None, date | None]:
    """First and last day; a month without days reaches to its end."""
    if used.empty:
        return None, None
    day = _local_day(used)
    last = day.max() if has_times else day.max() + pd.offsets.MonthEnd(0)
    return day.min().date(), last.date()
