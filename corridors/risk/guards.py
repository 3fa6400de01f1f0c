"""How far the risk can be trusted, and limits that keep the plan from feeding on itself.

Every check ends in one ``Finding``: a line with its number, in words for a partnership meeting.
None of them changes the risk. What does change a plan is ``inverse_visits``, where the profile
lets discovered incidents in, and ``dosage``, which gives streets a rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Finding, HotSpot
from corridors.profile import Guards
from corridors.risk.incident_time import recency

Mapper = Callable[[FloatArray], FloatArray]
"""(k, c) weights of k reports -> (n, c) risk x flow per metre of n streets: c maps at once."""

_LEVEL = 0.05  # what no more than one map in twenty does by chance
_HALF = 0.5  # one month, or reports without a good time, must not hold more of the evidence
_DIGITS = 12  # densities closer than this, over the densest, are rounding and count as equal
_ALIKE = 0.2  # weekdays that differ by less, over the mean school day, are not told apart
_NAMES_SHOWN = 8
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")


# --- past patrols -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visited:
    """Where patrols have been in a period, by segment."""

    days: IntArray  # (n) distinct days with a visit
    minutes: FloatArray  # (n) in all, as far as they were written down
    untimed: IntArray  # (n) visits without minutes


def patrol_days(
    segment_id: IntArray,
    day: IntArray,
    minutes: FloatArray,
    n: int,
    *,
    first_day: int,
    last_day: int,
) -> Visited:
    """Patrol days and minutes of each segment in a period.

    Parameters
    ----------
    segment_id : (v,) segment of each visit, -1 where no street is near.
    day : (v,) days since 1970-01-01.
    minutes : (v,) how long, NaN where not written down.
    n : number of segments.
    first_day, last_day : the period, days since 1970-01-01, both included.

    Raises
    ------
    InputError
        If a visit lies on a segment that the network does not have.
    """
    if len(segment_id) and int(segment_id.max()) >= n:
        raise InputError(
            f"a visit lies on segment {int(segment_id.max())} of a network of {n}",
            fix="Snap the visits to this network",
        )
    inside = (segment_id >= 0) & (day >= first_day) & (day <= last_day)
    # Sums of floats depend on their order, so the order must not be the file's.
    order = np.flatnonzero(inside)[np.lexsort((minutes[inside], day[inside], segment_id[inside]))]
    where, when, known = segment_id[order], day[order], np.nan_to_num(minutes[order])
    distinct = np.unique(np.column_stack([where, when]), axis=0)[:, 0]
    return Visited(
        days=np.bincount(distinct, minlength=n),
        minutes=np.bincount(where, weights=known, minlength=n).astype(float),
        untimed=np.bincount(where[np.isnan(minutes[order])], minlength=n),
    )


def inverse_visits(visited_share: FloatArray, reference_share: float) -> FloatArray:
    r"""What a discovered incident weighs where police look more often than elsewhere (D.7).

    .. math:: w = \min(1, p_{ref} / p_{visit})

    Police find most where they look most. Without this weight a plan that counts what they find
    sends them where they have been [1]_.

    Parameters
    ----------
    visited_share : (n,) share of the period's window-days with a patrol on the segment, 0 or more.
    reference_share : share up to which an incident counts in full, over 0 and up to 1.

    Returns
    -------
    (n,) dimensionless, over 0 and up to 1; 1 where nobody has been.

    Raises
    ------
    InputError
        If ``reference_share`` is not a share over 0.

    References
    ----------
    .. [1] Ensign et al. (2018), Runaway feedback loops in predictive policing, PMLR 81: this
       is a simple form of the correction proposed there.
    """
    if not 0 < reference_share <= 1:
        raise InputError(
            f"the reference share of visits is {reference_share:g}",
            fix="Set guards.visit_reference_share over 0 and up to 1",
        )
    weight: FloatArray = reference_share / np.maximum(visited_share, reference_share)
    return weight


@dataclass(frozen=True)
class Dosage:
    """Segments that have had their share of patrols before the week's first day."""

    rests: BoolArray  # (n)
    finding: Finding
    visited: Visited  # by the record; nothing where nobody keeps one


def had_enough(visited: Visited, params: Guards) -> BoolArray:
    """Segments that one more patrol day would take over the cap of D.7: (n).

    One more than ``dosage_days`` days, or any after ``dosage_minutes`` minutes.
    """
    days: BoolArray = visited.days + 1 > params.dosage_days
    return days | (visited.minutes >= params.dosage_minutes)


