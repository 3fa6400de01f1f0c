from __future__ import annotations

import csv
import io
import tomllib
from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_workspace import named, write

from corridors.errors import ColumnError, CrsError, InputError
from corridors.sources import IncidentSource, read_incidents, suggest_columns
from corridors.sources.offences import classify_offences
from corridors.tables import OFFENCE_CLASSES, OFFENCE_GROUP_OF, Incidents

FORCE = (
    "Occurrence No", "Crime Type", "Committed From", "Committed To", "Easting", "Northing",
    "Location Type", "Source", "Outcome", "MO",
)  # fmt: skip
STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
NEAR_M = (530_000.0, 180_000.0, 532_000.0, 181_000.0)


def force_row(**changes):
    row = {
        "Occurrence No": "", "Crime Type": "Robbery", "Committed From": "02/02/2026 15:40",
        "Committed To": "02/02/2026 15:50", "Easting": "530400", "Northing": "180500",
        "Location Type": "Street", "Source": "Public report", "Outcome": "", "MO": "SECRETCANARY",
    }  # fmt: skip
    return row | {key.replace("_", " "): value for key, value in changes.items()}


def force_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, FORCE)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def street_csv(rows, end="\n"):
    body = [
        f"{i},{month},F,F,{lon},{lat},On or near X,,,{kind},," for i, month, lon, lat, kind in rows
    ]
    return end.join([STREET, *body]) + end


def read(tmp_path, *texts, **options):
    places = [write(tmp_path / f"{at}.csv", text) for at, text in enumerate(texts)]
    source = {
        name: options.pop(name) for name in ("kind", "columns", "offences") if name in options
    }
    return read_incidents(
        IncidentSource(tuple(named(p) for p in places), **source),
        **{"near_m": NEAR_M} | options,
    )


def test_a_force_export_becomes_place_time_and_class_only(tmp_path):
    table, (record,) = read(tmp_path, force_csv([force_row(Occurrence_No="A1")]))
    assert list(table) == list(Incidents.columns())
    assert table.index.tolist() == [0]
    row = table.iloc[0]
    assert (row["x_m"], row["y_m"]) == (530_400, 180_500)
    assert (row["offence"], row["group"]) == ("robbery", "robbery")
    assert str(row["from_utc"]) == "2026-02-02 15:40:00+00:00"
    assert str(row["to_utc"]) == "2026-02-02 15:50:00+00:00"
    assert row["month"] == pd.Timestamp("2026-02-01")
    assert (record.rows_read, record.rows_used, record.dropped) == (1, 1, ())
    assert (record.first, record.last) == (date(2026, 2, 2), date(2026, 2, 2))
    everything = table.to_csv() + repr(record)
    assert "CANARY" not in everything
    assert "A1" not in everything


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "Occurrence_No": st.sampled_from(["", "A", "B", "C"]),
                "Crime_Type": st.sampled_from(["Robbery", "Drugs", "Anti-social behaviour", "odd"]),
                "Committed_From": st.sampled_from(
                    ["02/02/2026 15:40", "03/02/2026", "29/03/2026 01:30", ""]
                ),
                "Committed_To": st.sampled_from(["", "01/02/2026", "04/02/2026 10:00"]),
                "Easting": st.sampled_from(["530400", "530500.5"]),
                "Source": st.sampled_from(["Public report", "Police generated"]),
                "Location_Type": st.sampled_from(["Street", "School"]),
            }
        ),
        min_size=1,
        max_size=8,
    ),
    order=st.randoms(use_true_random=False),
    cut=st.integers(0, 8),
)
def test_the_order_of_rows_and_their_spread_over_files_change_nothing(
    tmp_path_factory, rows, order, cut
):
    rows = [force_row(**row) for row in [*rows, {"Occurrence_No": "fixed"}]]
    shuffled = list(rows)
    order.shuffle(shuffled)
    folder = tmp_path_factory.mktemp("order")
    # A file in which no row has a date is refused as a whole: keep one good row in each.
    good = [force_row(Occurrence_No="fixed")]
    first, _ = read(folder, force_csv(rows), force_csv(good))
    second, records = read(
        folder, force_csv(shuffled[cut:] + good), force_csv(shuffled[:cut] + good)
    )
    pd.testing.assert_frame_equal(first, second)
    assert first.to_csv() == second.to_csv()
    for record in records:
        assert record.rows_read == record.rows_used + sum(n for _, n in record.dropped)
    assert sum(record.rows_used for record in records) == len(second)


