"""The learned mixture: invariants, known answers, and what it says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_networks import grid_network

from corridors.errors import InputError
from corridors.model import LearnedWeight
from corridors.profile import Risk
from corridors.risk.em import em_weights
from corridors.risk.incident_time import recency
from corridors.risk.lattice import build_lattice
from corridors.risk.mixture import (
    PRIOR_INCIDENTS,
    Baselines,
    Learned,
    components,
    evidence_mass,
    first_day,
    keys,
    learn,
    mix,
    parts_of_100,
    prior_for,
    words,
)
from corridors.risk.sample import Sample

NETWORK = grid_network(8, 7)
LATTICE = build_lattice(NETWORK, 5.0)
N = len(LATTICE.length_m)
PARAMS = Risk(bandwidths_m=(25.0, 100.0, 400.0))
START = 12 * 2024  # January 2024


def drawn(
    rng: np.random.Generator, count: int, *, months: int = 18, slots: int = 1, among: int = N
) -> Sample:
    """Incidents on the first ``among`` segments, each wholly in one slot."""
    month = START + rng.integers(0, months, count)
    weight = np.zeros((count, slots))
    weight[np.arange(count), rng.integers(0, slots, count)] = 1.0
    segment = rng.integers(0, among, count)
    return Sample(
        segment, rng.random(count) * LATTICE.length_m[segment], weight, month, first_day(month) + 14
    )


def shuffled(sample: Sample, rng: np.random.Generator) -> Sample:
    order = rng.permutation(len(sample.day))
    return Sample(
        sample.segment_id[order],
        sample.offset_m[order],
        sample.slot_weight[order],
        sample.month[order],
        sample.day[order],
    )


seeds = st.integers(0, 2**32 - 1)

# Weights of a convex combination ----------------------------------------------------------------


def aim_of(w, rows, weight, prior):
    return weight @ np.log(rows @ w) + prior[prior > 0] @ np.log(w[prior > 0])


@given(seeds, st.integers(1, 40), st.integers(2, 7))
def test_no_other_weights_are_likelier(seed, r, m):
    rng = np.random.default_rng(seed)
    rows = rng.random((r, m)) ** 3 + 1e-6
    weight, prior = rng.random(r) * 4, rng.random(m) + 0.05
    found = em_weights(rows, weight, prior=prior)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert found.min() > 0
    best = aim_of(found, rows, weight, prior)
    slack = 1e-8 * (weight.sum() + prior.sum())
    for other in [*rng.dirichlet(np.ones(m), 30), prior / prior.sum(), np.ones(m) / m]:
        mixed = 0.9 * found + 0.1 * other
        assert aim_of(mixed, rows, weight, prior) <= best + slack
        if other.min() > 0:
            assert aim_of(other, rows, weight, prior) <= best + slack


@given(seeds, st.floats(1e-3, 1e3))
def test_a_rows_unit_does_not_matter(seed, unit):
    rng = np.random.default_rng(seed)
    rows, weight, prior = rng.random((9, 3)) + 0.01, rng.random(9), np.ones(3)
    a = em_weights(rows, weight, prior=prior)
    assert em_weights(unit * rows, weight, prior=prior) == pytest.approx(a, abs=1e-6)


def test_two_disjoint_components_get_the_shares_of_their_incidents():
    rows = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert em_weights(rows, np.array([3.0, 1.0]), prior=np.zeros(2)) == pytest.approx([0.75, 0.25])
    # With two pseudo-incidents each: (3 + 2) / 8 and (1 + 2) / 8.
    found = em_weights(rows, np.array([3.0, 1.0]), prior=np.full(2, 2.0))
    assert found == pytest.approx([0.625, 0.375])


def test_without_incidents_the_weights_are_the_priors():
    prior = np.array([1.0, 2.0, 5.0])
    assert em_weights(np.zeros((0, 3)), np.zeros(0), prior=prior) == pytest.approx(prior / 8)
    with pytest.raises(InputError, match="neither incidents nor a prior"):
        em_weights(np.zeros((0, 3)), np.zeros(0), prior=np.zeros(3))


def test_an_incident_that_nothing_explains_is_refused():
    with pytest.raises(InputError, match="no component"):
        em_weights(np.zeros((1, 2)), np.ones(1), prior=np.ones(2))


def test_weights_that_made_the_incidents_are_found_again():
    rng = np.random.default_rng(11)
    parts = rng.dirichlet(np.full(400, 0.2), 4)  # four densities over 400 places
    truth = np.array([0.4, 0.1, 0.2, 0.3])
    place = rng.choice(400, 20_000, p=truth @ parts)
    found = em_weights(parts[:, place].T, np.ones(20_000), prior=np.ones(4))
    assert found == pytest.approx(truth, abs=0.02)


# Components and the surface ---------------------------------------------------------------------


@settings(max_examples=20)
@given(seeds, st.booleans(), st.booleans())
def test_every_component_integrates_to_one_where_reports_are_known(seed, has_flow, is_cut):
    rng = np.random.default_rng(seed)
    within = rng.random(N) < 0.7 if is_cut else None
    baselines = Baselines(rng.random(N) if has_flow else None, within)
    sample = drawn(rng, 15)
    mass = evidence_mass(LATTICE, sample, rng.random((15, 2)), PARAMS)
    parts = components(mass, LATTICE.length_m, baselines)
    assert parts.shape == (len(keys(PARAMS, baselines)), N, 2)
    assert np.einsum("jnc,n->jc", parts, LATTICE.length_m) == pytest.approx(1, rel=1e-9)
    assert parts.min() >= 0
    if within is not None:
        assert not parts[:, ~within].any()


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("has_flow", [False, True])
def test_the_surface_integrates_to_the_reports(slots, has_flow):
    rng = np.random.default_rng(3)
    sample = drawn(rng, 120, slots=slots)
    sample = replace(sample, slot_weight=sample.slot_weight * rng.random((120, 1)))
    flow = rng.random((N, slots)) if has_flow else None
    learned = learn(LATTICE, sample, Baselines(flow), PARAMS)
    assert learned.risk.shape == (N, slots)
    assert learned.risk.min() > 0
    assert LATTICE.length_m @ learned.per_m == pytest.approx(sample.weight.sum(), rel=1e-9)
    assert sum(w.weight for w in learned.weights) == pytest.approx(1)
    assert learned.is_learned
    assert learned.validated.tolist() == [START + m for m in range(12, 18)]


@pytest.mark.parametrize("slots", [1, 3])
def test_rows_in_another_order_give_the_same_bytes(slots):
    rng = np.random.default_rng(7)
    sample = drawn(rng, 90, slots=slots)
    baselines = Baselines(rng.random(N))
    a = learn(LATTICE, sample, baselines, PARAMS)
    other = shuffled(sample, rng)
    b = learn(LATTICE, other, baselines, PARAMS)
    assert a.risk.tobytes() == b.risk.tobytes()
    assert a.weights == b.weights
    c, d = (
        mix(LATTICE, (s.segment_id, s.offset_m), s.slot_weight, baselines, a.weights, PARAMS)
        for s in (sample, other)
    )
    assert c.tobytes() == d.tobytes()


def test_mixing_the_aged_evidence_again_gives_the_surface_of_place():
    sample = drawn(np.random.default_rng(2), 150)
    learned = learn(LATTICE, sample, Baselines(), PARAMS)
    aged = recency(first_day(START + 18) - sample.day, PARAMS.half_life_days)
    weight = np.column_stack([aged, 2 * aged, np.zeros(150)])
    places = (sample.segment_id, sample.offset_m)
    made = mix(LATTICE, places, weight, Baselines(), learned.weights, PARAMS)
    shape = learned.per_m / sample.weight.sum()
    assert made[:, 0] == pytest.approx(shape * aged.sum(), rel=1e-9)
    assert made[:, 1] == pytest.approx(2 * made[:, 0], rel=1e-12)
    assert not made[:, 2].any()


def test_nothing_of_the_last_month_is_in_the_weights_that_predict_it():
    # Learning sees each held-out month as the place of incidents only: what a training set holds
    # must not change when the months after it do.
    rng = np.random.default_rng(4)
    sample = drawn(rng, 200, months=14)
    last = sample.month == START + 13
    moved = replace(sample, segment_id=np.where(last, 0, sample.segment_id))
    one = replace(PARAMS, validation_months=1)

    def rows(s: Sample) -> np.ndarray:
        before = s.month < START + 13
        weight = np.where(before, recency(np.maximum(first_day(START + 13) - s.day, 0), 365.0), 0.0)
        return components(
            evidence_mass(LATTICE, s, weight[:, None], PARAMS), LATTICE.length_m, Baselines()
        )[:, :, 0]

    # The reference: one month, predicted from the months before it alone.
    named = keys(PARAMS, Baselines())
    for s in (sample, moved):
        expected = em_weights(
            rows(s)[:, s.segment_id[last]].T, np.ones(int(last.sum())), prior=prior_for(named)
        )
        found = learn(LATTICE, s, Baselines(), one)
        assert [w.weight for w in found.weights] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("slots", [1, 2])
def test_each_validated_month_is_predicted_from_aged_data_before_it(slots):
    # Directly, month by month, without adding months up.
    sample = drawn(np.random.default_rng(6), 250, months=15, slots=slots)
    sample = replace(sample, day=sample.day + np.arange(len(sample.day)) % 13)
    params = replace(PARAMS, validation_months=3, half_life_days=60.0)
    rows = []
    for month in START + np.arange(12, 15):
        before, now = sample.month < month, sample.month == month
        age = first_day(month) - sample.day[before]
        mass = evidence_mass(
            LATTICE,
            Sample(
                sample.segment_id[before], sample.offset_m[before], sample.slot_weight[before],
                sample.month[before], sample.day[before],
            ),
            recency(age, 60.0)[:, None],
            PARAMS,
        )  # fmt: skip
        parts = components(mass, LATTICE.length_m, Baselines())[:, :, 0]
        rows.append(parts[:, sample.segment_id[now]].T)
    likelihood = np.concatenate(rows)
    prior = prior_for(keys(PARAMS, Baselines()))
    expected = em_weights(likelihood, np.ones(len(likelihood)), prior=prior)
    found = learn(LATTICE, sample, Baselines(), params)
    assert found.held_out == len(likelihood)
    assert [w.weight for w in found.weights] == pytest.approx(expected, abs=1e-5)


def test_repeats_on_the_same_streets_teach_counts_and_chance_teaches_evenness():
    rng = np.random.default_rng(8)
    repeated = drawn(rng, 600)
    repeated = replace(repeated, segment_id=repeated.segment_id % 5)
    weights = {w.key: w.weight for w in learn(LATTICE, repeated, Baselines(), PARAMS).weights}
    assert weights["counts"] > 0.8
    weights = {
        w.key: w.weight for w in learn(LATTICE, drawn(rng, 300), Baselines(), PARAMS).weights
    }
    assert weights["uniform"] + weights["esc_400"] > 0.7


def test_reports_that_follow_the_pupils_teach_flow():
    rng = np.random.default_rng(9)
    flow = rng.random(N) ** 4
    sample = drawn(rng, 400)
    chosen = rng.choice(N, 400, p=flow / flow.sum())
    sample = replace(sample, segment_id=chosen, offset_m=rng.random(400) * 60)
    weights = {w.key: w.weight for w in learn(LATTICE, sample, Baselines(flow), PARAMS).weights}
    assert max(weights, key=lambda k: weights[k]) == "flow"


# Time of day ------------------------------------------------------------------------------------


def test_streets_with_their_own_hours_keep_them_and_others_take_the_common_ones():
    rng = np.random.default_rng(10)
    sample = drawn(rng, 500, slots=4, among=40)
    own = np.zeros((500, 4))
    own[np.arange(500), np.where(sample.segment_id < 20, 0, 3)] = 1.0
    split = learn(LATTICE, replace(sample, slot_weight=own), Baselines(), PARAMS)
    assert split.own_time_share > 0.6
    alike = learn(LATTICE, sample, Baselines(), PARAMS)
    assert alike.own_time_share < 0.4
    assert split.risk[5, 0] > 3 * split.risk[5, 3]


def test_pupils_hours_reach_the_surface():
    flow = np.zeros((N, 3))
    flow[:, 1] = 1.0
    sample = drawn(np.random.default_rng(12), 150, slots=3)
    with_flow = learn(LATTICE, sample, Baselines(flow), PARAMS)
    assert with_flow.weights[-2].key == "flow"
    assert with_flow.risk[:, 1].sum() > learn(LATTICE, sample, Baselines(), PARAMS).risk[:, 1].sum()


# Too little to learn from -----------------------------------------------------------------------


@pytest.mark.parametrize(("count", "months"), [(0, 1), (1, 1), (8, 18), (60, 3)])
def test_too_little_data_falls_back_to_the_prior_and_says_so(count, months):
    sample = drawn(np.random.default_rng(1), count, months=months)
    learned = learn(LATTICE, sample, Baselines(), PARAMS)
    prior = prior_for([w.key for w in learned.weights])
    assert not learned.is_learned
    assert [w.weight for w in learned.weights] == pytest.approx(prior / prior.sum())
    assert LATTICE.length_m @ learned.per_m == pytest.approx(count, abs=1e-9)
    assert "too few reports" in " ".join(words(learned))


def test_the_prior_is_weak_and_half_of_it_needs_no_report():
    prior = prior_for(["counts", "esc_25", "esc_50", "flow", "uniform"])
    assert prior.sum() == pytest.approx(PRIOR_INCIDENTS)
    assert prior[3:].sum() == pytest.approx(PRIOR_INCIDENTS / 2)
    assert prior.min() > 0


def test_recency_halves_at_the_half_life_and_an_endless_one_forgets_nothing():
    assert recency(np.array([0, 90, 180]), 90.0).tolist() == [1, 0.5, 0.25]
    assert recency(np.array([0, 9000]), float("inf")).tolist() == [1, 1]
    assert first_day(12 * 1970) == 0
    assert first_day(12 * 2016 + 2) - first_day(12 * 2016 + 1) == 29


# In words ---------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9).filter(lambda x: sum(x) > 1e-6))
def test_parts_sum_to_a_hundred_and_are_within_one_of_the_share(shares):
    exact = 100 * np.array(shares) / sum(shares)
    parts = parts_of_100(np.array(shares))
    assert parts.sum() == 100
    assert np.abs(parts - exact).max() < 1 + 1e-6


def test_words_name_the_largest_part_first():
    weights = tuple(
        LearnedWeight(k, w, "")
        for k, w in [("counts", 0.224), ("esc_100", 0.41), ("flow", 0.01), ("uniform", 0.356)]
    )
    learned = Learned(np.ones((2, 3)), weights, 0.2, True, np.arange(6), 50.0)
    said = words(learned)
    assert said[0] == (
        "Of every 100 parts of the risk, 41 come from streets within about 100 m of a report, "
        "36 come evenly from all streets, 22 come from the very streets where reports were and "
        "1 comes from where pupils walk."
    )
    assert "last 6 months" in said[1]
    assert "20 come from reports on or near it and 80" in said[2]
    assert len(words(replace(learned, risk=np.ones((2, 1))))) == 2


def test_crumbs_of_several_densities_are_told_as_one():
    shares = [("counts", 0.86), ("esc_25", 0.01), ("esc_50", 0.02), ("esc_400", 0.01)]
    weights = tuple(LearnedWeight(k, w, "") for k, w in [*shares, ("uniform", 0.10)])
    said = words(Learned(np.ones((2, 1)), weights, 0.2, True, np.arange(6), 50.0))
    assert said[0].endswith(
        "10 come evenly from all streets and 4 come from streets within about 25 to 400 m of a "
        "report."
    )


def test_flow_where_no_report_could_be_known_is_no_component():
    elsewhere = Baselines((np.arange(N) == 0) * 1.0, np.arange(N) > 0)
    learned = learn(LATTICE, drawn(np.random.default_rng(0), 60), elsewhere, PARAMS)
    assert "flow" not in {w.key for w in learned.weights}


def test_every_weight_has_a_meaning():
    learned = learn(LATTICE, drawn(np.random.default_rng(0), 5), Baselines(np.ones(N)), PARAMS)
    assert [w.key for w in learned.weights] == [
        "counts", "esc_25", "esc_100", "esc_400", "flow", "uniform",
    ]  # fmt: skip
    assert len({w.meaning for w in learned.weights}) == 6
    assert all("_" not in w.meaning for w in learned.weights)


# Refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("baselines", "problem"),
    [
        (Baselines(np.ones(3)), "shape"),
        (Baselines(-np.ones(N)), "negative"),
        (Baselines(np.full(N, np.nan)), "not finite"),
        (Baselines(None, np.zeros(N, bool)), "no street"),
        (Baselines(None, np.ones(2, bool)), "shape"),
    ],
)
def test_baselines_that_do_not_fit_are_refused(baselines, problem):
    with pytest.raises(InputError, match=problem):
        learn(LATTICE, drawn(np.random.default_rng(0), 40), baselines, PARAMS)


def test_incidents_that_do_not_fit_and_weights_for_other_components_are_refused():
    sample = drawn(np.random.default_rng(0), 40)
    with pytest.raises(InputError, match="Snap it first"):
        learn(LATTICE, replace(sample, segment_id=sample.segment_id - 50), Baselines(), PARAMS)
    with pytest.raises(InputError, match="0 or more"):
        learn(LATTICE, replace(sample, slot_weight=-sample.slot_weight), Baselines(), PARAMS)
    weights = learn(LATTICE, sample, Baselines(), PARAMS).weights
    with pytest.raises(InputError, match="same bandwidths"):
        mix(
            LATTICE,
            (sample.segment_id, sample.offset_m),
            sample.slot_weight,
            Baselines(np.ones(N)),
            weights,
            PARAMS,
        )