def dosage(visited: Visited | None, street_names: Sequence[str], params: Guards) -> Dosage:
    """Segments that rest this week, because patrols would pass the cap of D.7.

    Parameters
    ----------
    visited : from ``patrol_days``, over ``dosage_weeks`` weeks; None if nobody keeps a record.
        Let the weeks end with the planned one: then no four weeks hold more than the cap.
    street_names : (n,) name of each segment's street, empty if none.
    """
    title = "Streets that rest"
    if visited is None:
        words = (
            "There is no record of past patrols, so no street could be given a rest. "
            "List them in a file of visits."
        )
        none = np.zeros(len(street_names), dtype=np.int64)
        nowhere = Visited(none, none.astype(float), none)
        return Dosage(none.astype(bool), Finding("dosage", title, words, None), nowhere)
    rests = had_enough(visited, params)
    limit = (
        f"{params.dosage_days} patrol days or {params.dosage_minutes:g} minutes in "
        f"{params.dosage_weeks} weeks"
    )
    if rests.any():
        names = street_list([street_names[i] for i in np.flatnonzero(rests).tolist()])
        words = f"Patrols rest all week on all or part of {names}: more would pass {limit}."
    else:
        words = f"No street has to rest all week: none has had {limit}."
    untimed = int(visited.untimed.sum())
    if untimed:
        words += f" {_counted(untimed, 'visit')} had no minutes: only the days of these count."
    return Dosage(rests, Finding("dosage", title, words, float(rests.sum())), visited)


# --- two maps -----------------------------------------------------------------------------------


def agreement(a: FloatArray, b: FloatArray, length_m: FloatArray, share: float) -> float:
    r"""How much of the densest streets two maps have in common: Jaccard's index by length.

    .. math:: J = \sum_s \min(a_s, b_s) / \sum_s \max(a_s, b_s)

    with :math:`a_s` the metres of street :math:`s` among the densest ``share`` of all street
    length. Streets are taken from the densest down, ties in order of id, the last one in part.
    Streets with no density are never taken.

    Parameters
    ----------
    a, b : (n,) and (n,) density per metre, 0 or more, on any two scales.
    length_m : (n,) metres.
    share : of street length, over 0 and up to 1.

    Returns
    -------
    0 (nothing in common) to 1; 1 also where neither map has any density.

    Raises
    ------
    InputError
        If ``share`` is not over 0 and up to 1.
    """
    return float(_agreements(np.column_stack([a, b]), length_m, share)[0])


def _agreements(maps: FloatArray, length_m: FloatArray, share: float) -> FloatArray:
    """(c - 1,) agreement of the first of c maps, (n, c), with each of the others."""
    if not 0 < share <= 1:
        raise InputError(
            f"the densest streets are to be {share:g} of all length",
            fix="Set guards.top_share between 0 and 1",
        )
    taken_m = np.column_stack([_densest_m(column, length_m, share) for column in maps.T])
    first_m, others_m = taken_m[:, :1], taken_m[:, 1:]
    common_m = np.minimum(first_m, others_m).sum(axis=0)
    either_m = np.maximum(first_m, others_m).sum(axis=0)
    found: FloatArray = np.divide(
        common_m, either_m, out=np.ones_like(common_m), where=either_m > 0
    )
    return found


def _densest_m(density: FloatArray, length_m: FloatArray, share: float) -> FloatArray:
    """(n,) metres of each street among the densest ``share`` of all length."""
    highest = density.max(initial=0.0)
    taken_m = np.zeros(len(density))
    if highest <= 0:
        return taken_m
    relative = np.round(density / highest, _DIGITS)
    rank = np.lexsort((np.arange(len(density)), -relative))
    rank = rank[density[rank] > 0]
    before_m = np.cumsum(length_m[rank]) - length_m[rank]
    taken_m[rank] = np.clip(share * length_m.sum() - before_m, 0.0, length_m[rank])
    return taken_m


@dataclass(frozen=True)
class TimedReports:
    """All reports of school days, in the after-school window and out of it.

    ``segment_id`` and ``offset_m`` only put the reports in an order that is not the file's.
    """

    segment_id: IntArray  # (k)
    offset_m: FloatArray  # (k)
    weight: FloatArray  # (k) what a report weighs, whatever its time of day
    window_share: FloatArray  # (k) how much of it falls into the window, 0-1
    group: IntArray  # (k) reports change times with their own group: a weekday, or all with all


