"""Small people files, patrols and profiles for the tests of ``corridors.teams``."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pandas as pd

from corridors import profile
from corridors.profile import Aim, Mix, RoleNeed, Teams
from corridors.tables import POLICE_ROLES, People
from corridors.teams.needs import PatrolNeed

MONDAY = date(2026, 3, 2)
MADE_ON = date(2026, 2, 20)
EVERY_DAY = "Mon Tue Wed Thu Fri"


def shipped(name: str = "hackney_2024") -> Teams:
    text = files("corridors.profiles").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return profile.from_mapping(tomllib.loads(text)).teams


def teams(*mixes: Mix, **limits: int) -> Teams:
    """A profile with the one aim "walk", which has ``mixes``."""
    aim = Aim("walk", "Walk", "An outcome", "A commitment", mixes, policing_purpose="Prevent crime")
    return replace(shipped(), aims=(aim,), aim_rules=(), default_aim="walk", **limits)


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
