"""Published network densities: the walks give them exactly, the lattice closely.

Geometry and expected numbers are facts from the tests of spNetwork 0.4.4.6 (J. Gelb), where they
were worked out by hand. It divides by the bandwidth once more and absorbs at dead ends.
"""

import numpy as np
import pytest
from support_networks import make_network
from support_walks import density_at, kernel_at, mass_on_segments

from corridors.risk import density
from corridors.risk.density import spread
from corridors.risk.lattice import build_lattice

N, W, S, E = 0, 1, 2, 3
EXACT = 1e-12
LATTICE = 1e-4
CELL_M = 0.02


def star(arm_m: float):
    ends = [(0, arm_m), (-arm_m, 0), (0, -arm_m), (arm_m, 0)]
    return make_network([(0, 0), *ends], [(0, i) for i in (1, 2, 3, 4)])


def h_shape():
    """A star with two more arms at the end of N."""
    ends = [(0, 5), (-5, 0), (0, -5), (5, 0), (-5, 5), (5, 5)]
    return make_network([(0, 0), *ends], [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (1, 6)])


def cut_south(has_more: bool):
    """A star whose arm S leaves the study area at 4 m; segment 4 and on lie outside."""
    nodes = [(0, 0), (0, 5), (-5, 0), (0, -4), (5, 0), (0, -5), (-5, -5), (5, -5)]
    more = [(5, 6), (5, 7)] if has_more else []
    edges = [(0, 1), (0, 2), (0, 3), (0, 4), (3, 5), *more]
    return make_network(nodes if has_more else nodes[:6], edges)


def walks(network, events, samples, bandwidth_m, estimator, dead_end="absorb"):
    """(samples, events) densities."""
    each = [
        density_at(
            network, e, samples, bandwidth_m=bandwidth_m, estimator=estimator, dead_end=dead_end
        )
        for e in events
    ]
    return np.column_stack(each)


def lattice(network, events, samples, bandwidth_m, dead_end="absorb"):
    """(samples, events) densities where samples lie between two cells."""
    cut = build_lattice(network, CELL_M, dead_end=dead_end)
    segment, offset = np.array([e[0] for e in events]), np.array([e[1] for e in events])
    mass = spread(cut, segment, offset, np.eye(len(events)), bandwidth_m=bandwidth_m) / CELL_M
    after = [cut.first[s] + round(x / CELL_M) for s, x in samples]
    return np.array([(mass[i - 1] + mass[i]) / 2 for i in after])


@pytest.mark.parametrize(("estimator", "expected"), [("simple", 0.0384), ("esd", 0.0128)])
def test_case_a_one_event(estimator, expected):
    found = walks(star(5), [(N, 3.0)], [(E, 3.0)], 10, estimator)
    assert found[0, 0] == pytest.approx(expected, rel=EXACT)


def test_case_a3_two_events_with_their_own_bandwidths():
    near = walks(star(5), [(N, 3.0)], [(E, 3.0)], 10, "esd")[0, 0] / 10
    far = walks(star(5.1), [(W, 3.2)], [(E, 3.0)], 12, "esd")[0, 0] / 12
    assert near + far == pytest.approx(0.002446168505926355, rel=EXACT)


@pytest.mark.parametrize("dead_end", ["reflect", "absorb"])  # none within the bandwidth
def test_case_b1_reflection_at_a_junction(dead_end):
    place = (star(10), [(N, 3.0)], [(N, 1.0)], 5)
    assert walks(*place, "esc", dead_end)[0, 0] == pytest.approx(0.12015, rel=EXACT)
    assert lattice(*place, dead_end)[0, 0] == pytest.approx(0.12015, rel=LATTICE)


C_EVENTS = [(N, 3.0), (E, 3.0), (S, 4.0)]
C_DENSITY = [0.07935083451825818, 0.09988780727843974, 0.10594761131567021]


def cvl(per_m, total_m: float) -> float:
    return float(((1 / per_m).sum() - total_m) ** 2)


def mean_log_without_own(pairs) -> float:
    return float(np.log(pairs.sum(axis=1) - np.diag(pairs)).mean())


def test_case_c_densities_and_scores():
    pairs = walks(h_shape(), C_EVENTS, C_EVENTS, 11, "esc")
    assert pairs.sum(axis=1) == pytest.approx(C_DENSITY, rel=EXACT)
    spn = pairs / 11
    assert cvl(spn.sum(axis=1), 30) == pytest.approx(104053.55341332256, rel=EXACT)
    assert mean_log_without_own(spn) == pytest.approx(-5.7867239800752985, rel=EXACT)
    on_cells = lattice(h_shape(), C_EVENTS, C_EVENTS, 11)
    assert on_cells.sum(axis=1) == pytest.approx(C_DENSITY, rel=LATTICE)
    assert mean_log_without_own(on_cells / 11) == pytest.approx(-5.7867239800752985, rel=LATTICE)