def placebo(
    mapper: Mapper,
    reports: TimedReports | None,
    length_m: FloatArray,
    params: Guards,
    rng: np.random.Generator,
) -> Finding:
    r"""Does the map of risk need the times of day at all (D.7)?

    The times of day are dealt out at random among the reports of school days, places and weights
    staying as they are, ``permutations`` times. Two things speak against "after school":

    * the map hardly changes: the true map shares ``agreement`` or more of its densest streets
      with the dealt ones, on average;
    * it changes no more than chance would have it. If place and time of day have nothing to do
      with each other within a group, the true map and the m dealt ones are exchangeable. So with
      :math:`O_j` the mean overlap of map j with the m others, the rank of the true one is uniform
      and

      .. math:: p = \#\{j : O_j \le O_{true}\} / (m + 1)

      is an exact test of that [1]_, whatever the streets, the flow and the number of reports. The
      overlap of two maps is the share of risk x flow that they place alike, 1 less their
      variation distance: it sees all streets, and finds more than the densest ones alone.

    The second matters most where reports are few: then every map differs from every other, and a
    plan that changes says nothing yet.

    Parameters
    ----------
    mapper : rows are the reports, in their order.
    reports : those of school days only; None if the records have no times of day.
    length_m : (n,) metres.

    Returns
    -------
    The figure is the mean agreement of the true map with the dealt ones.

    References
    ----------
    .. [1] Phipson & Smyth (2010), Permutation p-values should never be zero, SAGMB 9(1).
    """
    title = "Is it about the time after school?"
    unmeasured = _no_contrast(reports)
    if reports is None or unmeasured:
        return Finding("placebo", title, unmeasured, None)
    shares = np.column_stack([reports.window_share, _dealt(reports, params.permutations, rng)])
    maps = mapper(reports.weight[:, None] * shares)
    kept = float(_agreements(maps, length_m, params.top_share).mean())
    overlap = _mean_overlaps(maps * length_m[:, None])
    among, rank = len(overlap), int((overlap <= overlap[0] + 1e-9).sum())
    stands_out = rank <= max(1.0, _LEVEL * among)
    is_changed = kept < params.agreement
    return Finding(
        "placebo",
        title,
        _placebo_words(_percent(kept), f"{rank} in {among}", stands_out, is_changed),
        kept,
        is_warning=not (stands_out and is_changed),
    )


def _placebo_words(kept: str, chance: str, stands_out: bool, is_changed: bool) -> str:
    dealt = "When the times of day are dealt out at random among the reports of school days,"
    if not is_changed:
        beyond = f" What does change is more than chance ({chance})." if stands_out else ""
        return (
            f"{dealt} the map of risk hardly changes: {kept} of its densest streets stay. So the "
            "records do not show that these streets matter because of the time after school."
            f"{beyond}"
        )
    if not stands_out:
        return (
            f"{dealt} {kept} of the densest streets stay, but the true map stands out no more than "
            f"chance allows ({chance}). So the records do not show that after school other "
            "streets matter than at other hours."
        )
    return (
        f"{dealt} only {kept} of the densest streets stay, and the true map stands out from the "
        f"random ones (chance: {chance}). The streets of highest risk belong to the time after "
        "school."
    )


def _no_contrast(reports: TimedReports | None) -> str:
    """Why times cannot be dealt out, or an empty text."""
    if reports is None:
        return (
            "The records have no times of day, so they cannot say whether these streets matter "
            "because of the time after school."
        )
    if not (reports.weight * reports.window_share).any():
        return "No report falls into the time after school, so there is nothing to compare."
    order = np.lexsort((reports.window_share, reports.group))
    group, share = reports.group[order], reports.window_share[order]
    if not ((np.diff(group) == 0) & (np.diff(share) > 0)).any():
        return (
            "All reports fall alike into the time after school, so there are no other hours to "
            "compare with."
        )
    return ""


