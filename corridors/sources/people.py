"""Records kept by hand: people, agreements, protocol, confirmed aims, start points, gates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import ColumnError
from corridors.model import SourceRecord
from corridors.sources.protocol_terms import terms_frame
from corridors.sources.records import (
    Row,
    choice_of,
    date_of,
    frame_of,
    known_list_of,
    list_of,
    metres_of,
    read_record,
    record_of,
    require_unique,
    required_date_of,
    rows_of,
    text_of,
    urn_of,
    urns_of,
    wards_of,
    yes_of,
)  # fmt: skip
from corridors.tables import (
    POLICE_LEVELS,
    POLICE_ROLES,
    POSTINGS,
    ROLES,
    TRAININGS,
    Absences,
    Agreements,
    Approvals,
    ConfirmedAims,
    Consents,
    GateOverrides,
    NoGoPlaces,
    People,
    ProtocolParties,
    StartPoints,
    ToolkitEntries,
)  # fmt: skip

_Read = tuple[pd.DataFrame, SourceRecord]
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri")
_PEOPLE_OPTIONAL: Final = (
    "statutory", "urns", "wards", People.posting, People.stands_in, People.training,
    People.vetted_on, People.languages, People.plain_clothes_by, People.pay_per_hour,
)  # fmt: skip
_AIMS_OPTIONAL: Final = (
    ConfirmedAims.police_alone_reason, ConfirmedAims.starts_on, ConfirmedAims.ends_on,
    ConfirmedAims.review_on,
)  # fmt: skip
_FULL_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")


def read_people(path: Path, *, file: str) -> _Read:
    """Read ``tables.People``.

    Raises
    ------
    InputError
        For an unknown role, level or day, a repeated id, a police role that does not accept
        police, a youth worker who is neither statutory nor not, or no people at all.
    """
    table = read_record(path, file, (*_names(People), "person_id"), optional=_PEOPLE_OPTIONAL)
    rows = list(rows_of(table))
    people = [_person(row) for row in rows]
    require_unique([(r, p["person_id"]) for r, p in zip(rows, people, strict=True)], "person_id")
    frame = frame_of(People, people)
    return frame, record_of("people", table, frame)


def read_agreements(path: Path, *, file: str) -> _Read:
    """Read ``tables.Agreements``: one row per school, both dates given (A7, C6)."""
    table = read_record(path, file, ("urn", *_names(Agreements)), optional=("special_approval",))
    rows = list(rows_of(table))
    made = [_agreement(row) for row in rows]
    require_unique([(r, str(a["urn"])) for r, a in zip(rows, made, strict=True)], "urn")
    frame = frame_of(Agreements, made)
    return frame, record_of("agreements", table, frame)


def read_protocol(path: Path, *, file: str) -> _Read:
    """Read ``tables.ProtocolParties``; an empty ``agreed_on`` means not yet (B2)."""
    table = read_record(path, file, ("party", *_names(ProtocolParties)), may_be_empty=True)
    rows = list(rows_of(table))
    made = [_party(row) for row in rows]
    require_unique([(r, p["party"]) for r, p in zip(rows, made, strict=True)], "party")
    frame = frame_of(ProtocolParties, made)
    return frame, record_of("protocol", table, frame)


def read_aims(path: Path, *, file: str, known: Sequence[str]) -> _Read:
    """Read ``tables.ConfirmedAims``; ``known`` are the aims of the profile (A1).

    Columns for the reason of a police-only patrol (B8) and the programme's dates (C13) may be left
    out.
    """
    table = read_record(
        path, file, ("urn", *_names(ConfirmedAims)), optional=_AIMS_OPTIONAL, may_be_empty=True
    )
    rows = list(rows_of(table))
    made = [_aim(row, known) for row in rows]
    require_unique([(r, str(a["urn"])) for r, a in zip(rows, made, strict=True)], "urn")
    frame = frame_of(ConfirmedAims, made)
    return frame, record_of("aims", table, frame)


def read_starts(path: Path, *, file: str) -> _Read:
    """Read ``tables.StartPoints``, British National Grid metres."""
    columns = ("urn", "start_easting", "start_northing", "end_easting", "end_northing")
    table = read_record(path, file, columns, may_be_empty=True)
    rows = list(rows_of(table))
    made: list[dict[str, Any]] = []
    for row in rows:
        start = metres_of(row, "start_easting", "start_northing")
        end = metres_of(row, "end_easting", "end_northing")
        names = (
            StartPoints.start_x_m, StartPoints.start_y_m, StartPoints.end_x_m, StartPoints.end_y_m,
        )  # fmt: skip
        made.append({"urn": urn_of(row), **dict(zip(names, (*start, *end), strict=True))})
    require_unique([(r, s["urn"]) for r, s in zip(rows, made, strict=True)], "urn")
    frame = frame_of(StartPoints, made)
    return frame, record_of("starts", table, frame)


def read_gates(path: Path, *, file: str) -> _Read:
    """Read ``tables.GateOverrides``, British National Grid metres; a school may have several."""
    table = read_record(path, file, ("urn", "easting", "northing"), may_be_empty=True)
    rows = list(rows_of(table))
    made = [(urn_of(row), *metres_of(row, "easting", "northing")) for row in rows]
    keys = [f"{urn} {x:g} {y:g}" for urn, x, y in made]
    require_unique(list(zip(rows, keys, strict=True)), "easting")
    frame = frame_of(
        GateOverrides,
        [
            {"gate_id": at, GateOverrides.urn: urn, GateOverrides.x_m: x, GateOverrides.y_m: y}
            for at, (urn, x, y) in enumerate(sorted(made))
        ],
    )
    return frame, record_of("gates", table, frame)


def empty(kind: str) -> pd.DataFrame:
    """The table of an optional record file that the workspace does not name.

    Of ``protocol_terms`` every field is there and empty.
    """
    if kind == "protocol_terms":
        return terms_frame({})
    schemas = {
        "protocol": ProtocolParties, "aims": ConfirmedAims, "starts": StartPoints,
        "gates": GateOverrides, "no_go": NoGoPlaces, "consents": Consents, "absences": Absences,
        "approvals": Approvals, "toolkit": ToolkitEntries,
    }  # fmt: skip
    return frame_of(schemas[kind], [])


def require_known_schools(frame: pd.DataFrame, known: Collection[str], *, file: str) -> None:
    """Raise if a record names a school that is not in the register.

    A mistyped URN would leave the school out without a word.
    """
    urns: Iterable[str] = frame.index if frame.index.name == "urn" else frame.get("urn", ())
    named = {urn for cell in (*urns, *frame.get("urns", ())) for urn in cell.split()}
    for urn in sorted(named):
        if urn not in known:
            near = get_close_matches(urn, known, n=1, cutoff=0.8)
            fix = f"Did you mean {near[0]}?" if near else "Correct it or remove the row"
            raise ColumnError(
                "is not in the school register, or has no position there", file=file,
                column="urns" if "urns" in frame else "urn", value=urn, fix=fix,
            )  # fmt: skip


def _names(schema: type[Any]) -> tuple[str, ...]:
    return tuple(schema.columns())


def _person(row: Row) -> dict[str, Any]:
    role = choice_of(row, "role", ROLES)
    statutory = choice_of(row, "statutory", ("yes", "no", "")) if "statutory" in row.values else ""
    if role == "youth_worker" and not statutory:
        raise row.wrong("statutory", "is empty for a youth worker (B5)", "Write yes or no")
    level = choice_of(row, "accepts_police", POLICE_LEVELS)
    if role in POLICE_ROLES and level != "joint_visible":
        raise row.wrong("accepts_police", f"does not fit the role {role}", "Write joint_visible")
    return {
        "person_id": text_of(row, "person_id", required=True),
        People.name: text_of(row, "name", required=True),
        People.organisation: text_of(row, "organisation", required=True),
        People.role: role,
        People.statutory: statutory,
        People.accepts_police: level,
        People.available: _weekdays(row),
        People.urns: urns_of(row, "urns"),
        People.wards: wards_of(row, "wards"),
        People.print_name: yes_of(row, "print_name"),
        **_standing(row),
    }


def _standing(row: Row) -> dict[str, Any]:
    """What is known of a person's post, training and vetting; columns that may be left out."""
    return {
        People.posting: choice_of(row, "posting", POSTINGS),
        People.stands_in: yes_of(row, "stands_in"),
        People.training: known_list_of(row, People.training, TRAININGS),
        People.vetted_on: date_of(row, "vetted_on"),
        People.languages: _languages(row),
        People.plain_clothes_by: text_of(row, "plain_clothes_by"),
        People.pay_per_hour: _pay(row),
    }


