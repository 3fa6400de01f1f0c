"""Clusters of incidents that are near in walking distance and in time of day."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, csr_matrix
from scipy.stats import poisson
from sklearn.cluster import DBSCAN
from sklearn.neighbors import sort_graph_by_row_values

from corridors.arrays import FloatArray, IntArray
from corridors.days import SLOT_MIN
from corridors.errors import InputError

_UNIT = 2.0**-30


def countable(weight: FloatArray) -> FloatArray:
    """Weights in whole units of 2^-30, rounded up: their sums are the same in every order.

    Whether a place reaches a threshold must not hang on the order of rows. Rounding up keeps
    three thirds at 1 or more; the error is below 1e-9 an incident.
    """
    out: FloatArray = np.ceil(np.asarray(weight, dtype=float) / _UNIT) * _UNIT
    return out


def near_slots(slots: int, reach_min: float) -> FloatArray:
    """(slots, slots) 1 where the middles of two slots lie within ``reach_min`` minutes, else 0."""
    at_min = SLOT_MIN * np.arange(slots)
    out: FloatArray = (np.abs(at_min[:, None] - at_min) <= reach_min).astype(float)
    return out


def typical_weight(slot_weight: FloatArray, reach_min: float) -> float:
    r"""What one incident adds to the weight within reach, where it adds anything.

    .. math:: \tilde w = \frac{\sum_t q_t \sum_i b_{it}^2}{\sum_t q_t \sum_i b_{it}}

    with :math:`b_{it}` incident i's weight within ``reach_min`` of slot t and :math:`q_t` the
    weight of all in slot t. It is 1 for whole incidents with exact times. In units of
    :math:`\tilde w` the sum of weights has the mean and the variance of a Poisson count [1]_.

    Parameters
    ----------
    slot_weight : (k, slots) >= 0.

    Returns
    -------
    Weight > 0; 1 if there is none.

    References
    ----------
    .. [1] Fay & Feuer (1997), Statistics in Medicine 16(7), 791-801.
    """
    within = slot_weight @ near_slots(slot_weight.shape[1], reach_min)
    asked = slot_weight.sum(axis=0)
    weight = float((within.sum(axis=0) * asked).sum())
    return float(((within**2).sum(axis=0) * asked).sum()) / weight if weight > 0 else 1.0


def least_incidents(mean_within: float, level: float, incidents: int) -> int:
    r"""How many incidents must lie within reach of one before a cluster may grow from it.

    The smallest k >= 2 with :math:`P(\mathrm{Poisson}(\lambda) \ge k) \le level / n`.

    Parameters
    ----------
    mean_within : :math:`\lambda \ge 0`, what the null puts within reach of a point drawn from the
        null, in units of ``typical_weight``. Weights in whole units would make the tail of small
        shares far too long, and severity, which may exceed 1, far too short: neither goes in.
    level : 0-1, share of pure-noise maps with a false alarm that is aimed at.
    incidents : n, how many incidents there are; each is asked.

    Notes
    -----
    An incident counts itself, the tail does not: the threshold lets through somewhat more than
    ``level``. It is a sieve. What passes is judged against simulated maps (``scan``).
    """
    share = level / max(incidents, 1)
    least = max(2, int(mean_within))
    while poisson.sf(least - 1, mean_within) > share:
        least += 1
    return least


def find_clusters(
    distance_m: csr_array,
    weight: FloatArray,
    *,
    min_samples: int,
    reach_m: float,
    reach_min: float,
) -> IntArray:
    r"""DBSCAN [1]_ over (place, slot), near in space and in time of day [2]_.

    Two points are near if both hold: walking distance d <= ``reach_m`` and |t - t'| <=
    ``reach_min`` between the middles of their slots; their distance is
    :math:`\max(d / reach, |t - t'| / reach)`. An incident that is spread over several slots by
    aoristic weights counts with its weight in each. With one slot it is clustering in space.

    Parameters
    ----------
    distance_m : (k, k) from ``place_distances``, to at least ``reach_m``; a missing entry is too
        far.
    weight : (k, slots) >= 0; several incidents at one place are one row with their sum.
    min_samples : weight within reach of a core point, itself included; >= 1.

    Returns
    -------
    (k, slots) cluster 0, 1, … of each point in order of its first core point; -1 for points in no
    cluster and points without weight. A border point between two clusters goes to the first.

    Raises
    ------
    InputError
        For a negative or unknown weight, or shapes that do not match.

    References
    ----------
    .. [1] Ester, Kriegel, Sander & Xu (1996), KDD-96, 226-231.
    .. [2] Birant & Kut (2007), Data & Knowledge Engineering 60(1) (ST-DBSCAN).
    """
    _check(distance_m, weight)
    held = countable(weight)
    label = np.full(held.shape, -1, dtype=np.int64)
    place, slot = _worth_asking(_within(distance_m, reach_m), held, min_samples, reach_min)
    if len(place):
        graph = _point_graph(distance_m, place, slot, reach_m, reach_min)
        model = DBSCAN(eps=1.0, min_samples=min_samples, metric="precomputed")
        label[place, slot] = model.fit(graph, sample_weight=held[place, slot]).labels_
    return label


def _check(distance_m: csr_array, weight: FloatArray) -> None:
    if np.ndim(weight) != 2 or distance_m.shape != (len(weight), len(weight)):
        raise InputError(
            "clusters need (k, k) distances and (k, slots) weights; "
            f"got {distance_m.shape} and {np.shape(weight)}"
        )
    if not (np.isfinite(weight).all() and np.min(weight, initial=0.0) >= 0):
        raise InputError("a weight is negative or not a number", fix="Weights are 0 or more")


def _within(distance_m: csr_array, reach_m: float) -> csr_array:
    """The same pattern with 1 for near and 0 for too far."""
    return csr_array(
        ((distance_m.data <= reach_m).astype(float), distance_m.indices, distance_m.indptr),
        shape=distance_m.shape,
    )


def _worth_asking(
    near: csr_array, held: FloatArray, min_samples: int, reach_min: float
) -> tuple[IntArray, IntArray]:
    """Core points and the points near one, by (place, slot): no other can be in a cluster."""
    at_once = near_slots(held.shape[1], reach_min)
    core = (held > 0) & (near @ (held @ at_once) >= min_samples)
    touched = near @ (core.astype(float) @ at_once)
    place, slot = np.nonzero((held > 0) & (touched > 0))
    return place, slot


def _point_graph(
    distance_m: csr_array, place: IntArray, slot: IntArray, reach_m: float, reach_min: float
) -> csr_matrix:
    """Distances between points in units of the reach, each row ascending as scikit-learn asks."""
    pairs = distance_m[place][:, place].tocoo()
    row, column = pairs.coords
    apart_min = SLOT_MIN * np.abs(slot[row] - slot[column])
    near = (pairs.data <= reach_m) & (apart_min <= reach_min)
    row, column = row[near], column[near]
    far = np.maximum(pairs.data[near] / reach_m, apart_min[near] / reach_min)
    # scikit-learn 1.5 was written for matrices; it takes explicit zeros as near.
    graph = csr_matrix((far, (row, column)), shape=pairs.shape)
    return sort_graph_by_row_values(graph, copy=False, warn_when_not_sorted=False)
