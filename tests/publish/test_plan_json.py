"""The plan as data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sample_plan import HOSTILE, fresh_plan, hostile_names, sample_plan, sample_profile

from corridors.publish.plan_json import plan_json

PROFILE = sample_profile()


def test_it_holds_what_a_check_needs():
    data = json.loads(plan_json(sample_plan(), PROFILE))
    assert data["marking"] == "OFFICIAL-SENSITIVE"
    assert data["seed"] == 2024
    assert data["profile"]["name"] == "hackney_2024"
    assert data["ward"]["code"] == "E05999001"
    assert data["week"]["label"] == "2026-W10"
    assert data["parameters"]["risk.cell_m"] == "5.0"
    assert data["sources"][0]["sha256"] == "ab" * 32
    assert data["crs"]["shift"].startswith("OSGB36 to WGS84 by Helmert")
    for name in ("corridors", "numpy", "scipy", "ortools", "geopandas", "proj"):
        assert data["versions"][name]
    patrol = data["patrols"][0]
    assert len(patrol["route"]["node_ids"]) == len(patrol["route"]["segment_ids"]) + 1
    assert len(patrol["route"]["leave_s"]) == len(patrol["route"]["node_ids"])
    assert patrol["staffing"]["people"][0] == {"person_id": "P1", "role": "youth_worker"}
    assert data["coverage"][0]["upper_bound"] == 124
    assert data["coverage"][0]["met_total"] == 0
    assert patrol["route"]["begin_s"] == 0
    assert patrol["urns"] == ["100001"]
    assert data["remits"]["100001"]["remit"] == data["approvals"][0]["remit"]
    corridor = data["corridors"][0]
    assert corridor["evidence"]["floor"] == 6.0
    assert len(corridor["risk_per_m"]) == len(corridor["segment_ids"])


def test_keys_are_sorted_and_people_have_no_names():
    text = plan_json(sample_plan(), PROFILE).decode()
    data = json.loads(text)
    assert json.dumps(data, sort_keys=True, indent=1) + "\n" == text
    for name in ("Ada", "Ben", "Cara", "Dev", str(Path.cwd()), str(Path.home())):
        assert name not in text


def test_same_plan_same_bytes_and_last_digits_do_not_matter():
    plan = sample_plan()
    data = plan_json(plan, PROFILE)
    assert plan_json(fresh_plan(), PROFILE) == data
    nudged = replace(plan, risk=plan.risk * (1 + 1e-12))
    assert plan_json(nudged, PROFILE) == data


def test_hostile_names_come_back_as_they_were():
    data = json.loads(plan_json(sample_plan(hostile_names()), PROFILE))
    assert data["ward"]["name"] == HOSTILE[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_json_cannot_hold_becomes_null(value):
    plan = sample_plan()
    evidence = replace(plan.corridors[0].evidence, floor=value)
    plan = replace(plan, corridors=(replace(plan.corridors[0], evidence=evidence),))
    assert json.loads(plan_json(plan, PROFILE))["corridors"][0]["evidence"]["floor"] is None


def test_no_output_says_where_a_machine_keeps_its_files():
    made = sample_plan()
    first, *others = made.inputs.sources
    placed = (replace(first, file="/srv/somebody/streets.osm.pbf"), *others)
    moved = replace(made, inputs=replace(made.inputs, sources=placed))
    text = plan_json(moved, PROFILE)
    assert b"somebody" not in text
    assert json.loads(text)["sources"][0]["file"] == "streets.osm.pbf"


def test_b9_the_plan_stores_who_designed_and_who_agreed_by_organisation():
    data = json.loads(plan_json(sample_plan(), PROFILE))
    assert [(e["state"], e["by"], e["organisation"]) for e in data["approvals"]] == [
        (state, "Deputy head", "School") for state in ("designed", "proposed", "agreed")
    ]
