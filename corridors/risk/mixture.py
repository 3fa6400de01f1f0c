"""How far a report speaks for its neighbours, learned from months that it did not see.

The risk of place is a convex combination of components, each of which integrates to 1 over the
network: counts per metre, equal-split continuous densities at several bandwidths, pupil flow and
even streets. Its weights are those under which the latest months were most likely, each predicted
from the data before it only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import LearnedWeight
from corridors.profile import Risk
from corridors.risk.density import segment_densities
from corridors.risk.em import em_weights
from corridors.risk.incident_time import recency
from corridors.risk.lattice import Lattice
from corridors.risk.sample import Sample

COUNTS, FLOW, UNIFORM = "counts", "flow", "uniform"
EPOCH_MONTH = 12 * 1970
# Held-out incidents that the prior is worth: it steadies weights learned on a few dozen reports
# and is forgotten beside a few hundred. Half of it lies on what the reports say, half on what
# there is beside them.
PRIOR_INCIDENTS = 6.0
_TIME_PRIOR = (1.0, 5.0)  # own time of day, common time of day; incidents
_LEAST_TRAINING_MONTHS = 3  # with reports, before the first validated month
_LEAST_HELD_OUT = 10.0  # incidents
_CRUMB = 2  # parts of 100; densities with no more are told together


@dataclass(frozen=True)
class Baselines:
    """What the risk falls back to where reports say little, n segments.

    ``flow`` is (n) or (n, slots), 0 or more: pupils who pass a point of the segment, in any unit
    (its risk grows with pupils times metres); None where there is none. ``within`` (n) says where
    reports are known: a source that ends at a border says nothing beyond it. None: everywhere.
    """

    flow: FloatArray | None = None
    within: BoolArray | None = None

    @property
    def has_flow(self) -> bool:
        """Whether any pupil walks where reports are known."""
        if self.flow is None:
            return False
        here = self.flow if self.within is None else self.flow[self.within]
        return float(here.sum()) > 0


@dataclass(frozen=True)
class Learned:
    """The risk surface and what was learned for it."""

    risk: FloatArray  # (n, slots) incidents a metre a slot in the evidence period
    weights: tuple[LearnedWeight, ...]  # of place, in the order of ``keys``; sum to 1
    own_time_share: float  # of a street's time of day from reports near it; the rest is common
    is_learned: bool  # False: too few reports, the weights are the prior's
    validated: IntArray  # months since year 0 that were predicted, ascending
    held_out: float  # in-window weight in them

    @property
    def per_m(self) -> FloatArray:
        """(n) incidents a metre in the whole window."""
        out: FloatArray = np.asarray(self.risk.sum(axis=1))
        return out


@dataclass(frozen=True)
class Spread:
    """Evidence spread over n segments: columns of which every training set is a weighted sum.

    It is linear in what the incidents weigh, and a row depends on nothing beyond the widest
    bandwidth, so that a part of a network takes its rows.
    """

    validated: IntArray  # months since year 0 that are predicted, ascending
    end_day: int  # days since 1970-01-01 of the day after the last month
    mass: FloatArray  # (1 + b, n, columns): see ``_blocks``


def spread_evidence(lattice: Lattice, sample: Sample, params: Risk) -> Spread:
    """Spread incidents over the network at every bandwidth, for ``learn``.

    Parameters
    ----------
    lattice : n segments, EPSG:27700.
    sample : k incidents, in any order.
    """
    sample = known(sample, Baselines())
    validated = _validated(sample, params)
    blocks = _blocks(sample, validated, params.half_life_days)
    return Spread(validated, end_day(sample), evidence_mass(lattice, sample, blocks, params))


def learn(
    lattice: Lattice,
    sample: Sample,
    baselines: Baselines,
    params: Risk,
    spread: Spread | None = None,
) -> Learned:
    r"""Learn the mixture on the latest months and draw the surface from all data.

    Each of the last ``validation_months`` months with reports is predicted from the months before
    it, a report of age a days at the month's start counting :math:`2^{-a / half life}`. The
    weights are the most likely ones under a weak Dirichlet prior [1]_. The final surface uses all
    data, ages being relative to the day after the last month. Time of day comes from the same
    mixture slot by slot, drawn towards the common time of day by one more learned weight.

    Parameters
    ----------
    lattice : n segments, EPSG:27700.
    sample : k incidents; those outside ``baselines.within`` are left out.
    baselines : what there is beside reports.
    spread : the evidence where it was spread before, over a wider network; it decides the months
        that are predicted. None: spread ``sample``.

    Returns
    -------
    ``risk`` integrates over streets and slots to the sample's un-aged in-window weight.

    Raises
    ------
    InputError
        If a baseline or the sample does not fit the network.

    References
    ----------
    .. [1] Smyth & Wolpert (1999), Linearly combining density estimators via stacking, Machine
       Learning 36.
    """
    check(lattice, sample, baselines)
    sample = known(sample, baselines)
    spread = spread or spread_evidence(lattice, sample, params)
    split = _split(sample, spread.validated)
    history = _History(lattice.length_m, baselines, split, params.half_life_days, spread)
    rows, weight = _held_out_places(history, sample)
    place = place_weights(rows, weight, keys(params, baselines))
    own = (
        _own_time(history, sample, place) if split.is_enough else _TIME_PRIOR[0] / sum(_TIME_PRIOR)
    )
    return Learned(
        risk=_surface(history, sample, place, own),
        weights=named_weights(keys(params, baselines), place),
        own_time_share=own,
        is_learned=split.is_enough,
        validated=split.validated,
        held_out=split.held_out,
    )


def mix(
    lattice: Lattice,
    places: tuple[IntArray, FloatArray],
    weight: FloatArray,
    baselines: Baselines,
    weights: Sequence[LearnedWeight],
    params: Risk,
) -> FloatArray:
    """The surface of other evidence with the learned weights fixed.

    Parameters
    ----------
    places : segment ids (k) and offsets from the u end (k), metres.
    weight : (k, c), 0 or more: halves, bootstraps, permutations, one column each.
    weights : from ``learn``, for the same baselines and bandwidths.

    Returns
    -------
    (n, c) weight a metre; column j integrates to ``weight[:, j].sum()``.

    Raises
    ------
    InputError
        If the weights are for other components than the parameters and baselines give.
    """
    named = keys(params, baselines)
    if tuple(w.key for w in weights) != named:
        raise InputError(
            f"the weights are for {', '.join(w.key for w in weights)}, not for {', '.join(named)}",
            fix="Learn them with the same bandwidths and baselines",
        )
    # Sums must not see the order of rows.
    order = np.lexsort([*weight.T[::-1], places[1], places[0]])
    if baselines.within is not None:
        order = order[baselines.within[places[0][order]]]
    columns = weight[order]
    mass = _mass(lattice, places[0][order], places[1][order], columns, params)
    parts = components(mass, lattice.length_m, baselines)
    shares = np.array([w.weight for w in weights])
    out: FloatArray = np.tensordot(shares, parts, axes=1) * columns.sum(axis=0)
    return out


# --- components ---------------------------------------------------------------------------------


def keys(params: Risk, baselines: Baselines) -> tuple[str, ...]:
    """The components in order: counts, each density, flow if there is any, uniform."""
    densities = [f"esc_{b:g}" for b in params.bandwidths_m]
    return (COUNTS, *densities, *([FLOW] if baselines.has_flow else []), UNIFORM)


def prior_for(named: Sequence[str]) -> FloatArray:
    """(m) pseudo-counts of the Dirichlet prior, in incidents."""
    is_baseline = np.isin(named, [FLOW, UNIFORM])
    half = PRIOR_INCIDENTS / 2
    out: FloatArray = np.where(is_baseline, half / is_baseline.sum(), half / (~is_baseline).sum())
    return out


def evidence_mass(lattice: Lattice, sample: Sample, weight: FloatArray, params: Risk) -> FloatArray:
    """(1 + b, n, c) counts a metre and each density, a metre, not normalised: linear in weight."""
    return _mass(lattice, sample.segment_id, sample.offset_m, weight, params)


def _mass(
    lattice: Lattice, segment_id: IntArray, offset_m: FloatArray, weight: FloatArray, params: Risk
) -> FloatArray:
    counts = np.zeros((len(lattice.length_m), weight.shape[1]))
    np.add.at(counts, segment_id, weight)
    spread = segment_densities(
        lattice,
        segment_id,
        offset_m,
        weight,
        bandwidths_m=params.bandwidths_m,
        kernel=params.kernel,
    )
    return np.concatenate([(counts / lattice.length_m[:, None])[None], spread])


def components(mass: FloatArray, length_m: FloatArray, baselines: Baselines) -> FloatArray:
    """Components that each integrate to 1 over the network where reports are known.

    Parameters
    ----------
    mass : (1 + b, n, c) from ``evidence_mass``. length_m : (n).

    Returns
    -------
    (m, n, c) a metre, in the order of ``keys``. A column without evidence is even streets.
    """
    within = np.ones(len(length_m)) if baselines.within is None else baselines.within * 1.0
    even = within / (within @ length_m)
    # Reflected waves can leave a density below zero beside junctions of many arms.
    kept = np.maximum(mass, 0.0) * within[:, None]
    total = np.einsum("jnc,n->jc", kept, length_m)
    has = total > 0
    parts = np.where(has[:, None, :], kept / np.where(has, total, 1.0)[:, None, :], even[:, None])
    flat = [even] if not baselines.has_flow else [_flow_per_m(length_m, baselines), even]
    wide = [np.broadcast_to(f[:, None], mass.shape[1:]) for f in flat]
    return np.concatenate([parts, np.stack(wide)])


def _flow_per_m(length_m: FloatArray, baselines: Baselines) -> FloatArray:
    assert baselines.flow is not None
    flow = baselines.flow if baselines.flow.ndim == 1 else baselines.flow.sum(axis=1)
    flow = flow if baselines.within is None else np.where(baselines.within, flow, 0.0)
    out: FloatArray = flow / float(flow @ length_m)
    return out


def known(sample: Sample, baselines: Baselines) -> Sample:
    """The incidents that lie where reports are known, in one order whatever theirs was."""
    order = np.lexsort(
        [*sample.slot_weight.T[::-1], sample.offset_m, sample.segment_id, sample.day, sample.month]
    )
    if baselines.within is not None:
        order = order[baselines.within[sample.segment_id[order]]]
    return subset(sample, order)


def subset(sample: Sample, rows: IntArray) -> Sample:
    """Some of the incidents, in the order of ``rows``."""
    return Sample(
        sample.segment_id[rows],
        sample.offset_m[rows],
        sample.slot_weight[rows],
        sample.month[rows],
        sample.day[rows],
    )


# --- recency ------------------------------------------------------------------------------------


def first_day(month: IntArray | int) -> IntArray:
    """Days since 1970-01-01 of the first of each month (months since year 0)."""
    at = np.asarray(month, dtype=np.int64) - EPOCH_MONTH
    out: IntArray = at.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return out


def own_month_weight(sample: Sample, half_life_days: float) -> FloatArray:
    """(k) weight aged to the day after each incident's own month.

    Ageing multiplies: aged on to any later day, months can be added up.
    """
    age = first_day(sample.month + 1) - sample.day
    out: FloatArray = sample.weight * recency(age, half_life_days)
    return out


# --- what is predicted from what ----------------------------------------------------------------


@dataclass(frozen=True)
class _Split:
    validated: IntArray  # months, ascending
    held_out: float  # in-window weight in them

    @property
    def is_enough(self) -> bool:
        return _is_enough(len(self.validated), self.held_out)


def _validated(sample: Sample, params: Risk) -> IntArray:
    """The latest months with reports, as many as are predicted."""
    months: IntArray = np.unique(sample.month[sample.weight > 0])
    room = max(0, len(months) - _LEAST_TRAINING_MONTHS)
    return months[len(months) - min(params.validation_months, room) :]


def _split(sample: Sample, validated: IntArray) -> _Split:
    return _Split(validated, float(sample.weight[np.isin(sample.month, validated)].sum()))


def _is_enough(months: int, held_out: float) -> bool:
    return months > 0 and held_out >= _LEAST_HELD_OUT


def _blocks(sample: Sample, months: IntArray, half_life_days: float) -> FloatArray:
    """(k, slots + v + slots) columns from which every training set is a weighted sum.

    First the months before any validated one, by slot, aged to the start of the first of those;
    then each validated month, aged to its own end; then these again, by slot, aged to the day
    after the last month.
    """
    if not len(months):
        aged = recency(end_day(sample) - sample.day, half_life_days)
        return sample.slot_weight * aged[:, None]
    is_late = sample.month >= months[0]
    until_first = np.maximum(first_day(int(months[0])) - sample.day, 0)  # the later ones: not used
    early = recency(until_first, half_life_days) * ~is_late
    late = recency(end_day(sample) - sample.day, half_life_days) * is_late
    own = own_month_weight(sample, half_life_days)
    each = np.where(sample.month[:, None] == months, own[:, None], 0.0)
    return np.hstack(
        [sample.slot_weight * early[:, None], each, sample.slot_weight * late[:, None]]
    )


def end_day(sample: Sample) -> int:
    """Days since 1970-01-01 of the day after the sample's last month."""
    return int(first_day(int(sample.month.max(initial=EPOCH_MONTH)) + 1))


