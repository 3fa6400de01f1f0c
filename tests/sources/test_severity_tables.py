"""Shipped tables of harm, and how a profile names one."""

from __future__ import annotations

import csv
import tomllib
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hatchling.builders.wheel import WheelBuilder
from support_workspace import named, write

from corridors import sources
from corridors.errors import ProfileError
from corridors.profile import SEVERITY_TABLES, Severity, SeverityWeight
from corridors.risk.severity import effective_number, severity_weights, severity_words
from corridors.sources import IncidentSource, read_incidents
from corridors.sources.profiles import SHIPPED_SEVERITY, shipped_severity
from corridors.tables import (
    OFFENCE_CLASSES,
    OFFENCE_GROUP_OF,
    OFFENCE_GROUPS,
    POLICE_GROUPS,
    STREET_GROUPS,
)

ROOT = Path(__file__).resolve().parents[2]


def shipped(table: str) -> Severity:
    section = shipped_severity(table)
    weights = tuple(SeverityWeight(**w) for w in section.pop("weights"))
    return Severity(**section, weights=weights)


def raw(name: str) -> dict:
    path = files("corridors") / "profiles" / "severity" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_own(tmp_path, section: str):
    """A shipped profile with another ``[severity]`` section, read as a file of one's own."""
    text = (files("corridors.profiles") / "tvp_2025.toml").read_text(encoding="utf-8")
    head, rest = text.split("[severity]", 1)
    tail = rest[rest.index("\n[teams]") :]
    write(tmp_path / "mine.toml", f"{head}{section}\n{tail}")
    return sources.read_profile("mine.toml", tmp_path).severity


# The tables themselves -------------------------------------------------------------------------


def test_groups_follow_from_classes():
    assert tuple(dict.fromkeys(OFFENCE_GROUP_OF.values())) == OFFENCE_GROUPS
    # Each group's name is the class of wordings that say no more than the group.
    assert all(OFFENCE_GROUP_OF[group] == group for group in OFFENCE_GROUPS)


@pytest.mark.parametrize("table", SHIPPED_SEVERITY)
def test_every_class_has_a_weight_of_its_own_and_says_where_it_is_from(table):
    severity = shipped(table)
    assert {w.offence for w in severity.weights} == set(OFFENCE_CLASSES)
    assert all(w.weight > 0 and w.note for w in severity.weights)
    assert severity.version
    assert "to be verified" in severity.source
    assert raw(table)["licence"]


def test_shipped_tables_are_those_that_a_profile_may_name():
    assert {"none", "custom", *SHIPPED_SEVERITY} == set(SEVERITY_TABLES)
    assert not {"cambridge_chi", "ons_css", "volumes"} & set(sources.shipped_profiles())


@pytest.mark.parametrize(
    ("offence", "chi", "css"),
    [
        ("homicide", 5475, 7978.79),
        ("rape", 2555, None),
        ("other_sexual", 182.25, None),
        ("violence_injury", 365, 184.09),
        ("violence_no_injury", 10, 12.99),
        ("harassment", 10, 39.64),
        ("robbery", 365, 746),
        ("burglary_residential", 273.5, 438),
        ("burglary_business", 183.5, 117),
        ("arson", 185, 185),
        ("criminal_damage", 2, 7),
        ("public_order", 7.5, 7.58),
        ("theft_person", 2, 86),
        ("shoplifting", 1, 13),
        ("other_theft", 2, 33),
        ("drugs_trafficking", 5, 497),
        ("drugs_possession", 3, 3),
    ],
)
def test_published_weights(offence, chi, css):
    assert shipped("cambridge_chi").weight_of[offence] == chi
    if css is not None:
        assert shipped("ons_css").weight_of[offence] == css


def test_one_rape_is_1277_thefts_before_the_cap():
    known = shipped("cambridge_chi").weight_of
    assert int(known["rape"] / known["theft_person"]) == 1277


@pytest.mark.parametrize("table", SHIPPED_SEVERITY)
def test_an_unspecific_class_weighs_the_mean_of_its_parts_by_volume(table):
    known = shipped(table).weight_of
    volume_of = {m["offence"]: m["volumes"] for m in raw("volumes")["mixtures"]}
    for offence, volumes in volume_of.items():
        assert {OFFENCE_GROUP_OF[part] for part in volumes} == {OFFENCE_GROUP_OF[offence]}
        parts = [known[part] for part in volumes]
        assert min(parts) < known[offence] < max(parts)
        mean = np.average(parts, weights=list(volumes.values()))
        assert known[offence] == pytest.approx(mean, abs=0.005)
    # No class is both a number of the table and a mean.
    assert not set(volume_of) & {w["offence"] for w in raw(table)["weights"]}


def test_violence_is_far_below_the_plain_mean_of_a_list_of_offences():
    # By hand: (726 x 5475 + 59104 x 2555 + 726 x 365 + 104140 x 182.25 + 512631 x 365
    # + 586098 x 10 + 295696 x 10) / 1559121
    assert shipped("cambridge_chi").weight_of["violence"] == 237.41
    assert shipped("ons_css").weight_of["violence"] < 300  # about 900 unweighted


def test_the_volumes_of_violence_against_the_person_add_up_to_the_published_total():
    (violence,) = [m["volumes"] for m in raw("volumes")["mixtures"] if m["offence"] == "violence"]
    sexual = violence["rape"] + violence["other_sexual"]
    assert sexual == 163_244
    assert sum(violence.values()) - sexual == 1_395_877