def _dealt(reports: TimedReports, times: int, rng: np.random.Generator) -> FloatArray:
    """(k, times) window shares, each column dealt anew within the groups."""
    order = np.lexsort(
        (
            reports.weight,
            reports.window_share,
            reports.offset_m,
            reports.segment_id,
            reports.group,
        )
    )
    group, share = reports.group[order], reports.window_share[order]
    dealt = np.empty((len(order), times))
    for column in range(times):
        dealt[order, column] = share[np.lexsort((rng.random(len(order)), group))]
    return dealt


def _mean_overlaps(mass: FloatArray) -> FloatArray:
    """(c,) mean overlap of each of c maps with the others; (n, c) mass of each segment."""
    total = mass.sum(axis=0)
    placed = np.divide(mass, total, out=np.zeros_like(mass), where=total > 0)
    # Of sorted numbers, the minima with one of them are all the smaller ones, and itself for each
    # of the larger: no need to go through the pairs.
    order = np.argsort(placed, axis=1)
    rising = np.take_along_axis(placed, order, axis=1)
    larger = np.arange(len(total))[::-1]
    minima = np.empty_like(placed)
    np.put_along_axis(minima, order, np.cumsum(rising, axis=1) + rising * larger, axis=1)
    overlap: FloatArray = (minima - placed).sum(axis=0) / (len(total) - 1)
    return overlap


def split_half(
    mapper: Mapper, weight: FloatArray, month: IntArray, length_m: FloatArray, params: Guards
) -> Finding:
    r"""Do the odd and the even months draw the same map (D.7)?

    Months with reports are counted through in order of time, so that both halves hold all
    seasons. Beside the agreement of the densest streets stands Spearman's rank correlation of all
    streets, corrected for each half having half of the reports (Spearman-Brown):

    .. math:: r' = 2 r / (1 + r)

    A correlation of 0 or less stays as it is. Both see the plan as the mapper makes it: what the
    halves share without any report, such as pupil flow, makes them alike too.

    Parameters
    ----------
    weight : (k,) reports' weights. month : (k,) months since year 0.

    Returns
    -------
    The figure is the agreement. It warns where that, or r', is below ``params.agreement``.
    """
    title = "Do two halves of the records agree?"
    months = np.unique(month[weight > 0])
    if len(months) < 2:
        words = (
            f"The records hold {_counted(len(months), 'month')} with reports, "
            "so there are no two halves to compare."
        )
        return Finding("split_half", title, words, None)
    is_odd = np.searchsorted(months, month) % 2 == 0
    halves = mapper(np.column_stack([weight * is_odd, weight * ~is_odd]))
    kept = float(_agreements(halves, length_m, params.top_share)[0])
    steadiness = _corrected_rank_correlation(halves[:, 0], halves[:, 1])
    is_low = min(kept, steadiness) < params.agreement
    words = (
        f"Maps from every other month share {_percent(kept)} of their densest streets. "
        f"In the order of all streets the records agree to {steadiness:.2f} "
        "(1 is fully; corrected for half of the reports being in each map)."
    )
    if is_low:
        words += " Chance has a large part in which streets come first."
    return Finding("split_half", title, words, kept, is_low)


def _corrected_rank_correlation(a: FloatArray, b: FloatArray) -> float:
    """Spearman's correlation after Spearman and Brown; 0 where a map is the same everywhere."""
    ranks = [rankdata(_relative(values)) for values in (a, b)]
    spread = [rank - rank.mean() for rank in ranks]
    size = float(np.sqrt((spread[0] ** 2).sum() * (spread[1] ** 2).sum()))
    if size <= 0:
        return 0.0
    r = min(float((spread[0] * spread[1]).sum()) / size, 1.0)
    return 2 * r / (1 + r) if r > 0 else r


def _relative(values: FloatArray) -> FloatArray:
    highest = values.max(initial=0.0)
    return np.round(values / highest, _DIGITS) if highest > 0 else np.zeros(len(values))


def discovered(
    mapper: Mapper,
    weight: FloatArray,
    discovered_weight: FloatArray,
    length_m: FloatArray,
    params: Guards,
) -> Finding:
    """What would change if incidents that police activity found were counted (H4, D.7).

    Parameters
    ----------
    weight : (k,) weights without discovered incidents: theirs is 0.
    discovered_weight : (k,) what each would add, by ``inverse_visits``; 0 for all others.

    Returns
    -------
    The figure is the agreement of the two maps; None if nothing was discovered.
    """
    title = "Incidents that police activity found"
    if not discovered_weight.any():
        words = "The records hold no incident that police activity found and that would count."
        return Finding("discovered", title, words, None)
    maps = mapper(np.column_stack([weight, weight + discovered_weight]))
    kept = float(_agreements(maps, length_m, params.top_share)[0])
    role = (
        "The profile lets them in, and they count less the more often patrols are there."
        if params.use_discovered
        else "They weigh 0 in this plan."
    )
    words = f"{role} With and without them, {_percent(kept)} of the densest streets are the same."
    is_low = kept < params.agreement
    if is_low:
        words += " The plan would follow where police look, not only what the public reports."
    return Finding("discovered", title, words, kept, is_low)