@dataclass(frozen=True)
class _History:
    length_m: FloatArray
    baselines: Baselines
    split: _Split
    half_life_days: float
    spread: Spread

    @property
    def mass(self) -> FloatArray:
        return self.spread.mass

    @property
    def slots(self) -> int:
        v = len(self.split.validated)
        columns = int(self.mass.shape[2])
        return (columns - v) // 2 if v else columns

    def before(self, position: int) -> FloatArray:
        """(1 + b, n) all evidence before the validated month at ``position``, aged to its start."""
        starts = first_day(self.split.validated)
        age = starts[position] - first_day(self.split.validated[:position] + 1)
        later = self.mass[:, :, self.slots : self.slots + position]
        early = self.mass[:, :, : self.slots].sum(axis=2)
        factor = recency(starts[position] - starts[0], self.half_life_days)
        out: FloatArray = early * factor + later @ recency(age, self.half_life_days)
        return out

    def early_slots(self) -> FloatArray:
        """(1 + b, n, slots) the evidence before any validated month."""
        return self.mass[:, :, : self.slots]

    def all_slots(self) -> FloatArray:
        """(1 + b, n, slots) all evidence, aged to the day after the last month."""
        if not len(self.split.validated):
            return self.mass
        age = self.spread.end_day - first_day(self.split.validated)[0]
        factor = float(recency(age, self.half_life_days))
        out: FloatArray = self.early_slots() * factor + self.mass[:, :, -self.slots :]
        return out


