"""The workspace file and the ward boundaries of the demo."""

from __future__ import annotations

import json
from typing import Final

import numpy as np

from corridors.crs import to_geographic
from corridors.demo.polyline import Points
from corridors.demo.schools import LAD_CODE, LAD_NAME
from corridors.demo.setting import Setting
from corridors.demo.town import Town

TOML: Final = """\
# The demo workspace: a fictional borough in the North Sea. It doubles as an example: copy it,
# put your own files in place of these, and leave out what you do not have.
# Paths are relative to this file. Made by scripts/make_demo.py; edit corridors/demo instead.

name = "Demo borough"
profile = "hackney_2024"   # a shipped profile, or the path of your own .toml
bank_holidays = "ENG"      # ENG, WLS, SCT or NIR

[governance]
# Without an agreement to share data nothing is published.
data_sharing_agreement = "DEMO-ISA-01, agreed 01/09/2025"
terms_of_reference = "DEMO-TOR-02, school-linked officers, agreed 08/09/2025"
education_authority = "Demo Borough education service, told on 15/09/2025"

[streets]
# An OpenStreetMap extract (.osm, .osm.pbf), or plain street lines (.geojson, .gpkg, .shp).
# It should reach at least 800 m beyond the ward.
file = "data/osm_cache/demo.osm"

[boundaries]
# Ward boundaries as the ONS publishes them: WD25CD and WD25NM, any year.
file = "data/boundaries/demo_wards.geojson"

[schools]
# The register of schools (GIAS, edubasealldata), Windows-1252 or UTF-8.
file = "data/schools/demo_edubasealldata.csv"

[incidents]
# A force's own export has times of day, and only times of day can show an after-school rise.
# data.police.uk files have a month: with them every output says "place context only".
files = ["data/incidents/*.csv"]
kind = "auto"              # auto, force or police_uk

[incidents.columns]        # force exports only; leave it out to have columns suggested
id = "Occurrence No"
from = "Committed From"
to = "Committed To"
offence = "Crime Type"
easting = "Easting"
northing = "Northing"
location_type = "Location Type"
outcome = "Outcome"
source = "Source"
# "MO" is free text. It is named nowhere here, so it is never read.

[incidents.offences]       # your force's own wording -> offence group
"Snatch of phone" = "theft_person"

[people]
file = "data/people/demo_people.csv"

[agreements]
# A school takes part when its head and the police have agreed.
file = "data/people/demo_agreements.csv"

[protocol]
# No patrol without police beside it is published until every party has agreed.
file = "data/people/demo_protocol.csv"

[protocol_terms]
# What they agreed, field by field. It is printed on the cards of those patrols.
file = "data/people/demo_protocol_terms.csv"

[consents]
# Who agreed to which police level, where and until when. The lowest level that applies counts.
file = "data/people/demo_consents.csv"

[absences]
file = "data/people/demo_absences.csv"

[approvals]
# Who designed, proposed and agreed to a week's patrols. `corridors approve` adds to it; its rows
# are chained, so do not edit it. Only what a school agreed to is published.
file = "data/people/demo_approvals.csv"

[decisions]
# What was decided about a programme. `corridors decide` adds to it; its rows are chained too.
file = "data/people/demo_decisions.csv"

[consultation]
# Who was asked, and what became of it. A gap keeps the publication pack back.
file = "data/programmes/demo_consultation.csv"

[activities]
# Terms of reference: what each role does, for which outcome.
file = "data/programmes/demo_activities.csv"

[equality]
# What the programme does to whom. A review that is overdue keeps the pack back.
file = "data/programmes/demo_equality.csv"

[debriefs]
# What became of planned patrols: counts and codes. `corridors log` adds to it.
file = "data/patrols/demo_debriefs.csv"

[encounters]
# Whom police and schools acted on. For harm and fairness alone: no plan opens it.
file = "data/evaluation/demo_encounters.csv"

[pupils]
# Pupils by group, to hold those figures against. No plan opens it.
file = "data/evaluation/demo_pupils.csv"

[surveys]
# Answers of young people, each answer apart.
file = "data/evaluation/demo_surveys.csv"

[calendar]
file = "data/calendar/demo_terms.csv"

[aims]
# What a person has confirmed a school's patrols to be for; without it the aim is a suggestion.
file = "data/people/demo_aims.csv"
"""


def boundaries(town: Town, setting: Setting) -> bytes:
    """Both wards as ONS-style GeoJSON, longitude and latitude, outlines counter-clockwise."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "WD25CD": code,
                "WD25NM": name,
                "LAD25CD": LAD_CODE,
                "LAD25NM": LAD_NAME,
            },
            "geometry": {"type": "Polygon", "coordinates": [_lon_lat(outline, setting)]},
        }
        for code, name, outline in zip(setting.ward_codes, town.ward_names, town.wards, strict=True)
    ]
    whole = {"type": "FeatureCollection", "name": "demo_wards", "features": features}
    return (json.dumps(whole, ensure_ascii=False, indent=None) + "\n").encode()


def _lon_lat(outline: Points, setting: Setting) -> list[list[float]]:
    xy = np.asarray(outline)
    lon, lat = to_geographic(xy[:, 0] + setting.east_m, xy[:, 1] + setting.north_m)
    return [[round(float(x), 7), round(float(y), 7)] for x, y in zip(lon, lat, strict=True)]