@pytest.mark.parametrize("table", SHIPPED_SEVERITY)
def test_anti_social_behaviour_has_the_smallest_weight_of_the_street(table):
    known = shipped(table).weight_of
    street = set(STREET_GROUPS) - set(POLICE_GROUPS)
    assert known["antisocial"] == min(
        weight for name, weight in known.items() if OFFENCE_GROUP_OF[name] in street
    )


# How a profile names one -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hackney_2024", "tvp_2025"])
def test_shipped_profiles_count_every_report_alike(name):
    severity = sources.read_profile(name).severity
    assert (severity.table, severity.cap, severity.weights) == ("none", 5.0, ())


@pytest.mark.parametrize("table", SHIPPED_SEVERITY)
def test_a_profile_names_a_shipped_table(tmp_path, table):
    severity = read_own(tmp_path, f'[severity]\ntable = "{table}"\ncap = 3')
    assert severity.cap == 3.0
    assert severity.weight_of == shipped(table).weight_of
    assert severity.version in severity_words(severity)
    assert read_own(tmp_path, f'[severity]\ntable = "{table}"\nversion = "{severity.version}"')


def test_without_the_section_every_report_weighs_the_same(tmp_path):
    assert read_own(tmp_path, "") == Severity()


CUSTOM = '[severity]\ntable = "custom"\nversion = "b"\n' + "".join(
    f'[[severity.weights]]\noffence = "{group}"\nweight = {at + 1}\n'
    for at, group in enumerate(("violence", "robbery", "theft_person", "antisocial"))
)


def test_a_table_of_ones_own(tmp_path):
    with pytest.raises(ProfileError, match="lacks weights for public_order, arson, crim") as caught:
        read_own(tmp_path, CUSTOM)
    assert caught.value.file == "mine.toml"
    rest = "".join(
        f'[[severity.weights]]\noffence = "{group}"\nweight = 0.5\nnote = "ours"\n'
        for group in ("public_order", "damage")
    )
    severity = read_own(tmp_path, CUSTOM + rest)
    assert (severity.weight_of["robbery"], severity.weight_of["arson"]) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('table = "cambridge_chi"\nversion = "2020"', "Shipped is '2026'"),
        ('table = "cambridge_chi"\nversion = 2026', "version must be str"),
        ('table = "cambridge_chi"\nweights = []', "weights is part of the shipped table"),
        ('table = "ons_css"\nsource = "me"', "source is part of the shipped table"),
        ('table = "ons_css"\ncaps = 4', "Did you mean cap"),
        ('table = "volumes"', "not one of none"),
        ('table = "../hackney_2024"', "not one of none"),
        ('table = ["ons_css"]', "table must be str"),
        ('table = "ons_css\\u0000"', "not one of none"),
        ('table = "custom"', "custom lacks weights for homicide"),
        ('table = "custom"\nweights = [{ offence = "<script>", weight = 1 }]', "unknown offence"),
        ('table = "custom"\nweights = [{ offence = "rape", wieght = 1 }]', "Did you mean weight"),
        ('table = "custom"\nweights = [{ offence = "rape", weight = "9" }]', "must be float"),
        ('table = "custom"\nweights = [{ offence = "rape", weight = nan }]', "0 to 1e9"),
        ('table = "custom"\nweights = "heavy"', "must be a list"),
        ("cap = 0", "cap must be 1 to 1000"),
    ],
)
def test_a_broken_section_says_what_is_wrong_and_where(tmp_path, section, words):
    with pytest.raises(ProfileError, match=words) as caught:
        read_own(tmp_path, f"[severity]\n{section}")
    assert caught.value.file == "mine.toml"


def test_a_section_that_is_no_section(tmp_path):
    text = (files("corridors.profiles") / "tvp_2025.toml").read_text(encoding="utf-8")
    bare = text.replace("[severity]", "[unused]", 1).split("[unused]")[0]
    write(tmp_path / "mine.toml", f'severity = "cambridge_chi"\n{bare}')
    with pytest.raises(ProfileError, match="severity must be a table"):
        sources.read_profile("mine.toml", tmp_path)


def test_the_wheel_holds_the_data(tmp_path):
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    held = set(zipfile.ZipFile(wheel).namelist())
    data = {"corridors/sources/offence_classes.toml"} | {
        f"corridors/profiles/severity/{name}.toml" for name in (*SHIPPED_SEVERITY, "volumes")
    }
    assert data <= held


# Real data ---------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_a_real_borough(realdata):
    path = realdata / "camden" / "force_export_synthetic_times.csv"
    incidents, _ = read_incidents(IncidentSource((named(path),)))
    counted = incidents["group"].isin(STREET_GROUPS).to_numpy()
    kept = counted & ~incidents["is_police_generated"].to_numpy()
    # Counted and weighed in the raw file, without this package.
    class_of = {
        "Violence and sexual offences": "violence", "Robbery": "robbery",
        "Theft from the person": "theft_person", "Anti-social behaviour": "antisocial",
        "Public order": "public_order", "Criminal damage and arson": "damage",
    }  # fmt: skip
    with path.open(encoding="utf-8", newline="") as handle:
        offences = [
            class_of[row["Crime Type"]]
            for row in csv.DictReader(handle)
            if row["Crime Type"] in class_of and row["Source"] != "Police generated"
        ]
    for table in SHIPPED_SEVERITY:
        severity = shipped(table)
        weight = severity_weights(incidents, severity, counted)
        own = np.array([severity.weight_of[name] for name in offences])
        capped = np.minimum(own, 5 * np.median(own))
        np.testing.assert_allclose(np.sort(weight[kept]), np.sort(capped / capped.mean()))
        assert not weight[~kept].any()
        assert effective_number(weight) > len(offences) / 10
