"""A rolling back-test: every month is scored on data before it only (D.8).

For each scored month the estimators are drawn from the months before it. The mixture's weights
for it are learned on the months just before it, each of which is predicted from the data before
that one. So nothing of a month, nor of a later one, is in what it is scored on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import BacktestReport, BacktestScore, LearnedWeight, Network
from corridors.profile import Risk
from corridors.risk import mixture, planar, scores
from corridors.risk.incident_time import recency
from corridors.risk.lattice import Lattice
from corridors.risk.mixture import Baselines
from corridors.risk.sample import Sample

LENGTH_SHARES = (0.01, 0.02, 0.05, 0.10)
PLANAR_M = (100.0, 200.0, 300.0)
MIXTURE, LAST_YEAR = "mixture", "last_year"


@dataclass(frozen=True)
class About:
    """What a back-test is of."""

    area: str
    has_times: bool  # the sample's weights are those of the after-school window
    is_snapped: bool  # data.police.uk
    kept_share: float = 1.0  # of incidents, after ``thin``


def thin(sample: Sample, share: float, rng: np.random.Generator) -> Sample:
    """Keep each incident with probability ``share``: what a smaller place would have to learn from.

    The draws follow the incidents' own order (month, day, place), not that of their rows.

    Raises
    ------
    InputError
        If the share is not over 0, up to 1.
    """
    if not 0 < share <= 1:
        raise InputError("the share of incidents to keep must be over 0, up to 1", value=share)
    ordered = mixture.known(sample, Baselines())
    return mixture.subset(ordered, np.flatnonzero(rng.random(len(ordered.day)) < share))


def run_backtest(
    network: Network,
    lattice: Lattice,
    sample: Sample,
    baselines: Baselines,
    params: Risk,
    about: About,
    progress: Callable[[float], None] = lambda _share: None,
) -> BacktestReport:
    """Score the mixture and what it is made of, and flat maps and last year, on unseen months.

    A month with reports is scored if at least ``min_months`` months with reports lie before it.
    ``last_year`` is the same month's counts a year before; where that month has no reports, the
    counts of the twelve months before the scored one. All estimators but the mixture get 0.1 % of
    even streets before their likelihood is taken.

    Parameters
    ----------
    network, lattice : n segments, EPSG:27700, and their cells.
    progress : called with the share of all months done.
    sample : k incidents. Those outside ``baselines.within`` are left out, and so are the streets.

    Returns
    -------
    Hits, PAI and PEI pooled over all scored months: every incident counts as much as another.

    Raises
    ------
    InputError
        If no month has enough months before it.
    """
    mixture.check(lattice, sample, baselines)
    sample = mixture.known(sample, baselines)
    months = np.unique(sample.month[sample.weight > 0])
    if len(months) <= params.min_months:
        raise InputError(
            f"a back-test needs more than {params.min_months} months with reports, "
            f"not {len(months)}",
            fix="Add earlier months, or lower risk.min_months",
        )
    history = _read(network, lattice, sample, baselines, params)
    parts = {
        t: history.parts_before(t, params.half_life_days)
        for t in range(_first_needed(params), len(months))
    }
    scored = range(params.min_months, len(months))
    weights = np.array([_weights(history, parts, t, params) for t in scored])
    maps = []
    for done, (t, w) in enumerate(zip(scored, weights, strict=True), start=1):
        maps.append(_maps(history, parts[t], w, t, params))
        progress(done / len(scored))
    seen = [history.incidents[:, t] for t in scored]
    best = _best(seen, history.length_m)
    return BacktestReport(
        area=about.area,
        has_times=about.has_times,
        is_snapped=about.is_snapped,
        length_km=float(history.length_m.sum()) / 1000,
        half_life_days=params.half_life_days,
        length_shares=LENGTH_SHARES,
        months=tuple(_date(int(months[t])) for t in scored),
        incidents_a_month=tuple(float(m.sum()) for m in seen),
        training_incidents=_training(history, scored),
        kept_share=about.kept_share,
        scores=tuple(
            _score(key, [m[key] for m in maps], seen, best, history.length_m) for key in maps[0]
        ),
        weights=_mean_weights(history.keys, weights),
    )


@dataclass(frozen=True)
class _Months:
    """All that months have to say, on the n streets where reports are known; c months."""

    keys: tuple[str, ...]  # of components
    length_m: FloatArray  # (n)
    baselines: Baselines  # on these streets
    months: IntArray  # (c) ascending
    incidents: FloatArray  # (n, c) in-window weight on each segment
    mass: FloatArray  # (1 + b, n, c) aged to each month's own end
    planar: FloatArray  # (planar bandwidths, n, c) likewise

    def factors(self, t: int, half_life_days: float) -> FloatArray:
        """(t) what the months before month t weigh at its start."""
        start = mixture.first_day(self.months[t])
        return recency(start - mixture.first_day(self.months[:t] + 1), half_life_days)

    def parts_before(self, t: int, half_life_days: float) -> FloatArray:
        """(m, n) components from the months before month t."""
        aged = self.mass[:, :, :t] @ self.factors(t, half_life_days)
        return mixture.components(aged[:, :, None], self.length_m, self.baselines)[:, :, 0]


def _read(
    network: Network, lattice: Lattice, sample: Sample, baselines: Baselines, params: Risk
) -> _Months:
    months = np.unique(sample.month[sample.weight > 0])
    n = len(lattice.length_m)
    here = np.arange(n) if baselines.within is None else np.flatnonzero(baselines.within)
    is_in = sample.month[:, None] == months
    aged = mixture.own_month_weight(sample, params.half_life_days)
    columns = np.where(is_in, aged[:, None], 0.0)
    incidents = np.zeros((n, len(months)))
    np.add.at(incidents, sample.segment_id, np.where(is_in, sample.weight[:, None], 0.0))
    plane = planar.plane_of(network, sample.segment_id, sample.offset_m)
    flat = [planar.planar_density(plane, columns, bandwidth_m=h)[here] for h in PLANAR_M]
    return _Months(
        keys=mixture.keys(params, baselines),
        length_m=lattice.length_m[here],
        baselines=Baselines(None if baselines.flow is None else baselines.flow[here]),
        months=months,
        incidents=incidents[here],
        mass=mixture.evidence_mass(lattice, sample, columns, params)[:, here],
        planar=np.stack(flat),
    )


def _first_needed(params: Risk) -> int:
    return max(1, params.min_months - params.validation_months)


def _weights(history: _Months, parts: dict[int, FloatArray], t: int, params: Risk) -> FloatArray:
    """(m) the mixture's weights for month t, learned on the months just before it."""
    earlier = [s for s in range(t - params.validation_months, t) if s in parts]
    hit = [np.flatnonzero(history.incidents[:, s]) for s in earlier]
    rows = [parts[s][:, at].T for s, at in zip(earlier, hit, strict=True)]
    weight = [history.incidents[at, s] for s, at in zip(earlier, hit, strict=True)]
    return mixture.place_weights(rows, weight, history.keys)