def test_time_traps(tmp_path):
    rows = [
        force_row(Committed_From="02/02/2026 15:45", Committed_To=""),  # start only: exact
        force_row(Committed_From="03/02/2026 15:45", Committed_To="03/02/2026 15:00"),  # reversed
        force_row(Committed_From="04/02/2026 00:00", Committed_To="04/02/2026 23:59"),  # unknown
        force_row(Committed_From="05/02/2026 00:00", Committed_To="05/02/2026 00:00"),  # unknown
        force_row(Committed_From="06/02/2026 23:00", Committed_To="06/02/2026 24:00"),
        force_row(Committed_From="", Committed_To="05/02/2026 00:00"),  # dropped
    ] + [force_row()] * 20
    table, (record,) = read(tmp_path, force_csv(rows))
    spans = (table["to_utc"] - table["from_utc"]).dt.total_seconds() / 60
    by_day = dict(zip(table["from_utc"].dt.day.iloc[20:], spans.iloc[20:], strict=True))
    assert by_day | {2: 0} == {2: 0, 3: 0, 4: 1439, 5: 0, 6: 60}
    assert record.dropped == (("no date", 1),)
    assert "without an end, taken as exact: 1 rows" in record.notes
    assert "end before start, taken as exact at the start: 1 rows" in record.notes
    assert "from 00:00 to 00:00 or 23:59, so time unknown: 2 rows" in record.notes


def test_summer_midnight_is_local(tmp_path):
    row = force_row(Committed_From="01/07/2025 00:00", Committed_To="01/07/2025 23:59")
    table, (record,) = read(tmp_path, force_csv([row]))
    assert str(table["from_utc"].iloc[0]) == "2025-06-30 23:00:00+00:00"
    assert record.first == date(2025, 7, 1)
    assert "from 00:00 to 00:00 or 23:59, so time unknown: 1 rows" in record.notes


def test_single_bad_dates_are_dropped_many_are_an_error(tmp_path):
    rows = [force_row()] * 30
    _, (record,) = read(tmp_path, force_csv([*rows, force_row(Committed_From="soon")]))
    assert record.dropped == (("date not understood", 1),)
    with pytest.raises(ColumnError, match="look like mm/dd/yyyy") as caught:
        read(tmp_path, force_csv([*rows, *[force_row(Committed_From="02/13/2026 10:00")] * 20]))
    assert (caught.value.row, caught.value.column) == (32, "Committed From")
    with pytest.raises(InputError, match="no row has a date"):
        read(tmp_path, force_csv([force_row(Committed_From="")]))


def test_repeats_are_found_by_reference_and_the_gravest_stays(tmp_path):
    rows = [
        force_row(Occurrence_No="A", Crime_Type="Anti-social behaviour"),
        force_row(Occurrence_No="A", Crime_Type="Robbery"),
        force_row(Occurrence_No=""),
        force_row(Occurrence_No=""),  # no reference: two incidents
    ]
    table, (record,) = read(tmp_path, force_csv(rows))
    assert table["group"].tolist() == ["robbery"] * 3
    assert record.dropped == (("the same incident again", 1),)


def test_of_repeats_in_one_group_the_gravest_class_stays(tmp_path):
    wordings = ["Assault", "Common assault", "Assault with injury", "Harassment"]
    rows = [force_row(Occurrence_No="A", Crime_Type=text) for text in wordings]
    for order in (rows, rows[::-1]):
        table, _ = read(tmp_path, force_csv(order))
        assert table["offence"].tolist() == ["violence_injury"]


