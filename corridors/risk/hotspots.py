"""Hot spots: clusters of incidents that chance does not explain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import HotSpot, Network
from corridors.profile import HotSpots
from corridors.risk.clusters import find_clusters
from corridors.risk.em import em_weights
from corridors.risk.sample import Sample
from corridors.risk.scan import (
    Null,
    Sites,
    core_points,
    cut_sites,
    log_likelihood_ratio,
    make_null,
    null_maxima,
    surprise,
)
from corridors.tables import Segments

_SLOT_SHARE = 0.1  # of a hot spot's weight that a slot must hold to be named
_STAYS_SHARE = 0.5  # of a hot spot's resampled weight that must be hot again
_PRIOR = 1.0  # incidents that each part of the exposure is given beforehand


@dataclass(frozen=True)
class HotSpotReport:
    """What was found, and what it had to beat."""

    hot: tuple[HotSpot, ...]
    clusters: int  # found by density alone, hot or not
    min_samples: int  # typical incidents within reach that a cluster needs
    min_weight: float  # the same as in-window weight
    critical_value: float  # nats: a hot spot's surprise is above it
    simulations: int


@dataclass(frozen=True)
class _Ground:
    """Incidents in canonical order, on the sites, with the null they are judged by."""

    network: Network
    sites: Sites
    null: Null
    site: IntArray  # (k)
    weight: FloatArray  # (k, slots) before severity
    severe: FloatArray  # (k, slots) with severity

    def map_of(self, times: FloatArray) -> FloatArray:
        """(sites, slots) the map in which incident i happens ``times[i]`` times, in units."""
        held = np.zeros(self.null.site_share.shape)
        np.add.at(held, self.site, self.null.slot_weight * times[:, None])
        return held


def find_hot_spots(
    network: Network,
    sample: Sample,
    incidents_weight: FloatArray,
    exposure: FloatArray,
    params: HotSpots,
    rng: np.random.Generator,
) -> HotSpotReport:
    r"""Find clusters in space and time of day that beat maps drawn from the null.

    Incidents are put on pieces of street of at most 20 m and clustered (``clusters``). A cluster's
    statistic is Kulldorff's log-likelihood ratio at its most surprising core point; its p-value is

    .. math:: p = \frac{1 + \#\{\text{simulated maxima} \ge \text{statistic}\}}{simulations + 1}

    Maxima are taken over the core points of simulated maps too, so that at most ``params.level``
    of pure-noise maps show any hot spot [1]_, [2]_. Severity is kept out of all of it: one grave
    event is not a cluster. It enters the effective number alone, which tells when a hot spot
    hangs on few events.

    Parameters
    ----------
    network : n segments, EPSG:27700.
    sample : k incidents; weights with severity.
    incidents_weight : (k,) in-window weight before severity, 0 to 1. It is spread over the slots
        as the sample's weights are. Incidents that weigh 0 in either are left out.
    exposure : (n, slots) per metre of segment, >= 0: where incidents fall by chance. Only its
        shape within a slot counts; the incidents' own times of day are part of the null.
    params : reach, level, numbers of simulations and bootstraps.
    rng : for simulations, then bootstraps.

    Returns
    -------
    Hot spots H1, H2, … by p-value, incidents (falling), segment ids. Stability is the share of
    bootstraps (incidents drawn with replacement) in which at least half of the spot's resampled
    weight lies in hot clusters again. ``expected`` is what the null puts within reach of the
    spot's core points: the same streets and slots that its incidents are taken from. A spot on
    paths without a name is named by the nearest named street within reach. Without incidents or
    exposure the report is empty.

    Raises
    ------
    InputError
        If shapes do not match, or a weight or exposure is negative or not finite.

    References
    ----------
    .. [1] Kulldorff (1997), Communications in Statistics 26(6), 1481-1496.
    .. [2] Davison & Hinkley (1997), Bootstrap Methods and their Application, section 4.2.
    """
    _check(sample, incidents_weight, exposure)
    order, weight, severe = _canonical(sample, incidents_weight)
    if len(order) == 0 or not exposure.any():
        return HotSpotReport((), 0, 0, 0.0, 0.0, params.simulations)
    sites = cut_sites(network, params.reach_m)
    null = make_null(sites, exposure, weight, params.reach_min, params.level)
    at = sites.at(sample.segment_id[order], sample.offset_m[order])
    ground = _Ground(network, sites, null, at, weight, severe)
    maxima = null_maxima(null, params.simulations, rng)
    held = ground.map_of(np.ones(len(order)))
    label, value = judged_clusters(sites, null, held, params)
    critical = critical_value(maxima, params.level)
    found, core = np.flatnonzero(value > critical), core_points(null, held)
    masks = [label == c for c in found]
    stability = _stability(ground, masks, critical, params, rng)
    hot = [
        _hot_spot(ground, mask, mask & core, _p_value(maxima, value[c]), stays, params)
        for c, mask, stays in zip(found, masks, stability, strict=True)
    ]
    least = null.min_samples
    return HotSpotReport(
        _numbered(hot), len(value), least, least * null.unit, critical, params.simulations
    )


def judged_clusters(
    sites: Sites, null: Null, held: FloatArray, params: HotSpots
) -> tuple[IntArray, FloatArray]:
    """The clusters of a map and the highest surprise in each.

    Parameters
    ----------
    held : (sites, slots) weight of the map, in the null's units.

    Returns
    -------
    label : (sites, slots) cluster of each, -1 for none.
    value : (clusters,) nats.
    """
    occupied = np.flatnonzero(held.any(axis=1))
    label = np.full(held.shape, -1, dtype=np.int64)
    label[occupied] = find_clusters(
        sites.distance_m[occupied][:, occupied],
        held[occupied],
        min_samples=null.min_samples,
        reach_m=params.reach_m,
        reach_min=params.reach_min,
    )
    inside = label >= 0
    value = np.zeros(int(label.max(initial=-1)) + 1)
    if len(value):
        np.maximum.at(value, label[inside], surprise(null, held)[inside])
    return label, value


def critical_value(maxima: FloatArray, level: float) -> float:
    """The surprise above which p <= level: so many simulated maxima may be as high.

    Parameters
    ----------
    maxima : (simulations,) of ``scan.null_maxima``.
    level : 0-1; below 1 / (simulations + 1) nothing can reach it.
    """
    allowed = int(np.floor(level * (len(maxima) + 1) + 1e-9)) - 1
    return float(np.sort(maxima)[::-1][allowed]) if allowed >= 0 else np.inf


def _p_value(maxima: FloatArray, value: float) -> float:
    return (1 + int((maxima >= value).sum())) / (len(maxima) + 1)


def learned_exposure(uniform: FloatArray, flow: FloatArray, sample: Sample) -> FloatArray:
    r"""The mixture of even streets and pupil flow that explains the incidents best.

    .. math:: \max_a \sum_i w_i \ln(a f_i + (1 - a) u_i) + \ln a + \ln(1 - a)

    by expectation-maximisation. It is the null of hot spots: incidents where the pupils are, are
    no hot spot. The prior, one incident for each part, keeps both in: no street is impossible.

    Parameters
    ----------
    uniform, flow : (n, slots) densities per metre, each integrating to 1 over all streets and
        slots, or 0 everywhere (no pupils): then the other is taken.
    sample : incidents; their weights are scaled to sum to their effective number
        :math:`(\sum w)^2 / \sum w^2`, so that severity does not outweigh the prior.

    Returns
    -------
    (n, slots) per metre, integrating to 1.

    Raises
    ------
    InputError
        If shapes do not match or a density is negative or not finite.
    """
    for name, part in (("uniform", uniform), ("flow", flow)):
        if part.shape != uniform.shape or not np.isfinite(part).all() or (part < 0).any():
            raise InputError(f"the {name} exposure must be finite, >= 0 and one shape")
    if _is_empty(flow) or _is_empty(uniform):
        return np.array(uniform if _is_empty(flow) else flow, dtype=float)
    if sample.slot_weight.shape[1] != uniform.shape[1]:
        raise InputError("the exposure and the incidents have different slots")
    even, pupils = uniform[sample.segment_id].ravel(), flow[sample.segment_id].ravel()
    weight = sample.slot_weight.ravel()
    known = (weight > 0) & (even + pupils > 0)
    even, pupils, weight = even[known], pupils[known], weight[known]
    squares = float((sample.weight**2).sum())
    if squares > 0:
        weight = weight * float(sample.weight.sum()) / squares
    order = np.lexsort([weight, pupils, even])  # sums in one order, whatever the order of rows
    rows = np.column_stack([pupils[order], even[order]])
    of_flow, of_even = em_weights(rows, weight[order], prior=np.full(2, _PRIOR)).tolist()
    return np.asarray(of_flow * flow + of_even * uniform)


def _is_empty(exposure: FloatArray) -> bool:
    return not bool(exposure.any())


def _check(sample: Sample, incidents_weight: FloatArray, exposure: FloatArray) -> None:
    incidents, slots = sample.slot_weight.shape
    if np.shape(incidents_weight) != (incidents,):
        raise InputError(
            f"there are {incidents} incidents, but weights of shape {np.shape(incidents_weight)}"
        )
    if np.ndim(exposure) != 2 or exposure.shape[1] != slots:
        raise InputError(
            f"the exposure must have a column for each of the {slots} slots of the incidents; "
            f"its shape is {np.shape(exposure)}"
        )
    for weight in (incidents_weight, sample.slot_weight):
        if not np.isfinite(weight).all() or (np.asarray(weight) < 0).any():
            raise InputError("an incident's weight is negative or not a number")


def _canonical(
    sample: Sample, incidents_weight: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Which incidents count, in an order of their own, and their weights by slot."""
    severe = sample.slot_weight
    in_all = severe.sum(axis=1)
    share = severe / np.where(in_all > 0, in_all, 1.0)[:, None]
    weight = share * np.asarray(incidents_weight, dtype=float)[:, None]
    keys = [*severe.T, incidents_weight, sample.offset_m, sample.segment_id]
    order = np.lexsort(keys)
    order = order[weight[order].any(axis=1)]
    return order, weight[order], severe[order]


def _stability(
    ground: _Ground,
    masks: list[BoolArray],
    critical: float,
    params: HotSpots,
    rng: np.random.Generator,
) -> list[float]:
    """Share of bootstraps in which each hot spot stays."""
    if not masks:
        return []
    incidents = len(ground.site)
    points = _points(ground)
    spots = np.array([mask[points.site, points.slot] for mask in masks])
    stays = np.zeros(len(masks))
    times = rng.multinomial(incidents, np.full(incidents, 1 / incidents), size=params.bootstraps)
    for held in (points.of_incident @ times.T.astype(float)).T:
        again = spots @ np.where(_is_hot(ground.null, points, held, critical), held, 0.0)
        mine = spots @ held
        stays += (mine > 0) & (again >= _STAYS_SHARE * mine)
    return [float(s) for s in stays / params.bootstraps]


@dataclass(frozen=True)
class _Points:
    """The p (site, slot) points that hold weight, and which of them are near each other."""

    site: IntArray  # (p)
    slot: IntArray  # (p)
    near: csr_array  # (p, p) 1 within reach in space and time of day
    of_incident: csr_array  # (p, k) weight of each incident, in units


def _points(ground: _Ground) -> _Points:
    null = ground.null
    incident, in_slot = np.nonzero(null.slot_weight)
    key = ground.site[incident] * null.slot_weight.shape[1] + in_slot
    keys, row = np.unique(key, return_inverse=True)
    site, slot = np.divmod(keys, null.slot_weight.shape[1])
    pairs = null.near[site][:, site].tocoo()
    a, b = pairs.coords
    together = null.at_once[slot[a], slot[b]] > 0
    ones = np.ones(int(together.sum()))
    weight = null.slot_weight[incident, in_slot]
    return _Points(
        site=site,
        slot=slot,
        near=csr_array((ones, (a[together], b[together])), shape=pairs.shape),
        of_incident=csr_array((weight, (row, incident)), shape=(len(keys), len(ground.site))),
    )


def _is_hot(null: Null, points: _Points, held: FloatArray, critical: float) -> BoolArray:
    """(p,) whether each point lies in a cluster of this map that beats the critical value.

    The clusters are those of ``judged_clusters``, without their numbers: core points that reach
    each other, and what is near them. A border point of two clusters counts with the hotter one.
    """
    within = points.near @ held
    core = np.flatnonzero((held > 0) & (within >= null.min_samples))
    total = float(held.sum())
    expected = null.expected_within[points.site[core], points.slot[core]] * (total / null.total)
    value = log_likelihood_ratio(within[core], expected, total)
    _, label = connected_components(points.near[core][:, core], directed=False)
    hot_core = np.zeros(len(held))
    hot_core[core[np.isin(label, label[value > critical])]] = 1.0
    hot: BoolArray = (held > 0) & (points.near @ hot_core > 0)
    return hot


def _hot_spot(
    ground: _Ground,
    mask: BoolArray,
    core: BoolArray,
    p_value: float,
    stability: float,
    params: HotSpots,
) -> HotSpot:
    """Describe the cluster that holds the (site, slot) points of ``mask``, some of them core."""
    null, mine = ground.null, mask[ground.site]
    by_slot = (ground.weight * mine).sum(axis=0)
    severe = (ground.severe * mine).sum(axis=1)
    touched = mine.any(axis=1)
    segments = np.unique(ground.sites.segment_id[ground.site[touched]])
    # A cluster takes in what lies within reach of its core points: expect over just that.
    reached = (null.near @ (core.astype(float) @ null.at_once)) > 0
    timed = mask.shape[1] > 1
    slots = np.flatnonzero(by_slot >= _SLOT_SHARE * by_slot.sum()) if timed else ()
    return HotSpot(
        hot_spot_id="",
        street_names=_street_names(ground, np.unique(ground.site[touched]), segments),
        segment_ids=tuple(int(s) for s in segments),
        incidents=float(by_slot.sum()),
        effective_incidents=float(severe.sum() ** 2 / (severe**2).sum()),
        expected=float(null.expected[reached].sum() * null.unit),
        p_value=p_value,
        stability=stability,
        slots=tuple(int(s) for s in slots),
        is_stable=stability >= params.stable_share,
    )


def _street_names(ground: _Ground, at: IntArray, segments: IntArray) -> tuple[str, ...]:
    """Names of the segments; if none has one, of the named street nearest to the sites ``at``."""
    name = ground.network.segments[Segments.name].to_numpy(dtype=str)
    if not (name[segments] != "").any():
        way = ground.sites.distance_m[at].tocoo()
        segment = ground.sites.segment_id[way.coords[1]]
        metres = np.where(name[segment] != "", way.data, np.inf)
        segments = segment[np.isfinite(metres) & (metres == metres.min())]
    return tuple(sorted({str(n) for n in name[segments]} - {""}))


def _numbered(hot: list[HotSpot]) -> tuple[HotSpot, ...]:
    ranked = sorted(hot, key=lambda h: (h.p_value, -h.incidents, h.segment_ids, h.slots))
    return tuple(replace(h, hot_spot_id=f"H{i}") for i, h in enumerate(ranked, start=1))
