"""Whom the demo's programme touched: encounters, pupils by group, answers. Fictional, as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from corridors.demo.draws import whole
from corridors.demo.people_records import csv_bytes
from corridors.demo.programme_records import KEY
from corridors.demo.schools import EAST, PRIMARY, WEST, School
from corridors.demo.setting import Setting
from corridors.tables import CONTACTS, ROLES

_QUARTERS: Final = ("2025-Q4", "2026-Q1")
# Least and most of a quarter in one ward, by kind.
_KINDS: Final = {"stop_search": (4, 19), "arrest": (0, 4), "exclusion": (0, 2), "complaint": (0, 3)}
_GROUPS: Final = ("asian", "black", "mixed", "white", "other", "not_recorded")
_QUESTIONS: Final = ("feels_safer", "knows_who", "would_approach", "trusts_police")
_YES_NO: Final = ("knows_who", "would_approach")
_ASKED: Final = {"all": (180, 240), "fsm": (40, 60), "girls": (80, 120), "boys": (80, 120)}
# Pupils of a school, and per cent of them by group.
_ROLLS: Final = {WEST: (1050, 1250), EAST: (640, 780), PRIMARY: (380, 440)}
_SHARES: Final = {
    ("fsm", "fsm"): (18, 34),
    ("ethnicity", "asian"): (8, 16),
    ("ethnicity", "black"): (12, 24),
    ("ethnicity", "mixed"): (6, 12),
    ("ethnicity", "other"): (2, 6),
    ("ethnicity", "not_recorded"): (1, 3),
    ("sen", "sen"): (12, 20),
    ("language", "other"): (10, 30),
}
_REST: Final = (
    ("fsm", "not_fsm"), ("ethnicity", "white"), ("sen", "not_sen"), ("language", "english"),
)  # fmt: skip


def debriefs() -> bytes:
    """The header alone: `corridors log` adds what became of patrols once they are planned."""
    planned = ("ward", "week", "patrol_id", "date", "state", "reason_code", "from", "to")
    header = (*planned, *ROLES, "police_level", *CONTACTS, "logged_on")
    return csv_bytes(",".join(header), ())


def encounters(setting: Setting) -> bytes:
    """How often police or schools acted on young people, by quarter, ward and ethnic group."""
    rng = setting.rng("encounters")
    rows = []
    for quarter in _QUARTERS:
        for ward in setting.ward_codes:
            for kind, (low, high) in _KINDS.items():
                for group in _GROUPS:
                    count = whole(rng, low, high) if group != "not_recorded" else whole(rng, 0, 2)
                    nothing = str(whole(rng, 0, count)) if kind == "stop_search" else ""
                    rows.append((quarter, ward, kind, "10_17", group, "", str(count), nothing, ""))
    header = "quarter,ward,kind,age_band,ethnicity,send,count,no_further_action,repeat"
    return csv_bytes(header, rows)


def pupils(setting: Setting, schools: Sequence[School]) -> bytes:
    """Pupils of the schools that take part, by group; one school keeps a small count back."""
    rng = setting.rng("pupils")
    rows = []
    for school in schools:
        if school.key in _ROLLS:
            rows += _school(rng, school.urn, whole(rng, *_ROLLS[school.key]), school.key == PRIMARY)
    return csv_bytes("urn,dimension,group,pupils", rows)


def surveys(setting: Setting) -> bytes:
    """Answers of pupils to four questions before the programme and in its first quarter."""
    rng = setting.rng("surveys")
    rows = []
    for quarter in _QUARTERS:
        for question in _QUESTIONS:
            for group, (low, high) in _ASKED.items():
                left = asked = whole(rng, low, high)
                better = whole(rng, asked * 35 // 100, asked * 55 // 100)
                left -= better
                same = 0 if question in _YES_NO else whole(rng, left // 3, left // 2)
                silent = whole(rng, 0, 6)
                counts = (better, same, left - same - silent, silent)
                rows.append((quarter, KEY, question, group, *map(str, counts)))
    return csv_bytes("quarter,programme,question,group,better,same,worse,no_answer", rows)


def _school(
    rng: np.random.Generator, urn: str, roll: int, keeps_back: bool
) -> list[tuple[str, str, str, str]]:
    left = {dimension: roll for dimension, _ in _REST}
    rows = []
    for (dimension, group), shares in _SHARES.items():
        count = roll * whole(rng, *shares) // 100
        left[dimension] -= count
        is_hidden = keeps_back and (dimension, group) == ("ethnicity", "not_recorded")
        rows.append((urn, dimension, group, "c" if is_hidden else str(count)))
    return rows + [(urn, dimension, group, str(left[dimension])) for dimension, group in _REST]