D_EVENTS = [(N, 3.0), (E, 3.0), (S, 3.0)]


@pytest.mark.parametrize(
    ("estimator", "log_likelihood", "score"),
    [
        ("simple", -4.869135731822556, 24305.276193968137),
        ("esd", -5.967748020490665, 53528.16297045387),
        ("esc", -5.562282912382502, None),
    ],
)
def test_case_d_scores(estimator, log_likelihood, score):
    spn = walks(star(5), D_EVENTS, D_EVENTS, 10, estimator) / 10
    assert mean_log_without_own(spn) == pytest.approx(log_likelihood, rel=EXACT)
    if score is not None:
        assert cvl(spn.sum(axis=1), 20) == pytest.approx(score, rel=EXACT)


def test_case_d_on_the_lattice():
    pairs = lattice(star(5), D_EVENTS, D_EVENTS, 10)
    assert mean_log_without_own(pairs / 10) == pytest.approx(-5.562282912382502, rel=LATTICE)


def test_case_d_without_the_event_that_nobody_is_near():
    events = [(N, 3.0), (E, 3.0), (S, 5.0)]
    spn = walks(star(5), events, events, 7, "simple") / 7
    others = spn.sum(axis=1) - np.diag(spn)
    assert np.log(others[others > 0]).mean() == pytest.approx(-6.6101007005463766, rel=EXACT)


def in_time(event: float, samples, bandwidth: float):
    return np.array([kernel_at(abs(event - t), bandwidth) for t in samples]) / bandwidth


TIMES = [1, 2, 3, 4, 5]
E_B1 = [1.167858e-04, 3.691008e-04, 6.358338e-04, 8.304768e-04, 9.011250e-04]


@pytest.mark.parametrize(
    ("estimator", "place", "expected"),
    [
        (
            "simple",
            (star(5), [(N, 3.0)], [(E, 3.0)], 10),
            [1.86624e-05, 5.89824e-05, 1.016064e-04, 1.327104e-04, 1.44e-04],
        ),
        (
            "esd",
            (star(5), [(N, 3.0)], [(E, 3.0)], 10),
            [6.2208e-06, 1.96608e-05, 3.38688e-05, 4.42368e-05, 4.8e-05],
        ),
        ("esc", (star(10), [(N, 3.0)], [(N, 1.0)], 5), E_B1),
    ],
)
def test_case_e_in_time_too(estimator, place, expected):
    time = in_time(5, TIMES, 5)
    assert time == pytest.approx([0.00486, 0.01536, 0.02646, 0.03456, 0.0375], rel=EXACT)
    found = walks(*place, estimator)[0, 0] / place[3] * time
    assert found == pytest.approx(expected, rel=EXACT)


def test_case_e_on_the_lattice():
    found = lattice(star(10), [(N, 3.0)], [(N, 1.0)], 5)[0, 0] / 5 * in_time(5, TIMES, 5)
    assert found == pytest.approx(E_B1, rel=LATTICE)


def test_case_e_two_events():
    near = walks(star(5), [(N, 3.0)], [(E, 3.0)], 10, "esd")[0, 0] / 10 * in_time(5, TIMES, 5)
    far = walks(star(5.1), [(W, 3.2)], [(E, 3.0)], 12, "esd")[0, 0] / 12 * in_time(5, TIMES, 7)
    expected = [1.634060687e-05, 3.452920312e-05, 5.268662270e-05, 6.564730050e-05, 7.031189743e-05]
    assert near + far == pytest.approx(expected, rel=1e-9)  # published to ten figures


@pytest.mark.parametrize(
    ("estimator", "kernel", "bandwidth_m", "correction"),
    [
        ("simple", "triangle", 2, 1.1428571428571428),
        ("esd", "uniform", 3, 1.5),
        ("esc", "cosine", 3, 1.3333333333333333),
    ],
)
def test_case_f_border_correction(estimator, kernel, bandwidth_m, correction):
    network = cut_south(has_more=estimator != "simple")
    mass = mass_on_segments(
        network,
        (S, 3.0),
        bandwidth_m=bandwidth_m,
        kernel=kernel,
        estimator=estimator,
        dead_end="absorb",
    )
    assert 1 / (1 - mass[4:].sum()) == pytest.approx(correction, rel=EXACT)


def test_case_f_on_the_lattice(monkeypatch):
    # The package has no use for the cosine kernel: lend it one, the wave is the same.
    monkeypatch.setitem(density._KERNELS, "cosine", lambda t: np.pi / 4 * np.cos(np.pi * t / 2))
    cut = build_lattice(cut_south(has_more=True), CELL_M, dead_end="absorb")
    place = (np.array([S]), np.array([3.0]), np.ones(1))
    cells = spread(cut, *place, bandwidth_m=3, kernel="cosine")
    outside = np.add.reduceat(cells[:, 0], cut.first[:-1])[4:].sum()
    assert 1 / (1 - outside) == pytest.approx(1.3333333333333333, rel=LATTICE)
