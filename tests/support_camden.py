"""A workspace over the real Camden files, with invented people, agreements and terms.

Only paths point at the real data; nothing of it is copied.
"""

from __future__ import annotations

import csv
from pathlib import Path

from corridors.tables import PROTOCOL_FIELDS

WEEK = "2018-W10"
MADE_ON = "2018-02-19"
_CONFIG = """\
name = "Camden (test)"
profile = "{profile}"
bank_holidays = "ENG"
[governance]
data_sharing_agreement = "made up for tests"
[streets]
file = "{streets}"
[boundaries]
file = "{data}/wards_E09000007.geojson"
[schools]
file = "{data}/schools_gias_columns.csv"
[incidents]
files = ["{incidents}"]
[stops]
files = ["{data}/camden_bus_stops.csv", "{data}/camden_stations.csv"]
[people]
file = "people.csv"
[agreements]
file = "agreements.csv"
[protocol]
file = "protocol.csv"
[protocol_terms]
file = "protocol_terms.csv"
[calendar]
file = "terms.csv"
[aims]
file = "aims.csv"
"""
_ORGANISATIONS = {
    "school_linked_officer": "Police",
    "ward_officer": "Police",
    "pcso": "Police",
    "school_staff": "Camden schools",
    "youth_worker": "Youth project",
    "camhs": "Health trust",
    "familiar_adult": "Residents",
}
_CONSENT = ("joint_visible", "nearby_not_joint", "on_call")


def write_camden(
    folder: Path,
    data: Path,
    *,
    timed: bool = True,
    lines: bool = False,
    profile: str = "hackney_2024",
) -> Path:
    """Write the workspace and return its folder. ``timed``: the export with invented times."""
    folder.mkdir(parents=True, exist_ok=True)
    incidents = "force_export_synthetic_times.csv" if timed else "police_monthly/*.csv"
    streets = "camden_osm_streets.geojson" if lines else "camden.osm.pbf"
    config = _CONFIG.format(
        profile=profile, data=data, streets=data / streets, incidents=data / incidents
    )
    (folder / "corridors.toml").write_text(config, encoding="utf-8")
    with (data / "schools_gias_columns.csv").open(encoding="cp1252", newline="") as file:
        urns = sorted(row["URN"] for row in csv.DictReader(file))
    _write(
        folder / "people.csv",
        "person_id,name,organisation,role,statutory,accepts_police,available,urns,wards,print_name",
        [_person(role, i) for role in _ORGANISATIONS for i in range(1, 13)],
    )
    _write(
        folder / "agreements.csv",
        "urn,head_agreed_on,police_agreed_on,spoc,withdrawn_on,special_approval",
        [[u, "04/09/2017", "04/09/2017", "Deputy head", "", "Head of service"] for u in urns],
    )
    _write(
        folder / "protocol.csv",
        "party,agreed_on,review_on",
        [[o, "04/09/2017", "04/09/2018"] for o in sorted(set(_ORGANISATIONS.values()))],
    )
    said = {field: f"Said: {words}" for field, words in PROTOCOL_FIELDS.items()}
    said["review_on"] = "04/09/2018"
    _write(folder / "protocol_terms.csv", "field,value", [list(row) for row in said.items()])
    _write(folder / "aims.csv", "urn,aim,confirmed_by", [[u, "trust", "Inspector"] for u in urns])
    terms = [
        ("2015/16", "term", "04/01/2016", "24/03/2016"),
        ("2015/16", "term", "11/04/2016", "20/07/2016"),
        ("2016/17", "term", "05/09/2016", "20/12/2016"),
        ("2016/17", "term", "03/01/2017", "31/03/2017"),
        ("2016/17", "term", "18/04/2017", "21/07/2017"),
        ("2017/18", "term", "04/09/2017", "20/12/2017"),
        ("2017/18", "term", "03/01/2018", "29/03/2018"),
        ("2017/18", "term", "16/04/2018", "24/07/2018"),
        ("2016/17", "half_term", "13/02/2017", "17/02/2017"),
        ("2016/17", "half_term", "29/05/2017", "02/06/2017"),
        ("2017/18", "half_term", "23/10/2017", "27/10/2017"),
        ("2017/18", "half_term", "12/02/2018", "16/02/2018"),
    ]
    _write(
        folder / "terms.csv",
        "urn,academic_year,kind,start,end,finish_time",
        [["", year, kind, start, end, ""] for year, kind, start, end in terms],
    )
    return folder


def _person(role: str, number: int) -> list[str]:
    police = role in ("school_linked_officer", "ward_officer", "pcso")
    consent = "joint_visible" if police else _CONSENT[number % 3]
    statutory = "no" if role == "youth_worker" else ""
    name = f"{role.replace('_', ' ').title()} {number}"
    days = "Mon Tue Wed Thu Fri" if number % 4 else "Mon Wed Fri"
    return [
        f"{role}-{number:02d}", name, _ORGANISATIONS[role], role, statutory, consent, days, "", "",
        "yes" if number == 1 else "no",
    ]  # fmt: skip


def _write(path: Path, header: str, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
