"""What stands on record beside the demo's programme: who was asked, what was decided. Fictional."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from corridors.chain import chained
from corridors.demo.people_records import CHARITY, csv_bytes
from corridors.demo.schools import EAST, PRIMARY, WEST, School, Site
from corridors.model import Decision

KEY: Final = "after-school"
_ASKED: Final = (
    ("young_people", "Pupils who walk home by the high street", "31", "yes", CHARITY, "yes", "no",
     "Fewer officers at the bus stop; an adult whom we know on the long road", "partly",
     "A youth worker on the long road from January; one officer is left at the bus stop"),
    ("student_council", "Student councils of two schools", "18", "not_asked", CHARITY, "yes", "no",
     "Say beforehand who will be there", "used",
     "The notice says who is there, five school days before"),
    ("parents", "Parents and carers at two evening meetings", "44", "not_asked",
     "Demo Borough education service", "no", "yes",
     "More officers, on every day of the week", "rejected",
     "What people report does not call for it, and pupils asked for fewer"),
)  # fmt: skip
_AGREED_BY: Final = f"{CHARITY}; Seamark Police; Demo Borough"
_ACTIVITIES: Final = (
    ("youth_worker", "Walks the corridor, talks and listens",
     "More young people say that they know who is there and would approach them",
     "Help comes before police do, so that less is recorded against children"),
    ("familiar_adult", "Walks the corridor and greets pupils",
     "Fewer young people avoid the corridor or say that they feel unsafe on it",
     "Pupils meet somebody whom they know, and not only uniforms"),
    ("school_staff", "Sees pupils off and stays to the first corner",
     "Fewer young people avoid the corridor or say that they feel unsafe on it",
     "Behaviour stays a matter for the school and is no matter for police"),
    ("school_linked_officer", "Is on the corridor when its aim calls for police",
     "Less reported violence, robbery and weapon crime on the corridor in the window",
     "Officers trained for work with children are there in place of others"),
)  # fmt: skip
# Effect, evidence, action.
_EFFECTS: Final = {
    "age": ("positive", "Survey of June 2025: the youngest avoid the corridor most", ""),
    "disability": ("unknown", "Few answers to the survey", "Special needs are asked for from 2026"),
    "gender_reassignment": ("none_expected", "Nothing was raised when pupils were asked", ""),
    "marriage_civil_partnership": ("none_expected", "It has no bearing on pupils", ""),
    "pregnancy_maternity": ("none_expected", "Nothing was raised when pupils were asked", ""),
    "race": ("negative", "Stops and searches of 2024/25 by ethnicity",
             "Ratios are looked at each quarter; over 1.5 the pack waits for a review"),
    "religion_belief": ("none_expected", "Patrols end before prayers on Fridays", ""),
    "sex": ("unknown", "Survey of June 2025: girls feel less safe than boys",
            "Answers are shown for girls and boys apart"),
    "sexual_orientation": ("none_expected", "Nothing was raised when pupils were asked", ""),
    "poverty": ("unknown", "Share of free school meals by school",
                "Minutes of police on pupils' ways home are shown by group"),
}  # fmt: skip
_DECIDED: Final = (
    Decision(
        "decision", KEY,
        "The programme begins in January and is looked at in June. Pupils asked for fewer officers "
        "at the bus stop, so there is one.",
        "Head of community safety", "Demo Borough", "", date(2025, 12, 11),
    ),
    Decision(
        "decision", KEY,
        "Patrol days stay as they are until there is a result to judge by.",
        "Head of community safety", "Demo Borough", "", date(2026, 2, 6),
    ),
)  # fmt: skip


# As records._PROGRAMME; before it, the demo's incidents begin.
_BEFORE_FROM: Final = date(2024, 9, 2)
_STARTS_ON: Final = date(2026, 1, 5)
_ENDS_ON: Final = date(2026, 7, 21)


def programme(
    schools: Sequence[School], sites: Mapping[str, Site], ward_codes: Sequence[str], town_name: str
) -> bytes:
    """What is compared with what, set down before the start. No name in it needs an escape."""
    urn = {school.key: school.urn for school in schools}
    lines = [
        "# What is compared with what, and when: written before the start, and not changed after.",
        "# `corridors evaluate . --programme after-school --fix --by … --organisation …` chooses",
        "# the streets to compare with, and fixes all of them.",
        'title = "After-school walks of the demo borough"',
        'aim = "trust"',
        f"before_from = {_BEFORE_FROM}",
        f"starts_on = {_STARTS_ON}",
        f"ends_on = {_ENDS_ON}",
        'groups = ["violence", "robbery", "antisocial"]',
    ]
    for key, ward, mine in (("west", 0, (WEST,)), ("east", 1, (EAST, PRIMARY))):
        streets = sorted({f"{town_name} High Street", *(sites[k].street for k in mine)})
        lines += [
            "",
            "[[areas]]",
            f'key = "{key}"',
            f'ward = "{ward_codes[ward]}"',
            f"streets = {json.dumps(streets, ensure_ascii=False)}",
            f"urns = {json.dumps([urn[k] for k in mine])}",
        ]
    return "\n".join([*lines, ""]).encode()


def consultation() -> bytes:
    """Who was asked, and what became of it; one wish was rejected, with the reason."""
    header = (
        "programme,kind,group,people,police_experience,facilitated_by,non_statutory,"
        "police_present,feedback,use,how_or_why"
    )
    return csv_bytes(header, [(KEY, *row) for row in _ASKED])


def activities() -> bytes:
    """The terms of reference, activity by activity."""
    header = "role,activity,outcome,harm_reduced,agreed_on,agreed_by"
    return csv_bytes(header, [(*row, "08/09/2025", _AGREED_BY) for row in _ACTIVITIES])


def equality() -> bytes:
    """The equality record: all nine protected characteristics, and poverty."""
    header = "programme,characteristic,effect,evidence,action,assessed_by,assessed_on,review_on"
    first = date(2025, 12, 1)
    rows = [
        (KEY, name, *words, "Equality lead, Demo Borough",
         f"{first + timedelta(days=at):%d/%m/%Y}", "15/12/2026")
        for at, (name, words) in enumerate(_EFFECTS.items())
    ]  # fmt: skip
    return csv_bytes(header, rows)


def decisions() -> bytes:
    """What was decided, chained."""
    header = "kind,about,words,by,organisation,sha256,on,chain"
    return csv_bytes(header, list(chained(_DECIDED, "")))
