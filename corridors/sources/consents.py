"""Who agreed to which police level, and who is away: two records that hold no reason in words.

A slip in a name would leave somebody beside police whom they did not agree to, so every name is
checked against the people file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.model import SourceRecord
from corridors.sources.csvs import CsvTable, normal, printable, read_header
from corridors.sources.records import (
    Row,
    choice_of,
    date_of,
    frame_of,
    known_list_of,
    read_record,
    record_of,
    require_unique,
    required_date_of,
    rows_of,
    text_of,
    urns_of,
)  # fmt: skip
from corridors.tables import (
    ABSENCE_CODES,
    POLICE_LEVELS,
    POLICE_ROLES,
    Absences,
    Consents,
    People,
)

_Read = tuple[pd.DataFrame, SourceRecord]
_CONSENTS_OPTIONAL: Final = (Consents.urns, Consents.aims, Consents.expires_on)


@dataclass(frozen=True)
class KnownPeople:
    """Whom a record may name, as the people file spells them."""

    ids: tuple[str, ...]
    organisations: tuple[str, ...]
    police_ids: frozenset[str]
    police_organisations: frozenset[str]  # all of whose people are police

    def is_police(self, kind: str, party: str) -> bool:
        """Whether a party is a police officer, or an organisation of police only."""
        return party in (self.police_ids if kind == "person" else self.police_organisations)


def known_people(people: pd.DataFrame) -> KnownPeople:
    """The persons and organisations of ``people`` (tables.People)."""
    is_police = people[People.role].isin(POLICE_ROLES)
    organisations = set(people[People.organisation])
    return KnownPeople(
        ids=tuple(sorted(map(str, people.index))),
        organisations=tuple(sorted(organisations)),
        police_ids=frozenset(map(str, people.index[is_police])),
        police_organisations=frozenset(
            organisations - set(people.loc[~is_police, People.organisation])
        ),
    )


def read_consents(
    path: Path, *, file: str, aims: Sequence[str], known: KnownPeople | None = None
) -> _Read:
    """Read ``tables.Consents`` (A.12). No reason is asked, read or kept.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.
    aims : aims of the profile.
    known : whom a row may name; None if the people file itself cannot be read.

    Raises
    ------
    InputError
        For a person, organisation, aim or level that is not known; police who do not accept
        police; an expiry before the start; two rows about the same.
    """
    table = read_record(
        path, file, _names(Consents), optional=_CONSENTS_OPTIONAL, may_be_empty=True
    )
    rows = list(rows_of(table))
    made = [_consent(row, aims, known) for row in rows]
    keys = [_key(made_one, Consents.level, Consents.given_by) for made_one in made]
    require_unique(list(zip(rows, keys, strict=True)), "party")
    frame = _numbered(Consents, made)
    record = record_of("consents", table, frame, (Consents.given_on,))
    return frame, _with_unread(record, path, table, _names(Consents))


def read_absences(path: Path, *, file: str, known: KnownPeople | None = None) -> _Read:
    """Read ``tables.Absences`` (C7): days away, with a code for the class of reason.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.
    known : whom a row may name; None if the people file itself cannot be read.

    Raises
    ------
    InputError
        For an unknown person or code, a date that is missing, an end before its start, or two
        rows of one person about the same days.
    """
    table = read_record(path, file, _names(Absences), may_be_empty=True)
    rows = list(rows_of(table))
    made = [_absence(row, known) for row in rows]
    keys = [_key(made_one, Absences.reason_code, Absences.told_on) for made_one in made]
    require_unique(list(zip(rows, keys, strict=True)), "person_id")
    frame = _numbered(Absences, made)
    record = record_of("absences", table, frame, (Absences.first, Absences.last))
    return frame, _with_unread(record, path, table, _names(Absences))


def _consent(row: Row, aims: Sequence[str], known: KnownPeople | None) -> dict[str, Any]:
    kind = choice_of(row, "party_kind", ("person", "organisation"))
    given = required_date_of(row, "given_on", "Give the day from which it holds")
    expires = date_of(row, "expires_on")
    if expires is not None and expires < given:
        raise row.wrong("expires_on", f"is before it was given, {given:%d/%m/%Y}", "Correct one")
    party = _party(row, kind, known)
    level = choice_of(row, "level", POLICE_LEVELS)
    if known is not None and level != "joint_visible" and known.is_police(kind, party):
        raise row.wrong("level", "does not fit police", "Remove the row: police walk as police")
    return {
        Consents.party_kind: kind,
        Consents.party: party,
        Consents.level: level,
        Consents.urns: urns_of(row, "urns"),
        Consents.aims: known_list_of(row, "aims", aims),
        Consents.given_by: text_of(row, "given_by", required=True),
        Consents.given_on: given,
        Consents.expires_on: expires,
    }


def _absence(row: Row, known: KnownPeople | None) -> dict[str, Any]:
    first = required_date_of(row, "first", "Give the first day away")
    last = required_date_of(row, "last", "Give the last day away; for one day repeat the first")
    if last < first:
        raise row.wrong("last", f"is before the first day {first:%d/%m/%Y}", "Swap or correct them")
    return {
        Absences.person_id: _person_id(row, "person_id", known),
        Absences.first: first,
        Absences.last: last,
        Absences.reason_code: choice_of(row, "reason_code", ABSENCE_CODES),
        Absences.told_on: required_date_of(row, "told_on", "Give the day on which it was known"),
    }


def _party(row: Row, kind: str, known: KnownPeople | None) -> str:
    if kind == "person":
        return _person_id(row, "party", known)
    text = text_of(row, "party", required=True)
    if known is None:
        return text
    spelled = {name.casefold(): name for name in known.organisations}
    if text.casefold() not in spelled:
        near = get_close_matches(text.casefold(), spelled, n=1)
        fix = f"Did you mean {spelled[near[0]]}?" if near else "Spell it as organisation in people"
        raise row.wrong("party", "is no organisation of the people file", fix)
    return spelled[text.casefold()]


def _person_id(row: Row, name: str, known: KnownPeople | None) -> str:
    text = text_of(row, name, required=True)
    if known is not None and text not in known.ids:
        near = get_close_matches(text, known.ids, n=1, cutoff=0.4)
        fix = f"Did you mean {near[0]}?" if near else "Write a person_id of the people file"
        raise row.wrong(name, "is no person_id of the people file", fix)
    return text


def _key(made: dict[str, Any], *left_out: str) -> str:
    """What a row is about: two rows with the same would contradict or repeat each other."""
    return "\x1f".join(str(value) for name, value in made.items() if name not in left_out)


def _numbered(schema: type[Consents | Absences], made: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows in an order that the file's does not decide, numbered."""
    ordered = sorted(made, key=_key)
    return frame_of(schema, [{schema.index: at, **row} for at, row in enumerate(ordered)])


def _with_unread(
    record: SourceRecord, path: Path, table: CsvTable, known: Iterable[str]
) -> SourceRecord:
    """The record with a note about columns that are not read: a reason may stand in one."""
    spelled = {normal(name) for name in known}
    extra = [
        printable(header)
        for header in read_header(path, file=table.file)
        if header and normal(header) not in spelled
    ]
    if not extra:
        return record
    note = f"never read: {', '.join(extra)}. Keep no reasons and no remarks: delete them"
    return SourceRecord(
        record.kind, record.file_name, record.sha256, record.rows_read, record.rows_used,
        record.dropped, (*record.notes, note), record.first, record.last,
    )  # fmt: skip


def _names(schema: type[Consents | Absences]) -> tuple[str, ...]:
    return tuple(schema.columns())
