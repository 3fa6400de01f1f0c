"""Evidence: what counts, what is set apart, when it is enough, and how it is told."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from corridors.days import record_span
from corridors.model import Evidence
from corridors.profile import Risk
from corridors.risk.evidence import band, evidence_for, place, statement, why_not
from corridors.tables import DATE, UTC, Incidents

ALL = tuple(range(10))


def incidents(rows: list[dict[str, object]], *, timed: bool = True) -> pd.DataFrame:
    base: dict[str, object] = {
        Incidents.x_m: 0.0,
        Incidents.y_m: 0.0,
        Incidents.from_utc: "2025-01-06 15:30" if timed else None,
        Incidents.to_utc: "2025-01-06 15:30" if timed else None,
        Incidents.month: "2025-01-01",
        Incidents.group: "violence",
        Incidents.is_police_generated: False,
        Incidents.is_school_premises: False,
    }
    frame = pd.DataFrame([base | row for row in rows])
    frame[Incidents.offence] = frame[Incidents.group]
    for column in (Incidents.from_utc, Incidents.to_utc):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype(UTC)
    frame = frame.astype({Incidents.month: DATE, Incidents.offence: "str", Incidents.group: "str"})
    frame.index.name = Incidents.index
    return Incidents.validate(frame)


def placed(rows: list[dict[str, object]], weights: list[float], *, timed: bool = True):
    snapped = pd.DataFrame({"segment_id": np.arange(len(rows)) % 10, "offset_m": 0.0})
    table = incidents(rows, timed=timed)
    return place(
        table,
        snapped,
        pd.Series(weights, index=table.index),
        school_days=190,
        span=record_span(table),
    )


def test_a4_only_weight_in_the_window_counts():
    found = evidence_for(placed([{}, {}], [1.0, 0.0]), ALL, ("x.csv",), Risk())
    assert found.incidents_in_window == 1.0
    assert found.incidents_all_day == 2


@pytest.mark.parametrize("column", [Incidents.is_police_generated, Incidents.is_school_premises])
def test_h4_h5_records_set_apart_weigh_nothing_and_are_counted(column):
    found = evidence_for(placed([{column: True}, {}], [1.0, 1.0]), ALL, ("x.csv",), Risk())
    assert found.incidents_in_window == 1.0
    assert sum(n for _, n in found.set_apart) == 1


def test_burglary_is_not_a_risk_of_the_walk_home():
    found = evidence_for(placed([{Incidents.group: "burglary"}], [1.0]), ALL, ("x",), Risk())
    assert (found.incidents_in_window, found.incidents_all_day) == (0.0, 0)


def test_only_incidents_on_these_streets_count():
    found = evidence_for(placed([{}] * 10, [1.0] * 10), (3, 4), ("x",), Risk())
    assert found.incidents_in_window == 2.0


def test_without_times_each_record_counts_and_the_other_floor_holds():
    found = evidence_for(placed([{}] * 3, [np.nan] * 3, timed=False), ALL, ("x",), Risk())
    assert not found.has_times
    assert found.incidents_in_window == 3.0
    assert found.floor == Risk().floor_place_only
    assert statement(found, ("High Street",)).startswith(
        "Place context only: this source has no times"
    )
    assert "after-school" not in statement(found, ("High Street",))


def test_with_some_times_records_without_one_weigh_nothing():
    rows = [{}, {Incidents.from_utc: None, Incidents.to_utc: None}]
    assert evidence_for(placed(rows, [1.0, np.nan]), ALL, ("x",), Risk()).incidents_in_window == 1.0


def evidence(**changes: object) -> Evidence:
    base = Evidence(
        has_times=True,
        period_start=date(2024, 9, 1),
        period_end=date(2026, 2, 15),
        months=18,
        incidents_in_window=24.4,
        incidents_all_day=90,
        by_group=(("robbery", 14.0), ("violence", 10.4)),
        set_apart=(),
        sources=("export.csv",),
        floor=6.0,
        school_days=270,
    )
    return replace(base, **changes)


def test_a3_statement_names_streets_period_band_and_source():
    text = statement(evidence(), ("Fen Road", "High Street"))
    for part in ("20 to 29", "robbery, violence", "Fen Road, High Street", "01/09/2024",
                 "15/02/2026", "export.csv", "after-school"):  # fmt: skip
        assert part in text


def test_a3_too_little_evidence_or_too_short_a_time_is_no_patrol():
    assert why_not(evidence(), Risk()) == ""
    assert "below the floor of 6" in why_not(evidence(incidents_in_window=5.9), Risk())
    assert "cover 11 months" in why_not(evidence(months=11), Risk())


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "fewer than 5"),
        (4.9, "fewer than 5"),
        (5, "5 to 9"),
        (29.9, "20 to 29"),
        (9e9, "5000 or more"),
    ],
)
def test_counts_are_told_as_bands(count, words):
    assert band(count) == words