def test_what_police_found_and_school_premises_are_set_apart(tmp_path):
    rows = [
        force_row(Crime_Type="Drugs"),
        force_row(Crime_Type="Possession of weapons"),
        force_row(Source="Stop and Search"),
        force_row(Source="Officer self-initiated"),
        force_row(Source="Police station counter"),
        force_row(Location_Type="Secondary School"),
        force_row(Location_Type="Further education college"),
        force_row(Location_Type="Street outside school"),
        force_row(Outcome="Outcome 20"),
    ]
    table, (record,) = read(tmp_path, force_csv(rows))
    assert table["is_police_generated"].sum() == 4
    assert table["is_school_premises"].sum() == 2
    assert "outcome 20: 1 rows" in record.notes


def test_offences_of_ones_own_wording(tmp_path):
    rows = [force_row(Crime_Type="Scuffle"), force_row(Crime_Type="Zorbing")]
    for own, group in (("violence", "violence"), ("harassment", "violence"), ("arson", "damage")):
        table, (record,) = read(tmp_path, force_csv(rows), offences={"SCUFFLE": own})
        assert sorted(table["offence"]) == sorted(["other", own])
        assert sorted(table["group"]) == sorted(["other", group])
    assert any("Zorbing (1)" in note and "Scuffle" not in note for note in record.notes)


def test_free_text_is_never_taken_for_offences(tmp_path):
    rows = [force_row(Crime_Type=f"Jo number {at} was seen by the park") for at in range(150)]
    with pytest.raises(InputError, match="free text") as caught:
        read(tmp_path, force_csv(rows))
    assert "Jo number" not in str(caught.value)


def test_a_desk_on_which_many_rows_lie_is_noted_without_its_position(tmp_path):
    rows = [force_row(Easting=str(531_000 + at)) for at in range(60)] + [force_row()] * 60
    _, (record,) = read(tmp_path, force_csv(rows))
    (note,) = [text for text in record.notes if "station desk" in text]
    assert "60 rows" in note
    assert "530400" not in note


def test_later_incidents_are_not_known_on_the_day(tmp_path):
    rows = [force_row(), force_row(Committed_From="10/02/2026 15:40", Committed_To="")]
    table, (record,) = read(tmp_path, force_csv(rows), made_on=date(2026, 2, 9))
    assert len(table) == 1
    assert record.dropped == (("after the day the plan is made", 1),)
    assert record.last == date(2026, 2, 2)


def test_swapped_and_degree_columns(tmp_path):
    with pytest.raises(CrsError, match="swapped"):
        read(tmp_path, force_csv([force_row(Easting="180500", Northing="530400")]))
    with pytest.raises(CrsError, match="lon and lat"):
        read(tmp_path, force_csv([force_row(Easting="-0.12", Northing="51.5")]))


def test_named_columns_and_split_times(tmp_path):
    text = "When,At,What,Where E,Where N\n02/02/2026,15:40,Affray,530400,180500\n"
    columns = {
        "from": "When", "from_time": "At", "offence": "What", "easting": "Where E",
        "northing": "Where N",
    }  # fmt: skip
    table, _ = read(tmp_path, text, columns=columns)
    assert str(table["from_utc"].iloc[0]) == "2026-02-02 15:40:00+00:00"
    assert table["group"].iloc[0] == "public_order"
    with pytest.raises(ColumnError, match=r"no column for from, offence, easting, northing"):
        read(tmp_path, text)
    with pytest.raises(ColumnError, match="the column is missing"):
        read(tmp_path, text, columns=columns | {"offence": "Whta"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (FORCE[:9], {"id": "Occurrence No", "from": "Committed From", "to": "Committed To"}),
        (("URN", "Start Date", "Start Time", "HO Class"), {"id": "URN", "from_time": "Start Time"}),
        (("Recorded Date", "Occurrence From"), {"from": "Occurrence From"}),
        (("CRIME REF", "OFFENCE FROM", "x", "y"), {"id": "CRIME REF", "easting": "x"}),
    ],
)
def test_columns_are_suggested(header, expected):
    found = suggest_columns(header)
    assert expected.items() <= found.items()
    assert "Recorded Date" not in found.values()