# --- one number ---------------------------------------------------------------------------------


def ageing(
    age_days: FloatArray, weight: FloatArray, month: IntArray, half_life_days: float
) -> Finding:
    r"""How much evidence is left after ageing, and whether one month decides (D.7).

    .. math:: w_i' = w_i \cdot 0.5^{age_i / half life}

    A month that stands out tends to be followed by one that does not (regression to the mean). So
    it warns where one month holds over half of what is left, whether the latest or an earlier one.

    Parameters
    ----------
    age_days : (k,) days, 0 or more. weight : (k,) before ageing.
    month : (k,) months since year 0.
    half_life_days : over 0.

    Returns
    -------
    The figure is the largest share of aged weight that one month holds.

    Raises
    ------
    InputError
        If an age is negative or the half-life is not over 0.
    """
    if half_life_days <= 0 or (len(age_days) and float(age_days.min()) < 0):
        raise InputError(
            "an age is negative, or the half-life is not over 0 days",
            fix="Count ages from a day after the last report",
        )
    title = "How old the evidence is"
    counted = weight > 0
    if not counted.any():
        return Finding("ageing", title, "No report counts, so there is nothing to age.", None)
    # The order of a sum must not be the file's.
    order = np.flatnonzero(counted)[np.lexsort((age_days[counted], weight[counted]))]
    aged = weight[order] * recency(age_days[order], half_life_days)
    months, position = np.unique(month[order], return_inverse=True)
    left = float(aged.sum() / weight[order].sum())
    by_month = np.bincount(position, weights=aged)
    if by_month.sum() <= 0:
        words = f"After ageing by half in {half_life_days:g} days nothing of the evidence is left."
        return Finding("ageing", title, words, None, is_warning=True)
    share = by_month / by_month.sum()
    top = len(share) - 1 - int(np.argmax(np.round(share[::-1], _DIGITS)))
    words = (
        f"Reports count half after {half_life_days:g} days: {_percent(left)} of the weight of "
        f"{_counted(int(months[-1] - months[0] + 1), 'month')} is left. The latest month "
        f"({_month(months[-1])}) holds {_percent(share[-1])} of that."
    )
    if share[top] > _HALF:
        which = "recent" if top == len(share) - 1 else f"({_month(months[top])})"
        words += (
            f" One {which} month decides with {_percent(share[top])}: such a peak seldom comes "
            "twice."
        )
    return Finding("ageing", title, words, float(share[top]), bool(share[top] > _HALF))


def stability(hot_spots: tuple[HotSpot, ...]) -> Finding:
    """Whether the hot spots stay when reports are drawn anew (D.7).

    Returns
    -------
    The figure is the share of hot spots that are stable; None if there are none.
    """
    title = "Do the hot spots stay?"
    if not hot_spots:
        words = "No cluster of reports is more than chance explains, so none can come and go."
        return Finding("stability", title, words, None)
    shaky = sorted(
        (spot for spot in hot_spots if not spot.is_stable), key=lambda spot: spot.hot_spot_id
    )
    steady = len(hot_spots) - len(shaky)
    least = min(spot.stability for spot in hot_spots)
    words = (
        f"{steady} of {_counted(len(hot_spots), 'hot spot')} stay often enough when the reports "
        f"are drawn anew; the least steady stays in {_percent(least)} of the draws."
    )
    if shaky:
        named = "; ".join(f"{s.hot_spot_id} ({street_list(s.street_names)})" for s in shaky)
        words += f" Not steady, and no reason for police by itself: {named}."
    return Finding("stability", title, words, steady / len(hot_spots), bool(shaky))


