"""What a report weighs: shares, caps, police-generated records, and the words for it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError, ProfileError
from corridors.profile import Severity, SeverityWeight
from corridors.risk.severity import effective_number, severity_weights, severity_words
from corridors.tables import (
    DATE,
    OFFENCE_CLASSES,
    OFFENCE_GROUP_OF,
    POLICE_GROUPS,
    STREET_GROUPS,
    UTC,
    Incidents,
)

FREE = [name for name, group in OFFENCE_GROUP_OF.items() if group not in POLICE_GROUPS]
NONE = Severity()


def table(weights: dict[str, float] | None = None, cap: float = 5.0) -> Severity:
    """A custom table: 1 for every class but those named."""
    made = dict.fromkeys(OFFENCE_CLASSES, 1.0) | (weights or {})
    return Severity(
        "custom", "1", "test", cap, tuple(SeverityWeight(n, w) for n, w in made.items())
    )


def incidents(offences: list[str], found: list[bool] | None = None) -> pd.DataFrame:
    k = len(offences)
    offence = pd.Series(offences, dtype="str")
    frame = pd.DataFrame(
        {
            Incidents.x_m: np.arange(k, dtype=float),
            Incidents.y_m: 0.0,
            Incidents.from_utc: pd.Series([None] * k, dtype=UTC),
            Incidents.to_utc: pd.Series([None] * k, dtype=UTC),
            Incidents.month: pd.Series(["2025-01-01"] * k, dtype=DATE),
            Incidents.offence: offence,
            Incidents.group: offence.map(OFFENCE_GROUP_OF).astype("str"),
            Incidents.is_police_generated: np.array(found or [False] * k, dtype=bool),
            Incidents.is_school_premises: np.zeros(k, dtype=bool),
        }
    ).rename_axis(Incidents.index)
    return Incidents.validate(frame)


tables = st.builds(
    table,
    st.dictionaries(st.sampled_from(OFFENCE_CLASSES), st.floats(1e-3, 1e9)),
    st.floats(1, 1000),
)
rows = st.lists(
    st.tuples(st.sampled_from(OFFENCE_CLASSES), st.booleans(), st.booleans()),
    min_size=1,
    max_size=60,
)


def weighed(drawn, severity) -> tuple[np.ndarray, np.ndarray]:
    """Weights, and which rows may carry one at all."""
    offences, found, counted = (list(column) for column in zip(*drawn, strict=True))
    weight = severity_weights(incidents(offences, found), severity, np.array(counted))
    is_police = [OFFENCE_GROUP_OF[name] in POLICE_GROUPS for name in offences]
    return weight, np.array(counted) & ~np.array(found) & ~np.array(is_police)


# What holds for any table --------------------------------------------------------------------


@given(drawn=rows, severity=st.one_of(st.just(NONE), tables))
def test_the_mean_of_what_counts_is_one_and_all_else_is_zero(drawn, severity):
    weight, counts = weighed(drawn, severity)
    assert np.isfinite(weight).all()
    assert (weight[~counts] == 0).all()
    assert (weight[counts] > 0).all()
    assert weight.sum() == pytest.approx(counts.sum(), rel=1e-12)


@given(drawn=rows, severity=tables, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(drawn, severity, order):
    weight, _ = weighed(drawn, severity)
    places = list(range(len(drawn)))
    order.shuffle(places)
    shuffled, _ = weighed([drawn[at] for at in places], severity)
    assert shuffled.tobytes() == weight[places].tobytes()


@given(drawn=rows, severity=tables)
def test_one_event_is_not_the_map(drawn, severity):
    """The guarantee of the cap: of n reports one holds at most c / (c + n / 2 - 1)."""
    weight, counts = weighed(drawn, severity)
    n, cap = int(counts.sum()), severity.cap
    if n == 0:
        assert not weight.any()
        return
    share = weight.max() / weight.sum()
    slack = 1 + 1e-9
    assert share <= cap / (cap + math.ceil(n / 2) - 1) * slack
    assert share <= 2 * cap / n * slack
    upper_median = np.sort(weight[counts])[n // 2]  # of two middle ones the cap may lower one
    assert weight.max() <= cap * upper_median * slack
    assert effective_number(weight) * slack >= n / (2 * cap)


@pytest.mark.parametrize("cap", [1.0, 5.0, 40.0])
@pytest.mark.parametrize("n", [1, 3, 7, 101])
def test_the_guarantee_is_reached_so_it_cannot_be_made_smaller(n, cap):
    # Half of the reports weigh the median, the others next to nothing, and one is beyond measure.
    ordinary = (n + 1) // 2
    severity = table({"homicide": 1e9, "antisocial": 1e-9}, cap)
    offences = ["homicide"] + ["violence"] * (ordinary - 1) + ["antisocial"] * (n - ordinary)
    weight = severity_weights(incidents(offences), severity, np.ones(n, dtype=bool))
    bound = cap / (cap + ordinary - 1)
    assert weight.max() / weight.sum() == pytest.approx(bound, rel=1e-6)


@given(drawn=rows, severity=tables)
def test_the_unit_of_a_table_does_not_matter(drawn, severity):
    weight, _ = weighed(drawn, severity)
    half = Severity(
        "custom",
        cap=severity.cap,
        weights=tuple(SeverityWeight(w.offence, w.weight / 2) for w in severity.weights),
    )
    np.testing.assert_allclose(weighed(drawn, half)[0], weight, rtol=1e-12)


@given(drawn=rows, severity=tables)
def test_a_graver_offence_never_weighs_less(drawn, severity):
    weight, counts = weighed(drawn, severity)
    harm = np.array([severity.weight_of[name] for name, _, _ in drawn])
    ranked = weight[counts][np.argsort(harm[counts], kind="stable")]
    assert (np.diff(ranked) >= 0).all()


# Known numbers ---------------------------------------------------------------------------------


def test_none_is_counting():
    found = severity_weights(
        incidents(["homicide", "antisocial", "robbery", "drugs"]),
        NONE,
        np.array([True, True, False, True]),
    )
    assert found.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_what_the_cap_does_in_numbers():
    # Median 2, cap 5: the rape weighs 10, not 2,555; sum 2 + 2 + 2 + 10 = 16 over 4 reports.
    severity = table({"rape": 2555.0, "theft_person": 2.0})
    offences = ["theft_person", "rape", "theft_person", "theft_person"]
    weight = severity_weights(incidents(offences), severity, np.ones(4, dtype=bool))
    np.testing.assert_allclose(weight, [0.5, 2.5, 0.5, 0.5])
    assert effective_number(weight) == pytest.approx(16**2 / (3 * 4 + 100))


def test_what_does_not_count_moves_neither_median_nor_mean():
    severity = table({"rape": 2555.0, "theft_person": 2.0, "weapons": 1e6})
    alone = severity_weights(incidents(["theft_person", "rape"]), severity, np.ones(2, dtype=bool))
    beside = severity_weights(
        incidents(["rape", "theft_person", "weapons", "rape", "rape"], [True, *[False] * 4]),
        severity,
        np.array([True, True, True, False, True]),
    )
    assert beside.tolist() == [0.0, alone[0], 0.0, 0.0, alone[1]]


def test_a_class_of_weight_zero_is_left_out_of_the_median():
    severity = table({"antisocial": 0.0, "robbery": 3.0})
    offences = ["antisocial"] * 5 + ["robbery", "violence"]
    weight = severity_weights(incidents(offences), severity, np.ones(7, dtype=bool))
    np.testing.assert_allclose(weight, [0, 0, 0, 0, 0, 5.25, 1.75])


def test_nothing_that_counts_weighs_anything():
    nothing = table(dict.fromkeys(OFFENCE_CLASSES, 0.0))
    offences = ["robbery", "violence"]
    for severity, counted in ((nothing, [True, True]), (table(), [False, False])):
        weight = severity_weights(incidents(offences), severity, np.array(counted))
        assert weight.tolist() == [0.0, 0.0]
    assert severity_weights(incidents([]), table(), np.zeros(0, dtype=bool)).shape == (0,)


@pytest.mark.parametrize("least", [5e-324, 1e-300, 1e-9])
def test_weights_at_the_edge_of_what_numbers_can_hold(least):
    severity = table({"homicide": 1e9, "antisocial": least}, cap=1000.0)
    for offences in (["homicide"] + ["antisocial"] * 3, ["homicide"] * 3 + ["antisocial"]):
        weight = severity_weights(incidents(offences), severity, np.ones(4, dtype=bool))
        assert np.isfinite(weight).all()
        assert weight.sum() == pytest.approx(4)


@pytest.mark.parametrize(
    ("weight", "number"),
    [([], 0.0), ([0, 0], 0.0), ([3], 1.0), ([2, 2, 2], 3.0), ([1, 0, 1], 2.0), ([3, 1], 1.6)],
)
def test_effective_number(weight, number):
    assert effective_number(np.array(weight, dtype=float)) == pytest.approx(number)


@given(st.lists(st.one_of(st.just(0.0), st.floats(1e-300, 1e300)), min_size=1, max_size=30))
def test_effective_number_lies_between_one_and_the_number_of_weights(drawn):
    weight = np.array(drawn)
    found = effective_number(weight)
    assert found == effective_number(weight[::-1])
    if weight.any():
        assert 1 - 1e-12 <= found <= (weight > 0).sum() * (1 + 1e-12)
    else:
        assert found == 0


# Words and wrong input -------------------------------------------------------------------------


def test_words_for_the_map():
    assert severity_words(NONE) == "Every report weighs the same, whatever the offence."
    words = severity_words(table(cap=2.5))
    assert words == (
        "Reports weigh by harm, after this partnership's own table of harm (version 1); "
        "none weighs more than 2.5 times the median report."
    )


def test_a_counted_class_without_weight_is_named():
    street = Severity(
        "custom",
        weights=tuple(SeverityWeight(g, 1.0) for g in STREET_GROUPS if g not in POLICE_GROUPS),
    )
    with pytest.raises(InputError, match=r"no weight for bicycle, vehicle\. Name it"):
        severity_weights(
            incidents(["vehicle", "bicycle", "robbery"]), street, np.ones(3, dtype=bool)
        )
    two = severity_weights(
        incidents(["vehicle", "rape", "robbery"]), street, np.array([False, True, True])
    )
    assert two.tolist() == [0.0, 1.0, 1.0]


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(InputError, match="not one value for each of 2 rows"):
        severity_weights(incidents(["rape", "robbery"]), NONE, np.ones(3, dtype=bool))


def full(**changes: object) -> dict[str, object]:
    weights = tuple(SeverityWeight(name, 1.0) for name in STREET_GROUPS)
    return {"table": "custom", "weights": weights} | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"table": "cchi"}, "not one of none, ons_css, cambridge_chi, custom"),
        ({"table": "none"}, "say custom"),
        ({"cap": 0.5}, "cap must be 1 to 1000"),
        ({"cap": math.nan}, "cap must be 1 to 1000"),
        ({"cap": math.inf}, "cap must be 1 to 1000"),
        ({"weights": (SeverityWeight("rape", 1.0),) * 2}, "name rape more than once"),
        ({"weights": ()}, "lacks weights for homicide, rape, .*violence, robbery, theft_person"),
        (
            {"weights": tuple(SeverityWeight(n, 1.0) for n in FREE if n != "damage")},
            "custom lacks weights for damage",
        ),
    ],
)
def test_a_broken_table_is_refused(changes, words):
    with pytest.raises(ProfileError, match=words):
        Severity(**full(**changes))


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf, 1e10])
def test_a_weight_is_a_number_that_can_be_summed(weight):
    with pytest.raises(ProfileError, match="the weight of rape must be 0 to 1e9"):
        SeverityWeight("rape", weight)


def test_an_unknown_class_is_refused():
    with pytest.raises(ProfileError, match="unknown offence class 'assault'; known: homicide"):
        SeverityWeight("assault", 1.0)


def test_a_group_speaks_for_its_classes_until_they_speak_for_themselves():
    weights = (*full()["weights"], SeverityWeight("rape", 9.0))
    known = Severity("custom", weights=weights).weight_of
    assert (known["rape"], known["harassment"], known["arson"]) == (9.0, 1.0, 1.0)
    assert "burglary" not in known