def test_every_suggestion_is_a_header_of_the_file():
    assert suggest_columns(("a", "b")) == {}


def test_the_month_is_londons_not_utcs(tmp_path):
    row = force_row(Committed_From="01/04/2025 00:00", Committed_To="01/04/2025 00:30")
    table, _ = read(tmp_path, force_csv([row]))
    assert table["month"].tolist() == [pd.Timestamp("2025-04-01")]


def test_street_files_have_months_only(tmp_path):
    rows = [
        ("i1", "2025-01", "-0.12", "51.51", "Robbery"),
        ("i1", "2025-01", "-0.12", "51.51", "Robbery"),  # the same month: a repeat
        ("i1", "2025-02", "-0.12", "51.51", "Robbery"),
        ("", "2025-01", "-0.12", "51.51", "Anti-social behaviour"),
        ("", "2025-01", "-0.12", "51.51", "Anti-social behaviour"),  # no id: two incidents
        ("i2", "2025-01", "", "", "Drugs"),
    ]
    table, (record,) = read(tmp_path, street_csv(rows, end="\r\n"))
    assert sorted(table["group"]) == ["antisocial", "antisocial", "robbery", "robbery"]
    assert table["from_utc"].isna().all()
    assert table["to_utc"].isna().all()
    assert record.dropped == (("no coordinates", 1), ("the same incident again", 1))
    assert (record.first, record.last) == (date(2025, 1, 1), date(2025, 2, 28))


def test_kinds_are_not_mixed(tmp_path):
    street = street_csv([("i1", "2025-01", "-0.12", "51.51", "Robbery")])
    with pytest.raises(InputError, match="count twice"):
        read(tmp_path, street, force_csv([force_row()]))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Type,Date,Latitude,Longitude,Legislation,Object of search,Outcome", "stop-and-search"),
        ("Crime ID,Month,Longitude,Latitude,Outcome type", "outcomes file"),
    ],
)
def test_files_beside_the_street_files_are_refused(tmp_path, header, words):
    with pytest.raises(InputError, match=words):
        read(tmp_path, header + "\n" + "x," * header.count(",") + "x\n")


def test_bad_months_are_an_error(tmp_path):
    with pytest.raises(ColumnError, match="not YYYY-MM") as caught:
        read(tmp_path, street_csv([("i", "Jan-25", "-0.12", "51.51", "Robbery")]))
    assert caught.value.row == 2