def _maps(
    history: _Months, parts: FloatArray, weight: FloatArray, t: int, params: Risk
) -> dict[str, FloatArray]:
    """Each estimator's density (n) for month t, the mixture first; each integrates to 1."""
    found = {MIXTURE: weight @ parts}
    floor = [scores.floored(p, history.length_m) for p in parts]
    found |= dict(zip(history.keys, floor, strict=True))
    flat = history.planar[:, :, :t] @ history.factors(t, params.half_life_days)
    for bandwidth_m, density in zip(PLANAR_M, flat, strict=True):
        found[f"planar_{bandwidth_m:g}"] = _floored(density, history.length_m)
    found[LAST_YEAR] = _floored(_last_year(history, t) / history.length_m, history.length_m)
    return found


def _last_year(history: _Months, t: int) -> FloatArray:
    """(n) the same month's counts a year before, or those of the twelve months before."""
    age = history.months[t] - history.months[:t]
    chosen = age == 12 if (age == 12).any() else age <= 12
    out: FloatArray = history.incidents[:, :t][:, chosen].sum(axis=1)
    return out


def _floored(density: FloatArray, length_m: FloatArray) -> FloatArray:
    total = float((density * length_m).sum())
    even = np.full(len(length_m), 1.0 / length_m.sum())
    return scores.floored(density / total if total > 0 else even, length_m)


def _score(
    key: str,
    maps: Sequence[FloatArray],
    months: Sequence[FloatArray],
    best: FloatArray,
    length_m: FloatArray,
) -> BacktestScore:
    """Scores of one estimator: its maps (n), the months' incidents (n), the most they allowed."""
    count = np.array([m.sum() for m in months])
    hits = np.array(
        [
            [scores.hit_rate(scores.flag(d, length_m, s), m) for s in LENGTH_SHARES]
            for d, m in zip(maps, months, strict=True)
        ]
    )
    gain = [scores.log_gain(d, m, length_m) for d, m in zip(maps, months, strict=True)]
    hit, most = (count @ hits / count.sum(), count @ best / count.sum())
    return BacktestScore(
        estimator=key,
        title=title_of(key),
        hit_rate=tuple(float(h) for h in hit),
        pai=tuple(scores.pai(float(h), s) for h, s in zip(hit, LENGTH_SHARES, strict=True)),
        pei=tuple(scores.pei(float(h), float(b)) for h, b in zip(hit, most, strict=True)),
        log_likelihood=float(count @ np.array(gain) / count.sum()),
        hit_rate_by_month=tuple(tuple(float(h) for h in row) for row in hits),
    )


def _best(months: Sequence[FloatArray], length_m: FloatArray) -> FloatArray:
    """(months, length shares) the most that any map could have hit."""
    return np.array([[scores.best_hit_rate(m, length_m, s) for s in LENGTH_SHARES] for m in months])


_TITLES = {
    MIXTURE: "Learned mixture",
    mixture.COUNTS: "Counts per metre of street",
    mixture.FLOW: "Where pupils walk",
    mixture.UNIFORM: "All streets alike",
    LAST_YEAR: "Same month last year",
}


def title_of(key: str) -> str:
    """An estimator's name in plain words."""
    if key in _TITLES:
        return _TITLES[key]
    kind, _, bandwidth = key.partition("_")
    how = "Spread along streets" if kind == "esc" else "Spread over a flat map"
    return f"{how}, {bandwidth} m"


def _training(history: _Months, scored: Sequence[int]) -> float:
    total = history.incidents.sum(axis=0)
    return float(np.mean([12 * total[:t].sum() / t for t in scored]))


def _mean_weights(named: Sequence[str], weights: FloatArray) -> tuple[LearnedWeight, ...]:
    mean = weights.mean(axis=0)
    return mixture.named_weights(named, mean / mean.sum())


def _date(month: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(mixture.first_day(month)))
