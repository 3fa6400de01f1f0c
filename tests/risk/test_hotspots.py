"""Hot spots: what is planted is found, what is noise is not."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from shapely.geometry import box
from support_networks import grid_network

from corridors.crs import METRIC
from corridors.errors import InputError
from corridors.model import Ward
from corridors.network.segments import build_network
from corridors.network.snapping import snap
from corridors.profile import HotSpots, Streets
from corridors.risk.hotspots import (
    critical_value,
    find_hot_spots,
    judged_clusters,
    learned_exposure,
)
from corridors.risk.sample import Sample
from corridors.risk.scan import cut_sites, make_null, null_maxima
from corridors.sources import read_streets
from corridors.sources.boundaries import bounds_of
from corridors.tables import Segments

NETWORK = grid_network(12, 12)
LENGTH_M = NETWORK.segments[Segments.length_m].to_numpy()
SLOTS = 8
PARAMS = HotSpots(reach_m=100.0, simulations=199, bootstraps=40)
PLANTED = 130  # a segment in the middle of the grid


def make_sample(segment, offset, slot_weight):
    k = len(segment)
    whole = np.full(k, 24_000)
    return Sample(
        np.asarray(segment, dtype=np.int64),
        np.asarray(offset, dtype=float),
        np.asarray(slot_weight, dtype=float),
        whole,
        whole - 5000,
    )


def noise(count, seed, slots=SLOTS):
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, len(LENGTH_M), count)
    weight = np.eye(slots)[rng.integers(0, slots, count)]
    return make_sample(segment, rng.random(count) * LENGTH_M[segment], weight)


def planted(count, slot, slots=SLOTS, segment=PLANTED):
    weight = np.zeros((count, slots))
    weight[:, slot] = 1.0
    return make_sample(np.full(count, segment), np.linspace(5, 55, count), weight)


def both(a, b):
    return Sample(
        *(np.concatenate([getattr(a, f), getattr(b, f)]) for f in Sample.__dataclass_fields__)
    )


def rows(sample, order):
    return Sample(*(getattr(sample, f)[order] for f in Sample.__dataclass_fields__))


def found(sample, *, weight=None, exposure=None, params=PARAMS, seed=1):
    slots = sample.slot_weight.shape[1]
    even = np.ones((len(LENGTH_M), slots)) if exposure is None else exposure
    plain = sample.weight if weight is None else weight
    return find_hot_spots(NETWORK, sample, plain, even, params, np.random.default_rng(seed))


def test_a_planted_cluster_is_found_with_its_street_and_time():
    report = found(both(noise(60, 1), planted(12, 3)))
    (spot,) = report.hot
    assert spot.hot_spot_id == "H1"
    assert NETWORK.segments[Segments.name].iloc[PLANTED] in spot.street_names
    assert PLANTED in spot.segment_ids
    assert spot.segment_ids == tuple(sorted(spot.segment_ids))
    assert 12 <= spot.incidents <= 16
    assert 0 < spot.expected < spot.incidents / 2
    assert spot.p_value == 1 / 200
    assert 3 in spot.slots
    assert set(spot.slots) <= {1, 2, 3, 4, 5}
    assert spot.stability > 0.95
    assert spot.is_stable
    assert report.simulations == 199


def test_the_same_cluster_outside_the_window_is_gone():
    outside = planted(12, 3)
    outside = replace(outside, slot_weight=np.zeros_like(outside.slot_weight))
    alone = found(noise(60, 1))
    assert alone.hot == ()
    assert found(both(noise(60, 1), outside)) == alone


def test_a_cluster_in_one_slot_is_found_where_place_alone_is_not_striking():
    # Forty streets with six reports each; on one street all six come at one time.
    rng = np.random.default_rng(2)
    segment = np.repeat(rng.choice(len(LENGTH_M), 40, replace=False), 6)
    segment[:6] = PLANTED
    slot = rng.integers(0, SLOTS, len(segment))
    slot[:6] = 0
    offset = rng.random(len(segment)) * LENGTH_M[segment]
    timed = make_sample(segment, offset, np.eye(SLOTS)[slot])
    exposure = np.full((len(LENGTH_M), SLOTS), 0.05)
    exposure[segment] = 1.0  # streets with people: six reports are what they have
    place_only = replace(timed, slot_weight=np.ones((len(segment), 1)))
    assert found(place_only, exposure=exposure[:, :1]).hot == ()
    spots = found(timed, exposure=exposure, params=replace(PARAMS, reach_min=10.0)).hot
    assert [PLANTED in h.segment_ids and h.slots == (0,) for h in spots] == [True]


def test_times_that_all_incidents_share_make_no_hot_spot():
    spread = noise(80, 3)
    slot_weight = np.zeros_like(spread.slot_weight)
    slot_weight[:, 2] = 1.0
    assert found(replace(spread, slot_weight=slot_weight)).hot == ()


def test_incidents_where_the_pupils_are_make_no_hot_spot():
    exposure = np.full((len(LENGTH_M), SLOTS), 1.0)
    sample = both(noise(60, 1), planted(12, 3))
    assert len(found(sample, exposure=exposure).hot) == 1
    exposure[PLANTED] = 60.0
    assert found(sample, exposure=exposure).hot == ()


def test_rows_in_any_order_give_the_same_report():
    sample = both(noise(60, 4), planted(9, 5))
    rng = np.random.default_rng(9)
    sample = replace(sample, slot_weight=sample.slot_weight * rng.random((69, 1)))
    plain = sample.weight * rng.random(69)
    plain /= plain.max()
    order = rng.permutation(69)
    one, other = found(sample, weight=plain), found(rows(sample, order), weight=plain[order])
    assert one == other
    assert one.hot


def test_the_same_seed_gives_the_same_report():
    sample = both(noise(60, 4), planted(9, 5))
    assert found(sample) == found(sample)


def test_without_times_there_are_no_slots():
    report = found(both(noise(60, 5, slots=1), planted(14, 0, slots=1)))
    assert [h.slots for h in report.hot] == [()]
    assert PLANTED in report.hot[0].segment_ids


def test_two_hot_spots_are_ranked():
    sample = both(noise(60, 6), both(planted(10, 1), planted(20, 6, segment=5)))
    report = found(sample)
    assert [h.hot_spot_id for h in report.hot] == ["H1", "H2"]
    assert 5 in report.hot[0].segment_ids
    assert PLANTED in report.hot[1].segment_ids
    assert report.clusters >= 2


def test_duplicates_at_one_point_are_incidents_each():
    place = make_sample(np.full(12, PLANTED), np.full(12, 30.0), np.eye(SLOTS)[[3] * 12])
    (spot,) = found(both(noise(60, 1), place)).hot
    assert spot.incidents >= 12


def test_severity_makes_no_hot_spot_but_shows_in_the_effective_number():
    sample = both(noise(60, 1), planted(12, 3))
    grave = sample.slot_weight.copy()
    grave[0] *= 500  # one grave event elsewhere
    plain = found(sample).hot
    assert [
        h.segment_ids for h in found(replace(sample, slot_weight=grave), weight=sample.weight).hot
    ] == [h.segment_ids for h in plain]
    grave = sample.slot_weight.copy()
    grave[-1] *= 500
    (spot,) = found(replace(sample, slot_weight=grave), weight=sample.weight).hot
    assert plain[0].effective_incidents == pytest.approx(plain[0].incidents)
    assert spot.effective_incidents == pytest.approx(1.0, abs=0.1)
    assert spot.incidents == plain[0].incidents


def test_shares_of_incidents_count_as_shares():
    sample = both(noise(60, 1), planted(12, 3))
    (spot,) = found(sample, weight=np.full(72, 0.25)).hot
    (whole,) = found(sample).hot
    # The same map in quarters: the same spot, a quarter of the incidents.
    assert spot == replace(whole, incidents=whole.incidents / 4, expected=whole.expected / 4)


def test_stability_is_high_for_a_strong_cluster_and_low_for_a_marginal_one():
    strong = found(both(noise(60, 1), planted(16, 3))).hot
    reports = (found(both(noise(60, 1), planted(n, 3))).hot for n in range(2, 12))
    marginal = next(hot for hot in reports if hot)  # the fewest that are hot at all
    assert strong[0].stability == 1.0
    assert marginal[0].stability < 0.8
    assert not marginal[0].is_stable


@pytest.mark.parametrize("count", [0, 1])
def test_maps_of_no_or_one_incident_are_quiet(count):
    assert found(noise(count, 1)).hot == ()


def test_a_spot_on_nameless_paths_is_named_by_the_nearest_street():
    names = NETWORK.segments[Segments.name].where(
        NETWORK.segments[Segments.name] == "Row 0 Road", ""
    )
    network = replace(NETWORK, segments=NETWORK.segments.assign(**{Segments.name: names}))
    sample = both(noise(60, 1), planted(12, 3))
    even = np.ones((len(LENGTH_M), SLOTS))
    far = find_hot_spots(network, sample, sample.weight, even, PARAMS, np.random.default_rng(1))
    assert [h.street_names for h in far.hot] == [()]
    beside = int(np.flatnonzero(names == "")[0])  # leaves the first corner of Row 0 Road
    sample = planted(12, 3, segment=beside)
    near = find_hot_spots(
        network, sample, sample.weight, even, HotSpots(simulations=99, bootstraps=5),
        np.random.default_rng(1),
    )  # fmt: skip
    assert [h.street_names for h in near.hot] == [("Row 0 Road",)]


def test_without_exposure_or_weight_the_report_is_empty():
    sample = both(noise(20, 1), planted(12, 3))
    nothing = found(sample, exposure=np.zeros((len(LENGTH_M), SLOTS)))
    assert (nothing.hot, nothing.clusters) == ((), 0)
    assert found(sample, weight=np.zeros(32)).hot == ()


def test_incidents_where_the_null_expects_none_are_no_crash():
    exposure = np.ones((len(LENGTH_M), SLOTS))
    x = np.zeros(len(LENGTH_M), dtype=bool)
    x[:200] = True
    exposure[x] = 0.0
    report = found(both(noise(30, 1), planted(12, 3)), exposure=exposure)
    assert any(PLANTED in h.segment_ids for h in report.hot)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": np.ones(3)}, "weights of shape"),
        ({"weight": np.full(20, -1.0)}, "negative"),
        ({"weight": np.full(20, np.nan)}, "not a number"),
        ({"exposure": np.ones((len(LENGTH_M), 3))}, "column for each"),
        ({"exposure": np.ones((4, SLOTS))}, "network"),
        ({"exposure": np.full((len(LENGTH_M), SLOTS), np.nan)}, "finite"),
    ],
)
def test_input_that_cannot_be_is_named(change, words):
    with pytest.raises(InputError, match=words):
        found(noise(20, 1), **change)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25), st.integers(1, 3))
def test_any_map_gives_a_sound_report(seed, count, slots):
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, 30, count)
    weight = rng.random((count, slots)) * (rng.random((count, slots)) < 0.7)
    sample = make_sample(segment, rng.random(count) * 60, weight)
    plain = rng.random(count)
    exposure = rng.random((len(LENGTH_M), slots)) * (rng.random(len(LENGTH_M)) < 0.8)[:, None]
    params = HotSpots(simulations=39, bootstraps=5)
    report = find_hot_spots(NETWORK, sample, plain, exposure, params, np.random.default_rng(1))
    assert len(report.hot) <= report.clusters
    for spot in report.hot:
        assert 0 < spot.p_value <= params.level
        assert 0 <= spot.stability <= 1
        assert spot.incidents > spot.expected
        assert 0 < spot.incidents <= plain.sum() + 1e-9
        assert 1 <= spot.effective_incidents <= count + 1e-9
        assert set(spot.segment_ids) <= set(segment.tolist())


def test_the_critical_value_leaves_level_above_it():
    maxima = np.random.default_rng(1).permutation(np.arange(1.0, 1000.0))
    bar = critical_value(maxima, 0.05)
    assert bar == 950.0  # 49 are higher: p of the next higher is (1 + 49) / 1000
    assert critical_value(np.ones(5), 0.05) == np.inf


# False alarms -----------------------------------------------------------------------------------


def false_alarms(maps, weight, exposure, seed):
    """How many maps of pure noise show a hot spot; noise is drawn street by street, by metre."""
    params = HotSpots()
    rng = np.random.default_rng(seed)
    sites = cut_sites(NETWORK, params.reach_m)
    null = make_null(sites, exposure, weight, params.reach_min, params.level)
    bar = critical_value(null_maxima(null, params.simulations, rng), params.level)
    mass = exposure * LENGTH_M[:, None]
    mass /= mass.sum(axis=0)
    # Street, then metre, of every incident of every map; the code draws sites instead.
    segment = np.empty((maps, len(weight)), dtype=np.int64)
    for i, mine in enumerate(weight):
        blend = mass @ (mine / mine.sum())
        segment[:, i] = rng.choice(len(LENGTH_M), maps, p=blend / blend.sum())
    site = sites.at(segment, rng.random(segment.shape) * LENGTH_M[segment])
    alarms = 0
    for places in site:
        held = np.zeros(null.site_share.shape)
        np.add.at(held, places, null.slot_weight)
        _, value = judged_clusters(sites, null, held, params)
        alarms += bool((value > bar).any())
    return alarms


def exposures():
    rng = np.random.default_rng(11)
    uneven = rng.gamma(0.5, 1.0, (len(LENGTH_M), SLOTS)) + 0.02
    return {"even": np.ones((len(LENGTH_M), SLOTS)), "uneven": uneven}


def weights(kind, count=60):
    rng = np.random.default_rng(12)
    if kind == "exact":
        return np.eye(SLOTS)[rng.integers(0, SLOTS, count)]
    return rng.dirichlet(np.full(SLOTS, 0.5), count) * rng.random((count, 1))


@pytest.mark.parametrize(("kind", "exposure"), [("exact", "even"), ("spread", "uneven")])
def test_one_noise_map_in_twenty_raises_a_false_alarm(exposure, kind):
    low, high = binom.interval(0.95, 200, 0.05)
    alarms = false_alarms(200, weights(kind), exposures()[exposure], 13)
    assert low <= alarms <= high


@pytest.mark.slow
@pytest.mark.parametrize("exposure", ["even", "uneven"])
@pytest.mark.parametrize("kind", ["exact", "spread"])
def test_the_share_of_false_alarms_in_many_maps(exposure, kind):
    # The bar itself comes from 999 maps: its own spread is in the interval.
    sd = np.sqrt(0.05 * 0.95 * (1 / 2000 + 1 / 1000))
    share = false_alarms(2000, weights(kind), exposures()[exposure], 14) / 2000
    assert abs(share - 0.05) < 2.5 * sd


# Real places ------------------------------------------------------------------------------------


def test_on_real_places_known_ones_are_hot_and_scattered_ones_are_not(realdata):
    """Half a year of Camden's map points round King's Cross, and as many put anywhere."""
    folder = realdata / "camden"
    around = box(529_900, 182_600, 530_900, 183_600)
    streets, _ = read_streets(
        folder / "camden.osm.pbf", bounds_m=bounds_of(around, 1000.0), file="camden.osm.pbf"
    )
    network = build_network(streets, Ward("E05000000", "here", around), Streets())
    files = sorted((folder / "police_monthly").glob("2017-*.csv"))[:6]
    table = pd.concat([pd.read_csv(f, usecols=["Longitude", "Latitude"]) for f in files]).dropna()
    point = gpd.GeoSeries.from_xy(table["Longitude"], table["Latitude"], crs=4326).to_crs(METRIC)
    point = point[point.within(around)]
    assert len(point) > 1000
    at = snap(network, point.x, point.y, reach_m=60.0)
    at = at[at["segment_id"] >= 0]
    length_m = network.segments[Segments.length_m].to_numpy()
    rng = np.random.default_rng(4)
    k = len(at)
    scattered = rng.choice(len(length_m), k, p=length_m / length_m.sum())

    def hot(segment, offset):
        sample = make_sample(segment, offset, np.ones((k, 1)))
        even = np.ones((len(length_m), 1))
        return find_hot_spots(
            network, sample, np.ones(k), even, HotSpots(simulations=99, bootstraps=5),
            np.random.default_rng(1),
        )  # fmt: skip

    real = hot(at["segment_id"], at["offset_m"]).hot
    streets_found = {name for spot in real for name in spot.street_names}
    assert any("Cross" in name or "Pentonville" in name for name in streets_found)
    assert all(spot.incidents > spot.expected for spot in real)
    assert hot(scattered, rng.random(k) * length_m[scattered]).hot == ()


# The learned exposure ---------------------------------------------------------------------------


def densities():
    even = np.ones((len(LENGTH_M), SLOTS))
    flow = np.zeros_like(even)
    flow[:30] = 1.0
    return tuple(part / (part * LENGTH_M[:, None]).sum() for part in (even, flow))


def test_the_learned_exposure_integrates_to_one_and_is_nowhere_zero():
    even, flow = densities()
    mixed = learned_exposure(even, flow, noise(100, 1))
    assert (mixed * LENGTH_M[:, None]).sum() == pytest.approx(1.0, rel=1e-12)
    assert (mixed > 0).all()


def test_the_learned_exposure_follows_the_incidents():
    even, flow = densities()
    share = []
    for where in (30, len(LENGTH_M)):
        rng = np.random.default_rng(3)
        segment = rng.integers(0, where, 300)
        sample = make_sample(segment, np.zeros(300), np.eye(SLOTS)[rng.integers(0, SLOTS, 300)])
        mixed = learned_exposure(even, flow, sample)
        share.append(1 - mixed[-1, 0] / even[-1, 0])  # of flow: it is 0 on the last segment
    assert share[0] > 0.98
    assert share[1] < 0.1


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_no_other_mixture_explains_the_incidents_better(seed):
    rng = np.random.default_rng(seed)
    even, flow = densities()
    segment = rng.integers(0, int(rng.integers(31, len(LENGTH_M))), 40)
    sample = make_sample(segment, np.zeros(40), np.eye(SLOTS)[rng.integers(0, SLOTS, 40)])
    mixed = learned_exposure(even, flow, sample)
    best = 1 - mixed[-1, 0] / even[-1, 0]

    def explains(a):
        at = a * flow[segment] + (1 - a) * even[segment]
        at = (at * sample.slot_weight).sum(axis=1)
        return np.log(at).sum() + np.log(a) + np.log(1 - a)

    others = np.linspace(0.001, 0.999, 400)
    assert explains(best) >= max(explains(a) for a in others) - 1e-6


def test_severity_does_not_outweigh_the_prior():
    even, flow = densities()
    one = make_sample([0], [0.0], np.eye(SLOTS)[[0]])
    grave = replace(one, slot_weight=one.slot_weight * 7000)
    assert np.array_equal(learned_exposure(even, flow, one), learned_exposure(even, flow, grave))


def test_without_pupils_or_incidents_there_is_still_an_exposure():
    even, flow = densities()
    assert np.array_equal(learned_exposure(even, 0 * flow, noise(5, 1)), even)
    assert np.array_equal(learned_exposure(0 * even, flow, noise(5, 1)), flow)
    nobody = learned_exposure(even, flow, noise(0, 1))
    assert nobody == pytest.approx((even + flow) / 2)


def test_exposures_of_different_shapes_are_named():
    even, flow = densities()
    with pytest.raises(InputError, match="flow"):
        learned_exposure(even, flow[:, :2], noise(5, 1))
    with pytest.raises(InputError, match="slots"):
        learned_exposure(even[:, :2], flow[:, :2], noise(5, 1))
