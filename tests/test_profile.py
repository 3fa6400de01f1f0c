"""Profiles are data that check themselves."""

import copy
import tomllib
from importlib.resources import files

import pytest

from corridors.errors import ProfileError
from corridors.profile import Profile, from_mapping
from corridors.tables import POLICE_ROLES, ROLES

SHIPPED = ("hackney_2024", "tvp_2025")


def data(name: str = "hackney_2024") -> dict:
    text = (files("corridors.profiles") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def changed(path: str, value: object) -> dict:
    made = copy.deepcopy(data())
    at = made
    *parents, last = path.split(".")
    for key in parents:
        at = at.setdefault(key, {})
    at[last] = value
    return made


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_hold_and_are_named_as_their_file(name):
    profile = from_mapping(data(name))
    assert profile.name == name
    assert {c.role for c in profile.teams.role_cards} == set(ROLES)


@pytest.mark.parametrize("name", SHIPPED)
def test_a1_a2_b11_the_four_aims_have_outcome_commitment_and_a_purpose_where_police_walk(name):
    aims = from_mapping(data(name)).teams.aims
    assert len(aims) == 4
    for aim in aims:
        assert aim.outcome
        assert aim.commitment
        if any(mix.police_walk for mix in aim.mixes):
            assert aim.policing_purpose


def test_a13_the_profiles_differ_where_the_sources_do():
    hackney, tvp = (from_mapping(data(name)) for name in SHIPPED)
    assert hackney.scope.min_high_age == 11  # primaries too
    assert tvp.scope.min_high_age == 12  # KS3 and above
    assert hackney.teams.schools_per_officer == 2


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("risk.bandwith_m", [100.0], "Did you mean bandwidths_m"),
        ("windows", {}, "Did you mean window"),
        ("risk.bandwidths_m", ["wide"], "must be float"),
        ("risk.bandwidths_m", 100.0, "must be a list"),
        ("risk.bandwidths_m", [-1.0, 50.0], "must be > 0"),
        ("risk.bandwidths_m", [], "must be > 0"),
        ("risk.bandwidths_m", [50.0, 25.0], "must grow"),
        ("risk.cell_m", 50.0, "up to 20"),
        ("risk.kernel", "gaussian", "must be one of quartic"),
        ("risk.half_life_days", 0.0, "must be > 0"),
        ("risk.time_bandwidth_min", 800.0, "up to 720"),
        ("hot_spots.simulations", 9, "too few"),
        ("guards.visit_reference_share", 0.0, r"in \(0, 1\]"),
        ("risk.bandwidths_m", [float("nan")], "must be > 0"),
        ("patrols.bus_stop_from_min", 31, "must be 0 to bus_stop_to_min"),
        ("patrols.presence_half_life_min", -1, r"must be 0 \(off\) to 240"),
        ("patrols.koper", True, "must be a list"),
        ("patrols.repeat_worth", 0.0, "must be over 0, up to 1"),
        ("patrols.repeat_worth", 1.1, "must be over 0, up to 1"),
        ("patrols.recovery_days", 0, "must be 1 to 30"),
        ("patrols.vary_share", -0.1, "must be 0 to 1"),
        ("patrols.max_seconds", 0.0, "must be over 0"),
        ("patrols.koper", [{"dwell_min": 0, "share": 0.5}], "dwell_min must be 1 to 240"),
        ("patrols.koper", [{"dwell_min": 5, "share": 1.5}], "share must be 0 to 1"),
        (
            "patrols.koper",
            [{"dwell_min": 5, "share": 0.5}, {"dwell_min": 9, "share": 0.4}],
            "never fall in share",
        ),
        ("window.default_finish", "quarter past three", "HH:MM"),
        ("window.lead_min", True, "must be int"),
        ("streets.margin_m", 500.0, "800 to 5000"),
        ("flow.share_home", 0.9, "sum to <= 1"),
        ("notice.band_min", 10, "at least 30"),
        ("teams.default_aim", "patrol", "unknown aim patrol"),
        ("teams.role_cards", [], "no role card for"),
        ("teams.aims", [], "unknown aim"),
        ("teams", 3, "must be a table"),
    ],
)
def test_a_broken_profile_says_what_is_wrong(path, value, words):
    with pytest.raises(ProfileError, match=words):
        from_mapping(changed(path, value))


def test_a_missing_part_is_named():
    incomplete = {key: value for key, value in data().items() if key != "notice"}
    with pytest.raises(ProfileError, match="lacks notice"):
        from_mapping(incomplete)


@pytest.mark.parametrize(
    ("level", "roles"), [("none", list(POLICE_ROLES)), ("joint_visible", ["youth_worker"])]
)
def test_b1_a_mix_and_its_police_level_cannot_disagree(level, roles):
    made = data()
    made["teams"]["aims"][0]["mixes"] = [
        {"police_level": level, "needs": [{"roles": roles, "minimum": 1, "maximum": 2}]}
    ]
    with pytest.raises(ProfileError, match="disagree about police"):
        from_mapping(made)


def test_whole_numbers_are_read_as_measures():
    assert from_mapping(changed("risk.cell_m", 4)).risk.cell_m == 4.0


def test_a_profile_cannot_be_changed():
    profile = from_mapping(data())
    assert isinstance(profile, Profile)
    with pytest.raises(AttributeError):
        profile.seed = 1