def place_weights(
    rows: Sequence[FloatArray], weight: Sequence[FloatArray], named: Sequence[str]
) -> FloatArray:
    """Weights learned on held-out months, or the prior's where there is too little of them.

    Parameters
    ----------
    rows : one (r, m) a month, the components' densities where its incidents were.
    weight : one (r) a month. named : the m components.

    Returns
    -------
    (m) above 0, sum 1.
    """
    prior = prior_for(named)
    if not _is_enough(len(rows), float(sum(w.sum() for w in weight))):
        out: FloatArray = prior / prior.sum()
        return out
    return em_weights(np.concatenate(rows), np.concatenate(weight), prior=prior)


def _held_out_places(
    history: _History, sample: Sample
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Densities (r, m) and weights (r) of each validated month's incidents, by segment."""
    rows: list[FloatArray] = []
    weights: list[FloatArray] = []
    for i, month in enumerate(history.split.validated):
        segment, weight = by_segment(sample, int(month))
        parts = components(history.before(i)[:, :, None], history.length_m, history.baselines)
        rows.append(parts[:, segment, 0].T)
        weights.append(weight)
    return rows, weights


def by_segment(sample: Sample, month: int) -> tuple[IntArray, FloatArray]:
    """Segments with in-window weight in a month, ascending, and that weight."""
    mine = sample.month == month
    ids, inverse = np.unique(sample.segment_id[mine], return_inverse=True)
    weight: FloatArray = np.bincount(inverse, sample.weight[mine], len(ids)).astype(float)
    return ids[weight > 0], weight[weight > 0]


# --- time of day --------------------------------------------------------------------------------


def _by_slot(
    history: _History, mass: FloatArray, place: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(n, slots) the mixture slot by slot, a metre, integrating to 1; (slots) the common shares."""
    length_m, baselines = history.length_m, history.baselines
    slots = mass.shape[2]
    parts = components(mass.sum(axis=2)[:, :, None], length_m, baselines)[:, :, 0]
    by_slot = (mass[0] * length_m[:, None]).sum(axis=0)
    total = float(by_slot.sum())
    common = by_slot / total if total > 0 else np.full(slots, 1.0 / slots)
    own = _shares(np.maximum(mass, 0.0), common)
    flat = np.broadcast_to(common, (parts.shape[1], slots))
    shares = [*own, *([_flow_shares(baselines, flat)] if baselines.has_flow else []), flat]
    joint = np.zeros((parts.shape[1], slots))
    for weight, part, share in zip(place, parts, shares, strict=True):
        joint += weight * part[:, None] * share
    return joint, common


def _flow_shares(baselines: Baselines, common: FloatArray) -> FloatArray:
    """(n, slots) when pupils walk on each segment; the common shares where none do."""
    assert baselines.flow is not None
    if baselines.flow.ndim == 1:
        return common
    return _shares(baselines.flow, common)


def _shares(by_slot: FloatArray, common: FloatArray) -> FloatArray:
    """Each slot's share of its row's sum (last axis); the common shares where that is 0."""
    whole = by_slot.sum(axis=-1, keepdims=True)
    out: FloatArray = np.where(whole > 0, by_slot / np.where(whole > 0, whole, 1.0), common)
    return out


def _own_time(history: _History, sample: Sample, place: FloatArray) -> float:
    """How much of a street's time of day is its own, learned on the validated months.

    One training set for all of them, what was known before the first: slot by slot is the dear
    part of the waves, and a time profile ages less than a place.
    """
    prior = np.array(_TIME_PRIOR)
    if history.slots == 1:
        return float(prior[0] / prior.sum())
    joint, common = _by_slot(history, history.early_slots(), place)
    held_out = np.isin(sample.month, history.split.validated)
    weight = np.zeros_like(joint)
    np.add.at(weight, sample.segment_id[held_out], sample.slot_weight[held_out])
    segment, slot = np.nonzero(weight)
    rows = np.column_stack([_shares(joint, common)[segment, slot], common[slot]])
    # Where the training data have nobody in a slot, neither guess can be told from the other.
    seen = rows.max(axis=1) > 0
    return float(em_weights(rows[seen], weight[segment, slot][seen], prior=prior)[0])


def _surface(history: _History, sample: Sample, place: FloatArray, own: float) -> FloatArray:
    joint, common = _by_slot(history, history.all_slots(), place)
    shares = own * _shares(joint, common) + (1 - own) * common
    out: FloatArray = float(sample.weight.sum()) * joint.sum(axis=1, keepdims=True) * shares
    return out


# --- in words -----------------------------------------------------------------------------------


def named_weights(named: Sequence[str], weight: FloatArray) -> tuple[LearnedWeight, ...]:
    """The weights with their keys and what they mean."""
    return tuple(
        LearnedWeight(key, float(w), _meaning(key)) for key, w in zip(named, weight, strict=True)
    )


_MEANINGS = {
    COUNTS: "the very streets where reports were",
    FLOW: "where pupils walk",
    UNIFORM: "all streets alike",
}
_SAID = {
    COUNTS: "from the very streets where reports were",
    FLOW: "from where pupils walk",
    UNIFORM: "evenly from all streets",
}


def _meaning(key: str) -> str:
    return _MEANINGS.get(key) or f"streets within about {key.removeprefix('esc_')} m of a report"


def parts_of_100(shares: FloatArray) -> IntArray:
    """Whole parts that sum to 100, by largest remainder; ties to the earlier share.

    Parameters
    ----------
    shares : (m) 0 or more, not all 0.
    """
    exact = 100.0 * shares / shares.sum()
    parts: IntArray = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: 100 - int(parts.sum())]] += 1
    return parts


def words(learned: Learned) -> tuple[str, ...]:
    """What was learned, for a partnership meeting: plain sentences, the largest part first."""
    said = [
        f"{part} {'comes' if part == 1 else 'come'} {origin}" for part, origin in _told(learned)
    ]
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    sentences = [f"Of every 100 parts of the risk, {listed}.", _how(learned)]
    if learned.risk.shape[1] > 1:
        own = round(100 * learned.own_time_share)
        sentences.append(
            f"Of every 100 parts of a street's time of day, {own} come from reports on or near it "
            f"and {100 - own} from the time of day of all reports together."
        )
    return tuple(sentences)


def _told(learned: Learned) -> list[tuple[int, str]]:
    """Parts of 100 and where they come from, largest first; crumbs of densities as one."""
    parts = parts_of_100(np.array([w.weight for w in learned.weights])).tolist()
    pairs = [(part, w.key) for part, w in zip(parts, learned.weights, strict=True) if part]
    crumbs = [(part, key) for part, key in pairs if part <= _CRUMB and key not in _SAID]
    if len(crumbs) < 2:
        crumbs = []
    told = [
        (part, _SAID.get(key) or f"from {_meaning(key)}")
        for part, key in pairs
        if (part, key) not in crumbs
    ]
    if crumbs:
        near, far = (key.removeprefix("esc_") for _, key in (crumbs[0], crumbs[-1]))
        origin = f"from streets within about {near} to {far} m of a report"
        told.append((sum(part for part, _ in crumbs), origin))
    return sorted(told, key=lambda pair: -pair[0])


def _how(learned: Learned) -> str:
    if not learned.is_learned:
        return (
            "There are too few reports to learn these parts from, so they are the ones that the "
            "method starts with."
        )
    return (
        f"These parts were learned: each of the last {len(learned.validated)} months with reports "
        "was predicted from the months before it, and these parts predicted best."
    )


def check(lattice: Lattice, sample: Sample, baselines: Baselines) -> None:
    """Raise ``InputError`` where a sample or a baseline does not fit the network."""
    n, slots = len(lattice.length_m), sample.slot_weight.shape[1]
    flow = baselines.flow
    if flow is not None:
        if flow.shape not in {(n,), (n, slots)}:
            raise InputError(
                f"the flow baseline has shape {flow.shape}, not ({n},) or ({n}, {slots})"
            )
        if not np.isfinite(flow).all() or (flow < 0).any():
            raise InputError("the flow baseline has values that are negative or not finite")
    if baselines.within is not None and baselines.within.shape != (n,):
        raise InputError(f"within has shape {baselines.within.shape}, not ({n},)")
    if baselines.within is not None and not baselines.within.any():
        raise InputError("reports are known on no street at all", fix="Check the area")
    weight = sample.slot_weight
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise InputError("incident weights must be finite and 0 or more")
    if len(weight) and not (sample.segment_id.min() >= 0 and sample.segment_id.max() < n):
        raise InputError("an incident names a segment that the network lacks", fix="Snap it first")