# As forces word them: Home Office counting rules, records systems, the national category list.
WORDINGS = {
    "homicide": ["Homicide", "Murder of persons aged 1 yr or over - Common Law", "Manslaughter"],
    "rape": [
        "Rape", "Attempted rape of a female aged 16 or over",
        "Rape of a male child under 13 by a male (S5 SOA 2003)",
    ],
    "unlawful_driving": [
        "Death or serious injury caused by unlawful driving", "Causing death by dangerous driving",
        "Causing death by aggravated vehicle taking",
    ],
    "sexual": ["SEXUAL OFFENCES", "Sexual offence"],
    "other_sexual": [
        "Other Sexual Offences", "Sexual assault on a female aged 13 or over (S3, SOA 2003)",
        "Assault on a female by penetration", "Exposure and Voyeurism", "Sexual Grooming",
        "Indecent assault",
    ],
    "violence_injury": [
        "8N Assault with injury", "ABH", "Wounding with a knife", "Attempted murder",
        "Violence with injury", "Sec 18. Wounding with intent to do grievous bodily harm",
        "Malicious wounding: wounding or inflicting GBH (without intent)", "Endangering Life",
        "Assault occasioning actual bodily harm (Section 47)", "Non-fatal strangulation",
        "Assault constable - ABH", "Most Serious Violence Against The Person",
    ],
    "violence_no_injury": [
        "Violence Without Injury", "Common assault and battery (Violence without injury)",
        "Threats to Kill - Offences against the Person Act 1861 Sec 16", "Kidnapping",
        "Conspiracy to murder", "Assault without injury on a constable (Police Act offence)",
        "Assault or assault by beating of an emergency worker (except a constable)",
        "Cruelty to and neglect of children",
    ],
    "harassment": [
        "Harassment", "Stalking and Harassment", "Malicious communications",
        "Harassment - Putting people in fear of violence",
        "Sending letters etc. with intent to cause distress or anxiety",
        "Pursue course of conduct in breach of Sec 1 (1) which amounts to stalking",
        "Disclose private sexual photographs and films with intent to cause distress",
        "Engage in controlling/coercive behaviour in an intimate / family relationship.",
    ],
    "violence": [
        "Violence and sexual offences", "violent-crime", "Violence Against the Person", "Assault",
        "Less Serious Violence Against The Person", "VIOLENCE & SEXUAL OFFENCES",
    ],
    "robbery": ["Assault with intent to rob", "Robbery of personal property", "Robbery"],
    "weapons": [
        "Possession of an article with a blade or point", "Having a bladed article in public",
        "Threaten with an offensive weapon in a public place",
    ],
    "theft_person": ["Theft from the person of another", "Theft Person"],
    "antisocial": ["ASB - Nuisance", "Anti-social behaviour"],
    "public_order": [
        "Causing harassment, alarm or distress", "Affray", "Public fear, alarm or distress",
        "Racially or religiously aggravated fear of violence - words or writing (Sec 4 POA )",
        "Violent disorder", "Public disorder and weapons",
    ],
    "arson": ["Arson endangering life - Criminal Damage Act 1971 Sec 1", "Arson"],
    "criminal_damage": [
        "Criminal damage to a vehicle", "Criminal Damage excluding Arson", "Damage to dwellings",
        "Threats to destroy or damage property", "Graffiti",
    ],
    "damage": ["Criminal damage and arson", "ARSON AND CRIMINAL DAMAGE", "Arson & Criminal Damage"],
    "drugs_trafficking": [
        "Trafficking in controlled drugs", "Possession with intent to supply Cannabis",
        "Production or being concerned in production of a controlled drug - Cannabis",
    ],
    "drugs_possession": [
        "Possession of cannabis", "Drug - Possession",
        "Having possession of a controlled drug - Misuse of Drugs Act 1971 Sec 5(2)",
    ],
    "drugs": ["Drugs", "Drug offence"],
    "burglary_residential": [
        "Aggravated burglary in a dwelling", "Residential Burglary of a Home (Dwelling)",
        "BURGLARY RESIDENTIAL (UNCONNECTED BLDG)",
    ],
    "burglary_business": [
        "Burglary - Business and Community", "Non-residential burglary",
        "Burglary other than in a dwelling",
    ],
    "burglary": ["Burglary"],
    "vehicle": ["Theft from vehicle", "Theft or unauthorised taking of a motor vehicle"],
    "other_theft": [
        "Other theft", "Theft by employee", "Blackmail", "Making off without payment",
        "Theft of conveyance other than motor vehicle or pedal cycle",
    ],
    "bicycle": ["Theft or taking of pedal cycle", "Theft Bike", "Bicycle theft"],
    "shoplifting": ["Shoplifting", "Theft from shops and stalls"],
    "other": [
        "Other crime", "Fraud", "Going equipped for stealing", "Breach of a stalking order",
        "Handling stolen goods", "MISC CRIMES AGAINST SOCIETY",
        "Obscene Publications, etc. and Protected Sexual Material",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("wording", "offence"),
    [(wording, offence) for offence, listed in WORDINGS.items() for wording in listed],
)
def test_wordings_of_offences(wording, offence):
    found = classify_offences(pd.Series([wording, f" {wording.upper()} "], dtype="str"), {})
    assert found.offence.tolist() == [offence] * 2
    assert found.group.tolist() == [OFFENCE_GROUP_OF[offence]] * 2
    assert found.unknown == ()


@pytest.mark.parametrize(
    ("category", "slug", "offence"),
    [
        ("Anti-social behaviour", "anti-social-behaviour", "antisocial"),
        ("Bicycle theft", "bicycle-theft", "bicycle"),
        ("Burglary", "burglary", "burglary"),
        ("Criminal damage and arson", "criminal-damage-arson", "damage"),
        ("Drugs", "drugs", "drugs"),
        ("Other crime", "other-crime", "other"),
        ("Other theft", "other-theft", "other_theft"),
        ("Possession of weapons", "possession-of-weapons", "weapons"),
        ("Public order", "public-order", "public_order"),
        ("Robbery", "robbery", "robbery"),
        ("Shoplifting", "shoplifting", "shoplifting"),
        ("Theft from the person", "theft-from-the-person", "theft_person"),
        ("Vehicle crime", "vehicle-crime", "vehicle"),
        ("Violence and sexual offences", "violent-crime", "violence"),
    ],
)
def test_every_category_of_data_police_uk_has_a_class(category, slug, offence):
    found = classify_offences(pd.Series([category, slug], dtype="str"), {})
    assert found.offence.tolist() == [offence] * 2
    assert found.unknown == ()


def test_the_table_of_offences_names_known_classes_only_and_all_of_them():
    text = (files("corridors.sources") / "offence_classes.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    classes = set(data["exact"].values()) | {entry["class"] for entry in data["keywords"]}
    assert classes == set(OFFENCE_CLASSES)
    assert set(WORDINGS) == set(OFFENCE_CLASSES)


@given(st.text(max_size=60))
def test_any_wording_has_a_class(wording):
    found = classify_offences(pd.Series([wording], dtype="str"), {})
    assert found.offence.isin(OFFENCE_CLASSES).all()
    assert found.unknown in ((), ((wording, 1),))


def test_the_group_follows_from_the_class(tmp_path):
    rows = [force_row(Crime_Type=text) for text in ("Rape", "Arson", "Theft Bike", "Assault")]
    table, _ = read(tmp_path, force_csv(rows))
    assert dict(zip(table["offence"], table["group"], strict=True)) == {
        "rape": "violence", "arson": "damage", "bicycle": "other", "violence": "violence",
    }  # fmt: skip
    for wrong in ("violence", "homicide"):
        with pytest.raises(ColumnError, match="group does not follow from"):
            Incidents.validate(table.assign(offence=wrong))


@pytest.mark.realdata
def test_a_real_force_export(realdata):
    path = realdata / "camden" / "force_export_synthetic_times.csv"
    table, (record,) = read_incidents(IncidentSource((named(path),)))
    assert len(table) == record.rows_used == record.rows_read == 69_154
    assert table["is_school_premises"].sum() == 2_713
    assert (table["to_utc"] >= table["from_utc"]).all()
    # Counted in the raw file, without this package.
    with path.open(encoding="utf-8", newline="") as handle:
        raw = list(csv.DictReader(handle))
    assert (table["group"] == "robbery").sum() == sum(r["Crime Type"] == "Robbery" for r in raw)
    set_apart = [
        r
        for r in raw
        if r["Source"] == "Police generated"
        or r["Crime Type"] in ("Drugs", "Possession of weapons")
    ]
    assert table["is_police_generated"].sum() == len(set_apart)
    assert "CANARY" not in "".join(map(repr, (record, table.dtypes, table.head(50))))


@pytest.mark.realdata
def test_real_street_files(realdata):
    paths = sorted((realdata / "city_shoreditch" / "police_monthly").glob("*.csv"))
    table, records = read_incidents(IncidentSource(tuple(named(p) for p in paths)))
    assert len(records) == 6
    assert (records[0].first, records[-1].last) == (date(2025, 1, 1), date(2025, 6, 30))
    raw = pd.concat([pd.read_csv(path, dtype=str) for path in paths])
    placed = raw[raw["Longitude"].notna()]
    with_id = placed["Crime ID"].notna()
    expected = (~with_id).sum() + len(placed[with_id].drop_duplicates(["Crime ID", "Month"]))
    assert len(table) == expected
    assert not any(note.startswith("offences without") for r in records for note in r.notes)
    assert np.isfinite(table["x_m"]).all()
