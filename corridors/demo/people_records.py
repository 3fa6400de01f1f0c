"""What the fictional people hold, agreed to and arranged: training, vetting, consents, protocol."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from corridors.demo.schools import EAST, WEST, School

CHARITY: Final = "Open Door Youth Project"
# Columns of the people file that may be left out, in the order of ``standing``.
STANDING: Final = "posting,stands_in,training,vetted_on,languages,plain_clothes_by,pay_per_hour"

# By role: posting, training, pay per hour. Volunteers are not paid.
_BY_ROLE: Final = {
    "school_linked_officer": ("schools", "child_centred trauma send bias_adultification", ""),
    "ward_officer": ("neighbourhood", "child_centred bias_adultification", ""),
    "pcso": ("neighbourhood", "child_centred bias_adultification", ""),
    "school_staff": ("", "child_centred send safeguarding", ""),
    "youth_worker": ("", "child_centred trauma detached_youth_work safeguarding", "17.50"),
    "camhs": ("", "child_centred trauma send safeguarding", ""),
    "familiar_adult": ("", "first_aid safeguarding", "0"),
}
# By position in the people file: one who stands in, one not vetted yet, languages spoken.
_STANDS_IN: Final = 6
_NOT_VETTED: Final = 17
_LANGUAGES: Final = {7: "en so", 9: "en pa", 11: "en yo", 15: "cy en", 21: "en gu"}
_FIRST_VETTED: Final = date(2024, 9, 2)

_TERMS: Final = (
    ("lead_organisation", "Open Door Youth Project"),
    ("police_contact", "Neighbourhood sergeant on duty, ward team"),
    ("police_deputy", "Duty inspector, Seamark Police control room"),
    ("channel", "Team telephone; the number is on the back of the photo card"),
    ("check_in_times", "At the start, every 30 minutes, and when the last of the team is home"),
    ("call_999", "Danger to life, serious injury likely, a weapon seen, or a crime in progress"),
    ("call_on_call_officer", "A group follows pupils, or somebody will not leave them alone"),
    (
        "call_safeguarding",
        "A young person tells of harm: to the school's DSL the same day, or MASH",
    ),
    ("may_ask_police", "The lead youth worker of the team; anybody for 999"),
    ("tells_young_people", "The lead youth worker, before police arrive if that is safe"),
    ("police_unasked", "The lead youth worker meets them; the team stays with the young people"),
    ("information_limits", "No names and no intelligence, but for safeguarding or serious harm"),
    (
        "stand_down",
        "Severe weather, fewer than two adults, or when police or the school ask for it",
    ),
    ("review_on", "06/10/2026"),
)


def standing(position: int, role: str, statutory: str) -> tuple[str, ...]:
    """The columns ``STANDING`` of the person at ``position`` of the people file."""
    posting, training, pay = _BY_ROLE[role]
    vetted = _FIRST_VETTED + timedelta(days=11 * position)
    return (
        posting,
        "yes" if position == _STANDS_IN else "no",
        training,
        "" if position == _NOT_VETTED else day_text(vetted),
        _LANGUAGES.get(position, "en"),
        "",  # everybody walks in uniform, or has none
        "" if statutory == "yes" else pay,
    )


def consents(schools: Sequence[School]) -> bytes:
    """Who agreed to which police level. The charity's own rule binds all of its people."""
    urn = {s.key: s.urn for s in schools}
    rows = (
        ("organisation", CHARITY, "on_call", "", "", "Youth project manager", "06/10/2025", ""),
        ("person", "P15", "nearby_not_joint", urn[WEST], "", "Hester Quaye", "05/01/2026",
         "21/07/2026"),
        ("person", "P08", "on_call", urn[EAST], "trust", "Aisha Penrose", "05/01/2026", ""),
    )  # fmt: skip
    return csv_bytes("party_kind,party,level,urns,aims,given_by,given_on,expires_on", rows)


def absences() -> bytes:
    """One officer was abstracted for a day before half-term."""
    rows = (("P02", "11/02/2026", "11/02/2026", "abstracted", "09/02/2026"),)
    return csv_bytes("person_id,first,last,reason_code,told_on", rows)


def protocol_terms() -> bytes:
    """What all parties agreed for patrols without police beside them."""
    return csv_bytes("field,value", _TERMS)


def day_text(day: date) -> str:
    """A date as the record files write it."""
    return day.strftime("%d/%m/%Y")


def csv_bytes(header: str, rows: Iterable[Sequence[str]]) -> bytes:
    """A record file: the header's names and the rows, UTF-8."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header.split(","))
    out.writerows(rows)
    return text.getvalue().encode()
