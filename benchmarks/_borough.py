"""A made-up borough for the roster's benchmark: 40 schools, 120 people, 60 patrols, by seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from corridors.profile import Teams
from corridors.tables import Absences, Consents, LastRoster, People, ProtocolParties
from corridors.teams.needs import PatrolNeed
from corridors.teams.records import Records

MONDAY = date(2026, 3, 2)
MADE_ON = date(2026, 2, 20)
WARDS = [f"E0599900{n}" for n in range(1, 9)]
URNS = [str(100001 + n) for n in range(40)]
AIMS = ("trust", "safeguarding", "enforcement", "early_help")
# (role, statutory, how many); statutory and other youth workers are the seventh and eighth role.
CROWD = (
    ("youth_worker", "yes", 20), ("youth_worker", "no", 22), ("familiar_adult", "", 24),
    ("school_staff", "", 18), ("camhs", "", 6), ("school_linked_officer", "", 12),
    ("ward_officer", "", 10), ("pcso", "", 8),
)  # fmt: skip
LEVELS = ("none", "on_call", "nearby_not_joint", "joint_visible")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def borough(seed: int, profile: Teams) -> tuple[tuple[PatrolNeed, ...], Records, Teams]:
    """Patrols, records and the profile with training as a rule."""
    rng = np.random.default_rng(seed)
    people = _people(rng)
    protocol = ProtocolParties.validate(_dated(
        pd.DataFrame({"party": ["Police"], "agreed_on": ["2026-01-01"], "review_on": [None]}),
        "party", "agreed_on", "review_on",
    ))  # fmt: skip
    records = Records(
        people, protocol, MADE_ON, consents=_consents(rng, people), absences=_absences(rng, people)
    )
    return _needs(rng), records, profile


def _needs(rng: np.random.Generator) -> tuple[PatrolNeed, ...]:
    """20 corridors of two schools, each walked on three days of the week."""
    made = []
    for corridor in range(20):
        urns = tuple(URNS[2 * corridor : 2 * corridor + 2])
        start = int(rng.choice((885, 900, 915, 930)))
        aim = str(rng.choice(AIMS, p=(0.4, 0.25, 0.15, 0.2)))
        made += [
            PatrolNeed(
                patrol_id=f"{MONDAY + timedelta(days=int(day))}-C{corridor:02d}",
                day=MONDAY + timedelta(days=int(day)),
                start_min=start,
                end_min=start + 120,
                urns=urns,
                ward_code=WARDS[corridor * 2 // 5],
                aim_key=aim,
                aim_is_confirmed=True,
                pupils_met=float(rng.integers(200, 4000)) / 10,
            )
            for day in sorted(rng.choice(5, 3, replace=False))
        ]
    return tuple(made)


def _people(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    kinds = [(role, statutory) for role, statutory, count in CROWD for _ in range(count)]
    for n, (role, statutory) in enumerate(kinds):
        is_police = role in ("school_linked_officer", "ward_officer", "pcso")
        corridors = rng.choice(20, 2, replace=False)
        tied = role in ("school_linked_officer", "school_staff")
        schools = (
            [URNS[2 * c + int(rng.integers(2))] for c in corridors[: 1 + int(rng.integers(2))]]
            if tied
            else []
        )
        wards = [] if tied or rng.random() < 0.4 else rng.choice(WARDS, 3, replace=False).tolist()
        rows.append(
            {
                "person_id": f"P{n:03d}",
                "name": f"Person {n}",
                People.organisation: "Police" if is_police else f"Organisation {n % 6}",
                People.role: role,
                People.statutory: statutory,
                People.accepts_police: "joint_visible"
                if is_police
                else str(rng.choice(LEVELS, p=(0.1, 0.2, 0.3, 0.4))),
                People.available: " ".join(
                    DAYS[d] for d in sorted(rng.choice(5, int(rng.integers(2, 6)), replace=False))
                ),
                People.urns: " ".join(sorted(schools)),
                People.wards: " ".join(sorted(wards)),
                People.print_name: False,
                People.posting: ("neighbourhood", "response")[int(rng.random() < 0.2)]
                if is_police
                else "",
                People.stands_in: bool(rng.random() < 0.1),
                People.training: "safeguarding trauma" if rng.random() < 0.9 else "safeguarding",
                People.vetted_on: pd.Timestamp("2025-06-01") if rng.random() < 0.95 else pd.NaT,
                People.languages: "",
                People.plain_clothes_by: "",
                People.pay_per_hour: float(rng.integers(0, 40)),
            }
        )
    frame = pd.DataFrame(rows).set_index("person_id")
    return People.validate(
        frame.astype({People.vetted_on: "datetime64[us]", People.pay_per_hour: float})
    )


def _consents(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    others = [i for i, role in people[People.role].items() if role in ("youth_worker", "camhs")]
    chosen = rng.choice(others, 10, replace=False)
    rows = [("person", who, str(rng.choice(LEVELS))) for who in chosen]
    rows.append(("organisation", "organisation 3", "nearby_not_joint"))
    frame = pd.DataFrame(rows, columns=["party_kind", "party", "level"])
    frame["urns"] = ["" if rng.random() < 0.5 else " ".join(URNS[:10]) for _ in rows]
    frame["aims"] = ["" if rng.random() < 0.5 else "enforcement" for _ in rows]
    frame["given_by"] = "Manager"
    frame["given_on"] = "2026-01-10"
    frame["expires_on"] = None
    frame["consent_id"] = [f"C{n}" for n in range(len(frame))]
    return Consents.validate(_dated(frame, "consent_id", "given_on", "expires_on"))


def _absences(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for n, who in enumerate(rng.choice(people.index, 12, replace=False)):
        first = MONDAY + timedelta(days=int(rng.integers(5)))
        rows.append((f"A{n}", who, first, first + timedelta(days=1), "abstracted", MADE_ON))
    frame = pd.DataFrame(
        rows, columns=["absence_id", "person_id", "first", "last", "reason_code", "told_on"]
    )
    return Absences.validate(_dated(frame, "absence_id", "first", "last", "told_on"))


def roster_table(turns: list[tuple[PatrolNeed, str]], *, weeks_ago: int = 0) -> pd.DataFrame:
    """A table of who walks what, moved into the past by whole weeks."""
    frame = pd.DataFrame(
        [
            (f"E{n}", need.patrol_id, who, " ".join(need.urns), need.day)
            for n, (need, who) in enumerate(turns)
        ],
        columns=["entry_id", "patrol_id", "person_id", "urns", "day"],
    )
    frame["day"] = pd.to_datetime(frame["day"]) - pd.Timedelta(weeks=weeks_ago)
    return LastRoster.validate(_dated(frame, "entry_id", "day"))


def without(records: Records, gone: list[str]) -> Records:
    """The records after some people withdrew."""
    return replace(records, people=records.people.drop(index=gone))


def _dated(frame: pd.DataFrame, index: str, *dates: str) -> pd.DataFrame:
    made = frame.set_index(index)
    for column in dates:
        made[column] = pd.to_datetime(made[column]).astype("datetime64[us]")
    return made