def _languages(row: Row) -> str:
    found = {entry.casefold() for entry in list_of(row, "languages")}
    for entry in sorted(found):
        if not re.fullmatch(r"[a-z]{2,3}", entry):
            raise row.wrong(
                "languages", f"holds {entry[:20]!r}, which is no language code",
                "Write codes of two or three letters, as en cy ur",
            )  # fmt: skip
    return " ".join(sorted(found))


def _pay(row: Row) -> float:
    text = row.values.get("pay_per_hour", "").lstrip("£")
    if not text:
        return float("nan")
    amount = float(text) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text) else -1.0
    if not 0 <= amount <= 1000:
        raise row.wrong("pay_per_hour", "is no amount in pounds", "Write it as 18.50, or leave it")
    return amount


def _weekdays(row: Row) -> str:
    found = set()
    for entry in list_of(row, "available"):
        short = entry.casefold()[:3].capitalize()
        is_day = short in WEEKDAYS and _FULL_DAYS[WEEKDAYS.index(short)].startswith(
            entry.casefold()
        )
        if not is_day:
            raise row.wrong(
                "available", f"holds {entry[:20]!r}, which is not a school weekday",
                f"Write days as {' '.join(WEEKDAYS)}",
            )  # fmt: skip
        found.add(short)
    return " ".join(day for day in WEEKDAYS if day in found)


