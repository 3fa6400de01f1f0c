"""A small workspace, written file by file, so that a test can spoil one thing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from corridors.crs import to_geographic
from corridors.sources import NamedFile

# Two square wards side by side, and a street through both.
WEST_M, SOUTH_M, SIDE_M = 530_000.0, 180_000.0, 1_000.0

TOML = """
name = "Test borough"
profile = "hackney_2024"
bank_holidays = "ENG"
[streets]
file = "streets.osm"
[boundaries]
file = "wards.geojson"
[schools]
file = "schools.csv"
[incidents]
files = ["incidents/*.csv"]
[stops]
files = ["stops.csv"]
[people]
file = "people.csv"
[agreements]
file = "agreements.csv"
[protocol]
file = "protocol.csv"
[calendar]
file = "terms.csv"
[aims]
file = "aims.csv"
[starts]
file = "starts.csv"
[gates]
file = "gates.csv"
"""

TEXTS = {
    "schools.csv": """\
URN,EstablishmentName,EstablishmentStatus (name),PhaseOfEducation (name),StatutoryLowAge,\
StatutoryHighAge,NumberOfPupils,PercentageFSM,HeadLastName,TelephoneNum,Easting,Northing
900001,Zoë Academy,Open,Secondary,11,18,850,44.4,CANARYHEAD,02070000000,530400,180500
900002,Far School,Open,Secondary,11,16,,12.5,CANARYHEAD,02070000000,560400,180500
""",
    "incidents/a.csv": """\
Occurrence No,Crime Type,Committed From,Committed To,Easting,Northing,Location Type,Source,\
Outcome,MO
A1,Robbery,02/02/2026 15:40,02/02/2026 15:50,530410,180500,Street,Public report,,SECRETCANARY
A2,Drugs,03/02/2026 16:00,,530420,180510,Street,Police generated,,SECRETCANARY
A3,Violence and sexual offences,04/02/2026 12:10,04/02/2026 12:20,530400,180500,\
School premises,Public report,20,x
A4,ABH on the bus,05/02/2026 15:10,05/02/2026 15:05,530430,180520,Street,Public report,,x
""",
    "stops.csv": """\
ATCOCode,CommonName,Easting,Northing,Longitude,Latitude,StopType,Status
490001,Market Street,530300,180500,,,BCT,active
490002,Old Stop,530600,180500,,,BCT,inactive
490003,Pier,530600,180550,,,FTD,active
490004,Central,530700,180500,,,RLY,active
""",
    "people.csv": """\
person_id,name,organisation,role,statutory,accepts_police,available,urns,wards,print_name
P1,Ann Ode,Borough police,school_linked_officer,,joint_visible,Mon Tue Wed,900001,,yes
P2,Ben Ame,Youth First,youth_worker,no,none,Monday Fri,,E05990001,no
""",
    "agreements.csv": """\
urn,head_agreed_on,police_agreed_on,spoc,withdrawn_on,special_approval
900001,05/01/2026,2026-01-06,Deputy head,,
""",
    "protocol.csv": """\
party,agreed_on,review_on
Youth First,01/12/2025,01/12/2026
Borough police,,
""",
    "terms.csv": """\
urn,academic_year,kind,start,end,finish_time
,2025/26,term,05/01/2026,27/03/2026,15:15
,2025/26,half_term,16/02/2026,20/02/2026,
900001,2025/26,early_close,27/03/2026,27/03/2026,13:00
""",
    "aims.csv": "urn,aim,confirmed_by\n900001,trust,Inspector\n",
    "starts.csv": (
        "urn,start_easting,start_northing,end_easting,end_northing\n"
        "900001,530400,180500,530600,180500\n"
    ),
    "gates.csv": "urn,easting,northing\n900001,530405,180505\n900001,530395,180495\n",
}


def named(path: Path, key: str = "test.file") -> NamedFile:
    return NamedFile(path, path.name, key)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def square(west_m: float, south_m: float, side_m: float = SIDE_M) -> list[list[float]]:
    x = np.array([0, side_m, side_m, 0, 0]) + west_m
    y = np.array([0, 0, side_m, side_m, 0]) + south_m
    return np.column_stack(to_geographic(x, y)).tolist()


def wards_json(year: str = "24") -> str:
    rows = [("E05990001", "West End", WEST_M), ("E05990002", "East End", WEST_M + SIDE_M)]
    features = [
        {
            "type": "Feature",
            "properties": {f"WD{year}CD": code, f"WD{year}NM": name, f"WD{year}NMW": ""},
            "geometry": {"type": "Polygon", "coordinates": [square(west_m, SOUTH_M)]},
        }
        for code, name, west_m in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def streets_osm() -> str:
    x = np.arange(WEST_M - 500, WEST_M + 2_500, 100.0)
    lon, lat = to_geographic(x, np.full(len(x), SOUTH_M + 500))
    nodes = "".join(
        f'<node id="{at}" version="1" lon="{a:.7f}" lat="{b:.7f}"/>'
        for at, (a, b) in enumerate(zip(lon, lat, strict=True), start=1)
    )
    refs = "".join(f'<nd ref="{at}"/>' for at in range(1, len(x) + 1))
    return (
        f'<?xml version="1.0"?><osm version="0.6">{nodes}<way id="1" version="1">{refs}'
        '<tag k="highway" v="residential"/><tag k="name" v="Market Street"/></way></osm>'
    )


def make_workspace(root: Path) -> Path:
    write(root / "corridors.toml", TOML)
    write(root / "wards.geojson", wards_json())
    write(root / "streets.osm", streets_osm())
    for name, text in TEXTS.items():
        write(root / name, text)
    return root
