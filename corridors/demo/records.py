"""People, agreements, protocol, aims and term dates of the fictional partnership.

Nobody here exists. The set is chosen so that a plan shows every rule: people who decline to walk
beside police, a unit without the extra approval that it needs, an INSET day, an early close.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from corridors.demo.people_records import CHARITY, STANDING, csv_bytes, day_text, standing
from corridors.demo.schools import EAST, PRIMARY, PRU, WEST, School
from corridors.demo.setting import Setting
from corridors.demo.terms import entries

_POLICE: Final = "Seamark Police"
_BOROUGH: Final = "Demo Borough Youth Service"
_NHS: Final = "Seamark NHS Children's Mental Health Team"
_NEIGHBOURS: Final = "High Street Neighbours"
_WEEK: Final = "Mon Tue Wed Thu Fri"
_BOTH: Final = (WEST, EAST)

# name, organisation, role, statutory, accepts_police, available, schools, wards, print_name.
# A school's key in place of an organisation stands for that school.
_Person = tuple[str, str, str, str, str, str, tuple[str, ...], tuple[int, ...], str]
_PEOPLE: Final[tuple[_Person, ...]] = (
    ("Morwen Tolly", _POLICE, "school_linked_officer", "", "joint_visible", _WEEK, (WEST,), (0,),
     "yes"),
    ("Idris Callow", _POLICE, "school_linked_officer", "", "joint_visible", "Mon Wed Thu",
     (PRIMARY, EAST), (1,), "yes"),
    ("Petra Hallam-Voss", _POLICE, "ward_officer", "", "joint_visible", "Mon Tue Wed Thu", (), (0,),
     "no"),
    ("Tomasz Reddy", _POLICE, "ward_officer", "", "joint_visible", "Tue Wed Thu Fri", (), (0,),
     "no"),
    ("Gwenno Apsley", _POLICE, "ward_officer", "", "joint_visible", "Mon Wed Fri", (), (1,), "no"),
    ("Farid Lowther", _POLICE, "pcso", "", "joint_visible", _WEEK, (), (0,), "yes"),
    ("Sunniva Marsh", _POLICE, "pcso", "", "joint_visible", "Mon Tue Thu Fri", (), (1,), "no"),
    ("Aisha Penrose", _BOROUGH, "youth_worker", "yes", "joint_visible", _WEEK, (), (0,), "no"),
    ("Callum Osei", _BOROUGH, "youth_worker", "yes", "joint_visible", "Mon Tue Wed Fri", (), (1,),
     "no"),
    ("Blodwen Sayeed", _BOROUGH, "youth_worker", "yes", "nearby_not_joint", "Tue Wed Thu", (), (1,),
     "no"),
    ("Marlon Greaves", CHARITY, "youth_worker", "no", "none", _WEEK, (), (1,), "no"),
    ("Yewande Tull", CHARITY, "youth_worker", "no", "on_call", _WEEK, (), (1,), "yes"),
    ("Kit Farrow-Nwosu", CHARITY, "youth_worker", "no", "on_call", "Mon Tue Thu Fri", (), (1,),
     "no"),
    ("Leona Birch", CHARITY, "youth_worker", "no", "none", "Wed Thu Fri", (), (0,), "no"),
    ("Hester Quaye", WEST, "school_staff", "", "nearby_not_joint", _WEEK, (WEST,), (0,), "no"),
    ("Dev Ollerton", WEST, "school_staff", "", "joint_visible", "Tue Thu", (WEST,), (0,), "no"),
    ("Agnès Tarrant", EAST, "school_staff", "", "on_call", _WEEK, (EAST,), (1,), "no"),
    ("Rosalind Oyelaran", PRIMARY, "school_staff", "", "on_call", _WEEK, (PRIMARY,), (1,), "no"),
    ("Noor Whitlock", _NHS, "camhs", "", "on_call", "Mon Wed", (), (1,), "no"),
    ("Elsie Dunmore", _NEIGHBOURS, "familiar_adult", "", "on_call", _WEEK, (), (1,), "yes"),
    ("Winston Adair", _NEIGHBOURS, "familiar_adult", "", "joint_visible", "Mon Tue Wed Thu", (),
     (0,), "no"),
    ("Prakash Lisle", _NEIGHBOURS, "familiar_adult", "", "joint_visible", "Wed Thu Fri", (), (0,),
     "no"),
    ("Ottoline Reyes", _NEIGHBOURS, "familiar_adult", "", "on_call", "Mon Tue Fri", (), (1,), "no"),
)  # fmt: skip
# school, head agreed, police agreed, contact. The unit has no special approval: it is left out.
_AGREED: Final = (
    (WEST, date(2025, 6, 12), date(2025, 6, 19), "Assistant head, pastoral"),
    (EAST, date(2025, 7, 1), date(2025, 7, 3), "Deputy head, safeguarding"),
    (PRIMARY, date(2025, 9, 15), date(2025, 9, 22), "Deputy head"),
    (PRU, date(2025, 9, 29), date(2025, 10, 2), "Head of centre"),
)
_AIMS: Final = (
    (WEST, "enforcement", "Neighbourhood inspector"),
    (EAST, "trust", "Youth project manager"),
    (PRIMARY, "safeguarding", "Deputy head"),
)
# Of every programme: first day, last day, review.
_PROGRAMME: Final = (date(2026, 1, 5), date(2026, 7, 21), date(2026, 6, 15))


def people(setting: Setting, schools: Sequence[School]) -> bytes:
    """Who may walk, with what they accept. No reason for a refusal is stored anywhere."""
    urn = {s.key: s.urn for s in schools}
    name = {s.key: s.name for s in schools}
    rows = []
    for i, person in enumerate(_PEOPLE):
        who, organisation, role, statutory, accepts, days, keys, wards, prints = person
        codes = " ".join(setting.ward_codes[w] for w in wards)
        urns = " ".join(sorted(urn[k] for k in keys))
        row = (f"P{i + 1:02d}", who, name.get(organisation, organisation), role, statutory)
        rows.append((*row, accepts, days, urns, codes, prints, *standing(i, role, statutory)))
    header = "person_id,name,organisation,role,statutory,accepts_police,available,urns,wards"
    return csv_bytes(f"{header},print_name,{STANDING}", rows)


def agreements(schools: Sequence[School]) -> bytes:
    """Which schools agreed to take part, and who speaks for them."""
    urn = {s.key: s.urn for s in schools}
    rows = [
        (urn[key], day_text(head), day_text(police), spoc, "", "")
        for key, head, police, spoc in _AGREED
    ]
    return csv_bytes("urn,head_agreed_on,police_agreed_on,spoc,withdrawn_on,special_approval", rows)


def spoc_of(key: str) -> str:
    """Job title of a school's single point of contact."""
    return next(spoc for school, _, _, spoc in _AGREED if school == key)


def protocol(schools: Sequence[School]) -> bytes:
    """Every party's agreement to patrols without police beside them."""
    name = {s.key: s.name for s in schools}
    parties = sorted({name.get(p[1], p[1]) for p in _PEOPLE})
    rows = [(p, day_text(date(2025, 10, 6 + i)), "06/10/2026") for i, p in enumerate(parties)]
    return csv_bytes("party,agreed_on,review_on", rows)


def aims(schools: Sequence[School]) -> bytes:
    """The aim that a person confirmed for each school that takes part."""
    urn = {s.key: s.urn for s in schools}
    dates = [day_text(d) for d in _PROGRAMME]
    rows = [(urn[key], aim, who, "", *dates) for key, aim, who in _AIMS]
    header = "urn,aim,confirmed_by,police_alone_reason,starts_on,ends_on,review_on"
    return csv_bytes(header, rows)


def terms(schools: Sequence[School]) -> bytes:
    """Term dates of all schools and of each."""
    urn = {s.key: s.urn for s in schools}
    rows = [
        (urn.get(e.key, ""), e.year, e.kind, day_text(e.start), day_text(e.end), e.finish)
        for e in entries()
    ]
    return csv_bytes("urn,academic_year,kind,start,end,finish_time", rows)