def _agreement(row: Row) -> dict[str, Any]:
    both = "A school takes part once both have agreed: leave its row out until then"
    head = required_date_of(row, "head_agreed_on", both)
    police = required_date_of(row, "police_agreed_on", both)
    withdrawn = date_of(row, "withdrawn_on")
    if withdrawn is not None and withdrawn < max(head, police):
        raise row.wrong(
            "withdrawn_on", "is before the agreement", "After agreeing again, clear this cell"
        )
    return {
        "urn": urn_of(row),
        Agreements.head_agreed_on: head,
        Agreements.police_agreed_on: police,
        Agreements.spoc: text_of(row, "spoc"),
        Agreements.withdrawn_on: withdrawn,
        Agreements.special_approval: text_of(row, "special_approval"),
    }


def _aim(row: Row, known: Sequence[str]) -> dict[str, Any]:
    start, end = date_of(row, "starts_on"), date_of(row, "ends_on")
    if start is not None and end is not None and end < start:
        raise row.wrong("ends_on", f"is before the start {start:%d/%m/%Y}", "Swap or correct them")
    return {
        "urn": urn_of(row),
        ConfirmedAims.aim: choice_of(row, "aim", known),
        ConfirmedAims.confirmed_by: text_of(row, "confirmed_by", required=True),
        ConfirmedAims.police_alone_reason: text_of(row, "police_alone_reason"),
        ConfirmedAims.starts_on: start,
        ConfirmedAims.ends_on: end,
        ConfirmedAims.review_on: date_of(row, "review_on"),
    }


def _party(row: Row) -> dict[str, Any]:
    agreed, review = date_of(row, "agreed_on"), date_of(row, "review_on")
    if agreed is not None and review is not None and review < agreed:
        raise row.wrong("review_on", "is before the agreement", "Give the date of the next review")
    return {
        "party": text_of(row, "party", required=True),
        ProtocolParties.agreed_on: agreed,
        ProtocolParties.review_on: review,
    }
