"""Profiles are data that check themselves."""

import copy
import tomllib
from importlib.resources import files

import pytest

from corridors.errors import ProfileError
from corridors.profile import Profile, from_mapping
from corridors.tables import POLICE_ROLES, ROLES

SHIPPED = ("hackney_2024", "trust_policy", "tvp_2025")


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


def spoilt_aim(**changes: object) -> dict:
    made = data()
    aim = made["teams"]["aims"][0]
    assert set(changes) <= set(aim)
    aim.update(changes)
    return made


@pytest.mark.parametrize("part", ["outcome", "commitment"])
def test_a2_an_aim_without_outcome_or_commitment_is_refused(part):
    with pytest.raises(ProfileError, match="trust lacks outcome or commitment"):
        from_mapping(spoilt_aim(**{part: ""}))


def test_b11_police_in_a_mix_without_a_policing_purpose_are_refused():
    with pytest.raises(ProfileError, match=r"without a policing purpose \(B11\)"):
        from_mapping(spoilt_aim(policing_purpose=""))


def test_b6_a_role_without_a_card_is_refused():
    made = data()
    made["teams"]["role_cards"] = made["teams"]["role_cards"][1:]
    with pytest.raises(ProfileError, match=r"no role card for school_linked_officer \(B6\)"):
        from_mapping(made)


def test_a13_the_profiles_differ_where_the_sources_do():
    hackney, trust, tvp = (from_mapping(data(name)) for name in SHIPPED)
    assert hackney.scope.min_high_age == 11  # primaries too
    assert tvp.scope.min_high_age == 12  # KS3 and above
    assert hackney.teams.schools_per_officer == 2
    assert trust.teams.schools_per_officer == 1
    assert not hackney.teams.officer_for_every_school
    assert tvp.teams.officer_for_every_school
    assert trust.teams.officer_for_every_school


def levels(profile: Profile, aim: str) -> list[str]:
    return [mix.police_level for mix in profile.teams.aim(aim).mixes]


@pytest.mark.parametrize("name", SHIPPED)
def test_a10_the_suggested_mixes(name):
    profile = from_mapping(data(name))
    assert set(levels(profile, "trust")) == {"on_call", "nearby_not_joint"}
    assert levels(profile, "safeguarding") == ["on_call"]
    assert levels(profile, "enforcement")[:2] == ["joint_visible", "nearby_not_joint"]
    assert levels(profile, "early_help") == ["none"]
    (diversion,) = profile.teams.aim("early_help").mixes
    assert [(n.roles, n.minimum) for n in diversion.needs] == [(("youth_worker",), 2)]
    assert profile.teams.min_adults == 2


@pytest.mark.parametrize("name", SHIPPED)
def test_b10_every_shipped_mix_says_whether_police_lead_and_which_way_it_leans(name):
    for aim in from_mapping(data(name)).teams.aims:
        for mix in aim.mixes:
            assert mix.leaning == (
                "enforcement" if aim.key == "enforcement" else "community_support"
            )
            assert bool(mix.police_part) == mix.police_walk


@pytest.mark.parametrize("name", SHIPPED)
def test_b12_every_role_has_tasks_and_they_are_its_own(name):
    for card in from_mapping(data(name)).teams.role_cards:
        assert card.tasks
        is_police = card.role in POLICE_ROLES
        assert ("prevent_crime" in card.tasks) == is_police
        assert ("behaviour" in card.tasks) == (card.role == "school_staff")


def with_tasks(role: str, *tasks: str) -> dict:
    made = data()
    card = next(c for c in made["teams"]["role_cards"] if c["role"] == role)
    card["tasks"] = [*card["tasks"], *tasks]
    return made


@pytest.mark.parametrize("role", sorted(set(ROLES) - set(POLICE_ROLES)))
@pytest.mark.parametrize("task", ["enforce", "intelligence"])
def test_b12_youth_workers_and_staff_get_no_enforcement_and_no_intelligence(role, task):
    with pytest.raises(ProfileError, match=f"{role} is given the task to .*B12"):
        from_mapping(with_tasks(role, task))