def precision(known_share: float | None, unknown_share: float | None) -> Finding:
    """How well the times of the reports are known (D.8).

    Parameters
    ----------
    known_share : of the reports that count, whose time is known to within two hours; None without
        times.
    unknown_share : of the same, with a marker for an unknown time, such as a whole day.
    """
    title = "How well the times are known"
    if known_share is None:
        words = "The records have no times of day: they say where, not when."
        return Finding("precision", title, words, None)
    words = f"The time of {_percent(known_share)} of the reports is known to within two hours."
    if unknown_share:
        words += f" {_percent(unknown_share)} have no time at all, only a day."
    is_low = known_share < _HALF
    if is_low:
        words += " That is too little to say much about the time of day."
    return Finding("precision", title, words, known_share, is_low)


def day_rate_finding(
    school_day_factor: float | None,
    low: float | None,
    high: float | None,
    weekday_factors: tuple[float, ...],
) -> Finding:
    """Whether school days differ from other weekdays, and weekdays from each other.

    Parameters
    ----------
    school_day_factor : rate of reports in the window's clock hours on school days over the rate
        in the same hours on other weekdays; None where there is no other weekday to compare.
    low, high : ends of its 95 % interval, None likewise; ``high`` may be infinite.
    weekday_factors : Monday to Friday, each over the mean school day; empty without times.

    Returns
    -------
    The figure is the school-day factor.
    """
    title = "School days and other days"
    if not weekday_factors:
        words = "The records have no times of day, so these hours cannot be compared by day."
        return Finding("school_days", title, words, None)
    weekdays = _weekday_words(weekday_factors)
    if school_day_factor is None or low is None or high is None:
        words = f"There are no other weekdays to compare school days with. {weekdays}"
        return Finding("school_days", title, words, None)
    spread = f"{low:.1f} to {high:.1f}" if np.isfinite(high) else f"{low:.1f} or more"
    times = f"{school_day_factor:.1f}" if np.isfinite(school_day_factor) else "many"
    words = (
        f"In these hours a school day sees {times} times as many reports as another weekday "
        f"(95 % sure: {spread} times)."
    )
    if high < 1:
        words += " There are fewer on school days: the records speak against an after-school risk."
    elif low <= 1:
        words += " That may be chance: the records do not show that school days differ."
    factor = float(school_day_factor) if np.isfinite(school_day_factor) else None
    return Finding("school_days", title, f"{words} {weekdays}", factor, bool(low <= 1))


def concentration(window_share: float | None, hours_share: float) -> Finding:
    """Whether the hours after school see more than their share of a school day's reports.

    Parameters
    ----------
    window_share : of the reports from 07:00 to 23:00 on school days, in the window; None without
        such reports. hours_share : of those hours that are window, 0-1.

    Returns
    -------
    The figure is how many times its share of the hours the window holds.
    """
    title = "After school and the rest of the day"
    if window_share is None or hours_share <= 0:
        words = "No report has a time of day between 07:00 and 23:00 on a school day."
        return Finding("concentration", title, words, None)
    times = window_share / hours_share
    words = (
        f"{_percent(window_share)} of the reports from 07:00 to 23:00 on school days fall into the "
        f"after-school window, which is {_percent(hours_share)} of those hours."
    )
    is_low = times <= 1
    if is_low:
        words += " That is no more than its share: the records show no rise after school."
    return Finding("concentration", title, words, times, is_low)


def _weekday_words(factors: tuple[float, ...]) -> str:
    order = sorted(range(len(factors)), key=lambda i: (-round(factors[i], _DIGITS), i))
    most, least = order[0], order[-1]
    if factors[most] - factors[least] < _ALIKE:
        return "No weekday stands out."
    return (
        f"{_WEEKDAYS[most]} see most ({factors[most]:.1f} times a mean school day), "
        f"{_WEEKDAYS[least]} least ({factors[least]:.1f})."
    )


# --- words --------------------------------------------------------------------------------------


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _month(month: int) -> str:
    return f"{month % 12 + 1:02d}/{month // 12}"


def street_list(names: Sequence[str]) -> str:
    """Names once each, alphabetical, cut after a few; segments without a name are counted."""
    known = sorted(set(names) - {""})
    parts = known[:_NAMES_SHOWN]
    if len(known) > len(parts):
        parts.append(_counted(len(known) - len(parts), "more street"))
    unnamed = sum(name == "" for name in names)
    if unnamed:
        parts.append(_counted(unnamed, "unnamed street"))
    if not parts:
        return "unnamed streets"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
