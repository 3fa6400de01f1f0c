"""Small people files, patrols and profiles for the tests of ``corridors.teams``."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pandas as pd

from corridors import profile
from corridors.profile import Aim, Mix, RoleNeed, Teams
from corridors.tables import POLICE_ROLES, Absences, Consents, LastRoster, People
from corridors.teams.needs import PatrolNeed
from corridors.teams.records import Records

MONDAY = date(2026, 3, 2)
MADE_ON = date(2026, 2, 20)
EVERY_DAY = "Mon Tue Wed Thu Fri"


def shipped(name: str = "hackney_2024") -> Teams:
    text = files("corridors.profiles").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return profile.from_mapping(tomllib.loads(text)).teams


def teams(*mixes: Mix, **limits: int) -> Teams:
    """A profile with the one aim "walk", which has ``mixes``."""
    aim = Aim("walk", "Walk", "An outcome", "A commitment", mixes, policing_purpose="Prevent crime")
    return replace(
        shipped(), aims=(aim,), aim_rules=(), default_aim="walk", **{"training": (), **limits}
    )


def mix(level: str, *needs: tuple[str, int, int]) -> Mix:
    """``mix("on_call", ("youth_worker camhs", 1, 2))``."""
    return Mix(
        level, tuple(RoleNeed(tuple(roles.split()), low, high) for roles, low, high in needs)
    )


def person(person_id: str, role: str, **changes: object) -> dict[str, object]:
    is_police = role in POLICE_ROLES
    row: dict[str, object] = {
        "person_id": person_id,
        "name": f"Name of {person_id}",
        People.organisation: "Police" if is_police else "Youth First",
        People.role: role,
        People.statutory: "no" if role == "youth_worker" else "",
        People.accepts_police: "joint_visible",
        People.available: EVERY_DAY,
        People.urns: "",
        People.wards: "",
        People.print_name: False,
        People.posting: "",
        People.stands_in: False,
        People.training: "",
        People.vetted_on: pd.NaT,
        People.languages: "",
        People.plain_clothes_by: "",
        People.pay_per_hour: float("nan"),
    }
    return row | changes


def people(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(person("x", "pcso"))).set_index("person_id")
    kinds = {
        People.print_name: bool, People.stands_in: bool, People.vetted_on: "datetime64[us]",
        People.pay_per_hour: float,
    }  # fmt: skip
    return People.validate(frame.astype(kinds))


def protocol(**agreed: str | tuple[str, str] | None) -> pd.DataFrame:
    """``protocol(Police="2026-01-01", Youth_First=("2026-01-01", "2026-02-01"))``."""
    rows = []
    for party, dates in agreed.items():
        agreed_on, review_on = dates if isinstance(dates, tuple) else (dates, None)
        rows.append((party.replace("_", " "), pd.Timestamp(agreed_on), pd.Timestamp(review_on)))
    frame = pd.DataFrame(rows, columns=["party", "agreed_on", "review_on"]).set_index("party")
    return frame.astype({"agreed_on": "datetime64[us]", "review_on": "datetime64[us]"})


def need(
    patrol_id: str = "T1", day: int = 0, start_min: int = 900, **changes: object
) -> PatrolNeed:
    made = PatrolNeed(
        patrol_id=patrol_id,
        day=MONDAY + timedelta(days=day),
        start_min=start_min,
        end_min=start_min + 120,
        urns=("100001",),
        ward_code="E05999001",
        aim_key="walk",
        aim_is_confirmed=False,
        pupils_met=100.0,
    )
    return replace(made, **changes)


def records(frame: pd.DataFrame, **tables: object) -> Records:
    """Records of these people; a signed protocol unless told otherwise."""
    tables.setdefault("protocol", protocol(Police="2026-01-01", Youth_First="2026-01-01"))
    tables.setdefault("made_on", MADE_ON)
    return Records(frame, **tables)


def consent(party: str, level: str, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        Consents.party_kind: "person",
        Consents.party: party,
        Consents.level: level,
        Consents.urns: "",
        Consents.aims: "",
        Consents.given_by: "Manager",
        Consents.given_on: "2026-01-10",
        Consents.expires_on: None,
    }
    return row | changes


def consents(*rows: dict[str, object]) -> pd.DataFrame:
    return _numbered(Consents, rows, consent("x", "none"), "given_on", "expires_on")


def absences(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """``absences(("A", "2026-03-02", "2026-03-03"))``."""
    made = [
        {"person_id": who, "first": first, "last": last, "reason_code": "abstracted",
         "told_on": "2026-02-19"}
        for who, first, last in rows
    ]  # fmt: skip
    empty = dict.fromkeys(Absences.columns())
    return _numbered(Absences, made, empty, "first", "last", "told_on")


def earlier(*turns: tuple[PatrolNeed, str], weeks_ago: int = 0) -> pd.DataFrame:
    """A roster told before: who was on which patrol."""
    made = [
        {"patrol_id": one.patrol_id, "person_id": who, "urns": " ".join(one.urns),
         "day": one.day - timedelta(weeks=weeks_ago)}
        for one, who in turns
    ]  # fmt: skip
    return _numbered(LastRoster, made, dict.fromkeys(LastRoster.columns()), "day")


def _numbered(table, rows, like, *dates):
    frame = pd.DataFrame(list(rows), columns=list(like))
    frame.index = pd.Index([f"E{n}" for n in range(len(frame))], name=table.index, dtype=object)
    for name in dates:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return table.validate(frame)