@pytest.mark.parametrize("role", POLICE_ROLES)
def test_b12_police_never_manage_behaviour(role):
    with pytest.raises(ProfileError, match="deal with pupils' behaviour"):
        from_mapping(with_tasks(role, "behaviour"))


def test_b12_an_unknown_task_is_named():
    with pytest.raises(ProfileError, match="unknown enforcement"):
        from_mapping(with_tasks("pcso", "enforcement"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"police_part": "follow"}, "not one of lead, support"),
        ({"leaning": "left"}, "not one of community_support, enforcement"),
        ({"police_part": "support"}, "has no police"),
    ],
)
def test_b10_a_part_is_one_of_two_and_only_where_police_walk(change, words):
    made = data()
    made["teams"]["aims"][0]["mixes"][0].update(change)  # on_call
    with pytest.raises(ProfileError, match=words):
        from_mapping(made)


def test_b8_only_the_trust_policy_has_a_mix_of_police_alone():
    alone = {
        name: [m for a in from_mapping(data(name)).teams.aims for m in a.mixes
               if m.may_be_police_alone]
        for name in SHIPPED
    }  # fmt: skip
    assert {name: len(mixes) for name, mixes in alone.items()} == {
        "hackney_2024": 0, "trust_policy": 1, "tvp_2025": 0,
    }  # fmt: skip


def test_the_origin_of_a_number_names_a_key_that_is_there():
    key = "teams.schools_per_offcer"
    with pytest.raises(ProfileError, match=r"there is no .*Did you mean schools_per_officer"):
        from_mapping(changed("origins", [{"key": key, "source": "section 3"}]))
    with pytest.raises(ProfileError, match=r"there is no 'seed\.x'"):
        from_mapping(changed("origins", [{"key": "seed.x", "source": "?"}]))


def test_f4_f6_references_are_part_of_a_profile_and_empty_in_those_shipped():
    for name in SHIPPED:
        own = from_mapping(data(name)).governance
        assert own.data_sharing_agreement == own.terms_of_reference == ""
        assert own.routines
    made = changed("governance.data_sharing_agrement", "x")
    with pytest.raises(ProfileError, match="Did you mean data_sharing_agreement"):
        from_mapping(made)


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
        ("notice.languages", ["cy", "en"], 'must begin with "en"'),
        ("notice.languages", [], 'must begin with "en"'),
        ("notice.languages", ["en", "cy", "cy"], "one is twice"),
        ("notice.languages", ["en", "../cy"], "../cy is no code"),
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


@pytest.mark.parametrize(
    "url",
    [
        "https://maps.example/{z}/{x}/{y}.png",
        "http://10.0.0.7:8080/os/{z}/{y}/{x}",
        "https://maps.example/wmts?l=os&z={z}&x={x}&y={y}",
    ],
)
def test_a_tile_server_of_ones_own_may_be_named(url):
    made = from_mapping(data() | {"map": {"tiles": url, "tiles_credit": "OS"}})
    assert url.startswith(made.map.origin + "/")
    assert made.map.origin.count("/") == 2
    assert from_mapping(data()).map.origin == ""


@pytest.mark.parametrize(
    "url",
    [
        "ftp://maps.example/{z}/{x}/{y}",
        "javascript:alert(1)//{z}{x}{y}",
        "//maps.example/{z}/{x}/{y}",
        "https://user:word@maps.example/{z}/{x}/{y}",
        "https://maps.example, https://other.example/{z}/{x}/{y}",
        "https://maps.example https://other.example/{z}/{x}/{y}",
        "https://maps.example; script-src */{z}/{x}/{y}",
        "https://{s}.maps.example/{z}/{x}/{y}",
        "https://maps.example/{s}/{z}/{x}/{y}",
        "https://maps.example/{z}/{x}",
        "https://maps.example/{z}/{x}/{y}/{y}",
        "https://maps.example/{z}/{x}/{y}}",
        "https://*.example/{z}/{x}/{y}",
        "https://maps.example/{z}/{x}/{y}\n",
        "https:///{z}/{x}/{y}",
    ],
)
def test_any_other_address_of_tiles_is_refused(url):
    with pytest.raises(ProfileError, match=r"map\.tiles"):
        from_mapping(data() | {"map": {"tiles": url}})
