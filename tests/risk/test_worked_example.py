"""Every figure of the worked example in docs/risk.md, worked out anew."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridors.days import slot_windows
from corridors.model import LearnedWeight
from corridors.profile import Risk, Window
from corridors.risk.density import spread
from corridors.risk.incident_time import slot_weights, window_weights
from corridors.risk.lattice import build_lattice
from corridors.risk.mixture import Baselines, mix
from corridors.risk.severity import effective_number
from corridors.tables import UTC, Incidents

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import make_risk_picture as drawn  # noqa: E402  # scripts are no package

DAY = date(2026, 3, 2)
TEXT = " ".join((ROOT / "docs" / "risk.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    """A and B; only their times matter here."""
    begin = pd.Series(pd.to_datetime(["2026-03-02 15:45", "2026-03-02 15:30"], utc=True))
    end = pd.Series(pd.to_datetime(["2026-03-02 15:45", "2026-03-02 17:30"], utc=True))
    return pd.DataFrame({Incidents.from_utc: begin.astype(UTC), Incidents.to_utc: end.astype(UTC)})


@pytest.fixture(scope="module")
def slots():
    made = slot_windows([{DAY: 15 * 60 + 15}], Window(lead_min=15, length_min=120))
    assert made.count == 8
    return made


def test_when(reports, slots):
    counted = window_weights(reports, slots.start_us, slots.end_us).to_numpy()
    assert counted == pytest.approx([1.0, 0.75])
    a, b = slot_weights(reports, slots, bandwidth_min=30.0)
    assert b == pytest.approx([0, 0, *[0.125] * 6])
    assert [f"{w:.3f}" for w in a] == ["0.000", "0.104", "0.396", "0.396", "0.104", *["0.000"] * 3]
    assert "**0.75**, 0.125 in each quarter" in TEXT
    assert "**0.396** in each quarter" in TEXT
    assert "**0.104** in each one beyond" in TEXT


def test_what():
    assert f"weigh like **{effective_number(np.array([1.0, 0.75])):.2f}**" in TEXT


def test_where():
    lattice = build_lattice(drawn.cross(), 0.1)
    mass = spread(lattice, np.array([0]), np.array([30.0]), np.ones(1), bandwidth_m=50.0)[:, 0]
    arms = mass.reshape(4, -1)
    assert f"= **{arms[2, 0] / 0.1:.4f}** a metre on every arm" in TEXT
    assert f"= **{arms[2, 99:101].mean() / 0.1:.4f}**. 10 m into North" in TEXT
    assert (
        f"= **{arms[0, 99:101].mean() / 0.1:.4f}**. North Street keeps **{arms[0].sum():.3f}**"
        in TEXT
    )
    assert f"each other street has **{arms[1].sum():.3f}**" in TEXT


def test_how_far():
    weights = tuple(
        LearnedWeight(key, weight, "")
        for key, weight in (("counts", 0.5), ("esc_50", 0.3), ("uniform", 0.2))
    )
    lattice = build_lattice(drawn.cross(), 1.0)
    places = (np.array([0]), np.array([30.0]))
    params = Risk(bandwidths_m=(50.0,), cell_m=1.0)
    risk = mix(lattice, places, np.ones((1, 1)), Baselines(), weights, params)[:, 0]
    assert f"= **{risk[0]:.5f}** reports a metre; every other street: **{risk[1]:.5f}**" in TEXT


def test_the_picture_is_that_of_the_code():
    shown = (ROOT / "docs" / "pictures" / "risk.svg").read_text(encoding="utf-8")
    assert shown == drawn.picture()
