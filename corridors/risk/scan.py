"""How surprising a place and time may be by chance: a scan of simulated maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Network
from corridors.risk.clusters import countable, least_incidents, near_slots, typical_weight
from corridors.risk.distances import place_distances
from corridors.tables import Segments

_PIECE_M = 20.0
_BLOCK_ENTRIES = 2_000_000  # of work arrays in a block of maps: tens of MB


@dataclass(frozen=True)
class Sites:
    """Segments cut into equal pieces; a piece is one place, its middle.

    Segment s owns sites ``first[s]`` to ``first[s + 1] - 1``. ``distance_m`` is (sites, sites)
    walking metres between middles, with an entry for each pair within reach.
    """

    first: IntArray  # (n + 1)
    length_m: FloatArray  # (n) of segments
    distance_m: csr_array

    @property
    def segment_id(self) -> IntArray:
        """(sites) the segment of each."""
        return np.repeat(np.arange(len(self.length_m)), np.diff(self.first))

    @property
    def piece_m(self) -> FloatArray:
        """(sites) length of each."""
        count = np.diff(self.first)
        return np.repeat(self.length_m / count, count)

    def at(self, segment_id: IntArray, offset_m: FloatArray) -> IntArray:
        """(k) the site that each place lies in; offsets are metres from the u end."""
        count = np.diff(self.first)[segment_id]
        length_m = self.length_m[segment_id]
        part = np.clip(offset_m, 0.0, length_m) / np.where(length_m > 0, length_m, 1.0)
        piece = np.minimum((part * count).astype(np.int64), count - 1)
        out: IntArray = self.first[segment_id] + piece
        return out


@dataclass(frozen=True)
class Null:
    """What maps look like if incidents fall where the exposure says, at the times they have.

    Weights are in units of ``unit``, so that they count like whole incidents.
    ``site_share[:, t]`` sums to 1 for each slot. ``expected`` is the mean of all simulated maps,
    ``expected_within`` the same summed over what lies within reach of each (site, slot).
    """

    near: csr_array  # (sites, sites) 1 within reach
    at_once: FloatArray  # (slots, slots) 1 within reach in time
    unit: float  # weight of a typical incident (clusters.typical_weight)
    slot_weight: FloatArray  # (k, slots) of the incidents that have any (clusters.countable)
    site_share: FloatArray  # (sites, slots) where an incident of a slot falls
    expected: FloatArray  # (sites, slots)
    expected_within: FloatArray  # (sites, slots)
    min_samples: int  # units within reach that a cluster needs

    @property
    def total(self) -> float:
        """Weight of all incidents, in units."""
        return float(self.slot_weight.sum())


def cut_sites(network: Network, reach_m: float) -> Sites:
    """Cut segments into pieces of at most 20 m, or a fifth of the reach if that is less.

    Raises
    ------
    InputError
        If ``reach_m`` is not a positive number of metres.
    """
    if not (np.isfinite(reach_m) and reach_m > 0):
        raise InputError("the reach of a hot spot must be above 0 m", value=reach_m)
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    piece_m = min(_PIECE_M, reach_m / 5)
    count = np.maximum(1, np.ceil(length_m / piece_m)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(count)])
    segment = np.repeat(np.arange(len(count)), count)
    number = np.arange(first[-1]) - first[segment]
    middle_m = (number + 0.5) * (length_m / count)[segment]
    return Sites(first, length_m, place_distances(network, segment, middle_m, reach_m))


def make_null(
    sites: Sites, exposure: FloatArray, slot_weight: FloatArray, reach_min: float, level: float
) -> Null:
    r"""The null that hot spots have to beat.

    A simulated map redraws the place of every incident and keeps its weights and times: a slot
    :math:`\tau` is drawn from the incident's own weights, a site from the exposure of that slot.
    What the mean map holds follows without simulating:

    .. math:: e(s, t) = \sum_\tau P(s \mid \tau) \sum_i \frac{w_{i\tau}}{w_i} w_{it}

    So the ward's common times of day are part of the null and make no hot spot.

    Parameters
    ----------
    exposure : (n, slots) per metre of each segment, >= 0; only its shape within each slot counts.
        A slot without any takes the places of all slots together.
    slot_weight : (k, slots) >= 0 before severity, at most 1 an incident; in an order that does
        not depend on the order of rows.
    reach_min : minutes, > 0.
    level : 0-1, share of pure-noise maps that may show any hot spot.

    Raises
    ------
    InputError
        If the exposure has the wrong shape, a value below 0, or is 0 everywhere.
    """
    _check_exposure(exposure, (len(sites.length_m), slot_weight.shape[1]))
    mass = exposure[sites.segment_id] * sites.piece_m[:, None]
    in_slot = mass.sum(axis=0)
    anywhere = mass.sum(axis=1) / mass.sum()
    share = np.where(in_slot > 0, mass / np.where(in_slot > 0, in_slot, 1.0), anywhere[:, None])
    unit = typical_weight(slot_weight, reach_min)
    held = countable(slot_weight[slot_weight.any(axis=1)] / unit)
    weight = held.sum(axis=1)
    expected = share @ ((held / weight[:, None]).T @ held)
    near = csr_array(
        (np.ones(sites.distance_m.nnz), sites.distance_m.indices, sites.distance_m.indptr),
        shape=sites.distance_m.shape,
    )
    at_once = near_slots(held.shape[1], reach_min)
    within = near @ (expected @ at_once)
    mean_within = float((expected * within).sum() / max(weight.sum(), 1e-300))
    least = least_incidents(mean_within, level, len(held))
    return Null(near, at_once, unit, held, share, expected, within, least)


def _check_exposure(exposure: FloatArray, shape: tuple[int, int]) -> None:
    if exposure.shape != shape:
        raise InputError(
            f"the exposure is {exposure.shape}; the network and the incidents' slots make {shape}"
        )
    if not (np.isfinite(exposure).all() and exposure.min(initial=0.0) >= 0):
        raise InputError("the exposure has values below 0 or not finite")
    if not exposure.sum() > 0:
        raise InputError("there is no exposure anywhere", fix="Use even streets instead")


def log_likelihood_ratio(count: FloatArray, expected: FloatArray, total: float) -> FloatArray:
    r"""Kulldorff's Poisson log-likelihood ratio [1]_, for more than expected only.

    .. math:: c \ln\frac{c}{e} + (W - c) \ln\frac{W - c}{W - e} \text{ if } c > e, \text{ else } 0

    Parameters
    ----------
    count, expected : weight c within reach, and e under the null; same shape.
    total : weight W of the map.

    Returns
    -------
    The ratio in nats, in the shape given; infinite where the null expects nothing at all.

    References
    ----------
    .. [1] Kulldorff (1997), Communications in Statistics 26(6), 1481-1496.
    """
    out = np.zeros(np.shape(count))
    more = count > expected
    c, e = np.asarray(count)[more], np.asarray(expected)[more]
    inside = np.full(len(c), np.inf)
    np.divide(c, e, out=inside, where=e > 0)
    rest = np.maximum(total - c, 0.0)
    ratio = np.ones(len(c))
    np.divide(rest, total - e, out=ratio, where=rest > 0)
    out[more] = c * np.log(inside) + rest * np.log(ratio)
    return np.maximum(out, 0.0)


def surprise(null: Null, held: FloatArray) -> FloatArray:
    """How surprising each (site, slot) of a map is.

    Only where it holds weight itself and ``null.min_samples`` lies within its reach: the core
    points of a cluster. Elsewhere 0. Simulated maps are judged in the same way, so that the
    highest of a pure-noise map beats theirs as seldom as the level says.

    Parameters
    ----------
    held : (sites, slots) weight of a map, in units and ``clusters.countable``.

    Returns
    -------
    (sites, slots) nats.
    """
    site = np.flatnonzero(held.any(axis=1))
    out = np.zeros(held.shape)
    out[site] = _surprise_of(null, site, held[site], _within(null, held, site), float(held.sum()))
    return out


def core_points(null: Null, held: FloatArray) -> BoolArray:
    """(sites, slots) whether each holds weight and ``null.min_samples`` lies within its reach.

    Parameters
    ----------
    held : as in ``surprise``.
    """
    site = np.flatnonzero(held.any(axis=1))
    out = np.zeros(held.shape, dtype=bool)
    out[site] = (held[site] > 0) & (_within(null, held, site) >= null.min_samples)
    return out


def _within(null: Null, held: FloatArray, site: IntArray) -> FloatArray:
    """(u, slots) weight within reach of u sites."""
    out: FloatArray = null.near[site] @ (held @ null.at_once)
    return out


def _surprise_of(
    null: Null, site: IntArray, held: FloatArray, within: FloatArray, total: float
) -> FloatArray:
    """(u, slots) the statistic of u sites that hold weight."""
    # A resampled map may weigh more or less than the one the null was made for.
    scale = total / null.total if null.total > 0 else 1.0
    core = (held > 0) & (within >= null.min_samples)
    out = np.zeros(held.shape)
    expected = null.expected_within[site][core] * scale
    out[core] = log_likelihood_ratio(within[core], expected, total)
    return out


def null_maxima(null: Null, simulations: int, rng: np.random.Generator) -> FloatArray:
    """The highest surprise of each simulated map; 0 where a map has no core point.

    They depend on the null alone and may be kept for all maps with its weights and exposure.

    Parameters
    ----------
    simulations : how many maps.

    Returns
    -------
    (simulations,) nats.
    """
    incidents, (sites, slots) = len(null.slot_weight), null.site_share.shape
    out = np.zeros(simulations)
    if incidents == 0:
        return out
    degree = max(1, null.near.nnz // sites)
    # A sum over all sites is quicker than asking each incident once incidents fill the map.
    is_dense = 10 * incidents > sites * slots
    work = sites * slots if is_dense else max(incidents * max(degree, slots), sites)
    size = max(1, _BLOCK_ENTRIES // work)
    highest = _highest_dense if is_dense else _highest_sparse
    cumulative = np.cumsum(null.site_share, axis=0)
    cumulative /= cumulative[-1]
    for begin in range(0, simulations, size):
        maps = min(size, simulations - begin)
        site = _draw_sites(null.slot_weight, cumulative, maps, rng)
        out[begin : begin + maps] = highest(null, site)
    return out


def _draw_sites(
    slot_weight: FloatArray, cumulative: FloatArray, maps: int, rng: np.random.Generator
) -> IntArray:
    """(maps, k) a site for each incident. One stream of numbers, whatever the blocks."""
    incidents, slots = slot_weight.shape
    chance = rng.random((maps, incidents, 2))
    if slots == 1:
        at: IntArray = np.searchsorted(cumulative[:, 0], chance[:, :, 1], side="right")
        return at
    so_far = np.cumsum(slot_weight, axis=1)
    asked = chance[:, :, 0] * so_far[:, -1]
    slot = sum((asked >= so_far[:, t]).astype(np.int64) for t in range(slots - 1))
    site = np.empty((maps, incidents), dtype=np.int64)
    for t in range(slots):
        here = slot == t
        site[here] = np.searchsorted(cumulative[:, t], chance[here, 1], side="right")
    return site


def _highest_dense(null: Null, site: IntArray) -> FloatArray:
    """Maxima by counting at every site of every map."""
    maps, (sites, slots) = len(site), null.site_share.shape
    cell = (site * maps + np.arange(maps)[:, None]).ravel()
    held = np.empty((sites, maps, slots))
    for t in range(slots):
        weight = np.tile(null.slot_weight[:, t], maps)
        held[:, :, t] = np.bincount(cell, weight, minlength=sites * maps).reshape(sites, maps)
    within: FloatArray = null.near @ (held @ null.at_once).reshape(sites, -1)
    within = within.reshape(held.shape)
    at, map_number = np.nonzero((held > 0).any(axis=2) & (within >= null.min_samples).any(axis=2))
    value = _surprise_of(null, at, held[at, map_number], within[at, map_number], null.total)
    return _highest_by_map(value, map_number, maps)


def _highest_sparse(null: Null, site: IntArray) -> FloatArray:
    """Maxima by asking, for each place that holds an incident, which others lie within reach."""
    maps, (sites, slots) = len(site), null.site_share.shape
    key, place = np.unique((site + sites * np.arange(maps)[:, None]).ravel(), return_inverse=True)
    held: FloatArray = np.zeros((len(key), slots))
    for t in range(slots):
        held[:, t] = np.bincount(place, np.tile(null.slot_weight[:, t], maps), minlength=len(key))
    map_number, at = key // sites, key % sites
    place_of = np.full(maps * sites, -1, dtype=np.int32)
    place_of[key] = np.arange(len(key), dtype=np.int32)
    rows = null.near[at]
    asking = np.repeat(np.arange(len(key)), np.diff(rows.indptr))
    found = place_of[map_number[asking] * sites + rows.indices]
    hit = found >= 0
    shape = (len(key), len(key))
    reaches = csr_array((np.ones(hit.sum()), (asking[hit], found[hit])), shape=shape)
    within = reaches @ (held @ null.at_once)
    value = _surprise_of(null, at, held, within, null.total)
    return _highest_by_map(value, map_number, maps)


def _highest_by_map(value: FloatArray, map_number: IntArray, maps: int) -> FloatArray:
    out = np.zeros(maps)
    np.maximum.at(out, map_number, value.max(axis=1, initial=0.0))
    return out
