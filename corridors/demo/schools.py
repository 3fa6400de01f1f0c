"""Five fictional schools, and the register that lists them."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Final

from corridors.demo.draws import between, pick, whole
from corridors.demo.names import StreetNames
from corridors.demo.polyline import Point
from corridors.demo.setting import Setting

WEST, EAST, PRIMARY, PRU, CLOSED = "school_west", "school_east", "primary", "pru", "closed"
LAD_CODE: Final = "E08999001"
LAD_NAME: Final = "Demo Borough of Marram and Tansy"
KEYS: Final = (WEST, EAST, PRIMARY, PRU, CLOSED)

# As GIAS writes them: type, group, phase, ages, sixth form.
_KINDS: Final[dict[str, tuple[str, str, str, int, int, str]]] = {
    WEST: ("Academy converter", "Academies", "Secondary", 11, 16, "Does not have a sixth form"),
    EAST: (
        "Other independent school", "Independent schools", "Not applicable", 11, 18,
        "Has a sixth form",
    ),
    PRIMARY: (
        "Community school", "Local authority maintained schools", "Primary", 3, 11,
        "Does not have a sixth form",
    ),
    PRU: (
        "Pupil referral unit", "Local authority maintained schools", "Not applicable", 11, 16,
        "Not applicable",
    ),
    CLOSED: (
        "Community school", "Local authority maintained schools", "Secondary", 11, 16,
        "Does not have a sixth form",
    ),
}  # fmt: skip
_ROLLS: Final = {WEST: (1050, 1250), EAST: (640, 780), PRIMARY: (380, 440), PRU: (48, 70)}
HEADER: Final = (
    "URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName",
    "TypeOfEstablishment (name)", "EstablishmentTypeGroup (name)", "EstablishmentStatus (code)",
    "EstablishmentStatus (name)", "OpenDate", "CloseDate", "PhaseOfEducation (name)",
    "StatutoryLowAge", "StatutoryHighAge", "OfficialSixthForm (name)", "Gender (name)",
    "SchoolCapacity", "CensusDate", "NumberOfPupils", "PercentageFSM", "Trusts (name)", "UKPRN",
    "Street", "Locality", "Town", "Postcode", "SchoolWebsite", "DistrictAdministrative (code)",
    "AdministrativeWard (code)", "AdministrativeWard (name)", "GSSLACode (name)", "Easting",
    "Northing", "MSOA (code)", "LSOA (code)", "UPRN", "SiteName",
)  # fmt: skip


@dataclass(frozen=True)
class School:
    """A school: ``key`` says which of the five, ``urn`` is its fictional number."""

    key: str
    urn: str
    name: str
    pupils: int | None


@dataclass(frozen=True)
class Site:
    """Where a school stands: its main gate, street and ward (0 west, 1 east)."""

    gate: Point
    street: str
    ward: int


def name_them(setting: Setting, names: StreetNames) -> tuple[School, ...]:
    """Name the five schools. One name is not ASCII, as in the real register."""
    rng = setting.rng("schools")
    titles = {
        WEST: f"{names.root()} Academy",
        EAST: f"St {pick(rng, ('Éanna', 'Brónach', 'Cécile'))}'s School, {names.root()}",
        PRIMARY: f"{names.root()} Primary School",
        PRU: f"The {names.root()} Centre",
        CLOSED: f"{names.root()} Community College",
    }
    return tuple(
        School(key, str(setting.first_urn + i), titles[key], _roll(setting, key))
        for i, key in enumerate(KEYS)
    )


def _roll(setting: Setting, key: str) -> int | None:
    return whole(setting.rng(f"roll {key}"), *_ROLLS[key]) if key in _ROLLS else None


def register(
    setting: Setting,
    schools: tuple[School, ...],
    sites: dict[str, Site],
    ward_names: tuple[str, str],
    town: str,
) -> bytes:
    """The register as GIAS publishes it: Windows-1252, CRLF, dates dd-mm-yyyy, whole metres.

    Its points lie up to 40 m off the gate, as postal addresses do.
    """
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, HEADER, restval="", lineterminator="\r\n")
    out.writeheader()
    for number, school in enumerate(schools):
        site = sites[school.key]
        rng = setting.rng(f"register {school.key}")
        turn, off = between(rng, 0.0, 2 * math.pi), between(rng, 12.0, 38.0)
        east = setting.east_m + site.gate[0] + off * math.cos(turn)
        north = setting.north_m + site.gate[1] + off * math.sin(turn)
        row = _row(school, number) | {
            "Street": site.street,
            "Town": town,
            "AdministrativeWard (code)": setting.ward_codes[site.ward],
            "AdministrativeWard (name)": ward_names[site.ward],
            "GSSLACode (name)": LAD_CODE,
            "DistrictAdministrative (code)": LAD_CODE,
            "LA (name)": LAD_NAME,
            "Easting": str(round(east)),
            "Northing": str(round(north)),
        }
        out.writerow(row)
    return text.getvalue().encode("cp1252")


def _row(school: School, number: int) -> dict[str, str]:
    kind, group, phase, low, high, sixth = _KINDS[school.key]
    is_closed = school.key == CLOSED
    pupils = "" if school.pupils is None else str(school.pupils)
    return {
        "URN": school.urn,
        "LA (code)": "999",
        "EstablishmentNumber": str(4001 + number),
        "EstablishmentName": school.name,
        "TypeOfEstablishment (name)": kind,
        "EstablishmentTypeGroup (name)": group,
        "EstablishmentStatus (code)": "2" if is_closed else "1",
        "EstablishmentStatus (name)": "Closed" if is_closed else "Open",
        "OpenDate": "01-09-1998" if not is_closed else "",
        "CloseDate": "31-08-2023" if is_closed else "",
        "PhaseOfEducation (name)": phase,
        "StatutoryLowAge": str(low),
        "StatutoryHighAge": str(high),
        "OfficialSixthForm (name)": sixth,
        "Gender (name)": "Mixed",
        "SchoolCapacity": "" if school.pupils is None else str(-(-school.pupils // 50) * 50),
        "CensusDate": "" if school.pupils is None else "16-01-2025",
        "NumberOfPupils": pupils,
        "Trusts (name)": "Demo Learning Trust" if school.key == WEST else "",
        # ZZ99 is the pseudo-postcode of "no fixed address": no house has it.
        "Postcode": "ZZ99 9ZZ",
    }
