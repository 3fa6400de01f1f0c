"""The streets of a programme, of its rings and of what it is compared with, fixed once (D.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.evaluation.matching import BLOCKS, Streets, match, most_alike
from corridors.model import AREA_PARTS, AreaCheck, AreaInputs, FixedAreas, Network, Ward
from corridors.network.cut import midpoints_inside
from corridors.network.rings import on_lines, on_streets, stretches, walk_from
from corridors.pipeline.area import Area, find_area
from corridors.pipeline.outcome import blocks_of, find_outcome, last_day, require_records
from corridors.pipeline.progress import Progress
from corridors.pipeline.reports import snapped
from corridors.profile import Profile
from corridors.programme import Programme, ProgrammeArea
from corridors.tables import Segments


@dataclass(frozen=True)
class Asked:
    """A programme with what its file names: lines by ``ProgrammeArea.lines_key``, wards by code."""

    programme: Programme
    sha256: str
    lines: Mapping[str, shapely.MultiLineString]
    wards: Mapping[str, Ward]


def fix_areas(
    inputs: AreaInputs, asked: Asked, profile: Profile, fixed_on: date, progress: Progress
) -> FixedAreas:
    """Give every street of the study area its part.

    A programme's own streets first; then those within ``near_m`` and ``far_m`` of them, walking;
    then for each area a connected stretch as long as its own and as like as can be found in the
    time before, with its own near ring; all others are "other".

    Parameters
    ----------
    inputs : the whole study area, EPSG:27700.
    fixed_on : the day on which they are fixed.

    Raises
    ------
    InputError
        If records begin later than the time before the start, an area has no street here, two
        areas share one, or a control chosen by hand has less than half or more than twice the
        area's own count before the start.
    """
    require_records(asked.programme, inputs.incidents)
    area = find_area(inputs, profile, progress)
    ground = _ground(area, asked)
    treated = [_treated(ground, a) for a in asked.programme.areas]
    _require_apart(asked.programme, treated)
    progress("rings", 0.4)
    part, unit = _rings(ground, treated, profile)
    checks: dict[int, AreaCheck] = {}
    for at in _by_hand_first(asked.programme):
        checks[at] = _add_control(ground, asked.programme.areas[at], at, part, unit)
        progress("controls", 0.4 + 0.6 * len(checks) / len(asked.programme.areas))
    table = area.network.segments
    return FixedAreas(
        programme=asked.programme.key,
        programme_sha256=asked.sha256,
        fixed_on=fixed_on,
        units=tuple(a.key for a in asked.programme.areas),
        part=part,
        unit=unit,
        names=tuple(map(str, table[Segments.name])),
        lines=shapely.transform(table.geometry.to_numpy(), lambda xy: np.round(xy, 2)),
        checks=tuple(checks[at] for at in sorted(checks)),
        settings=settings_of(profile),
    )


def settings_of(profile: Profile) -> tuple[tuple[str, str], ...]:
    """What else decides a result, name and value as text: fixed with the areas, as they are."""
    window, own = profile.window, profile.evaluation
    values = {
        "evaluation.claim_share": own.claim_share,
        "evaluation.far_m": own.far_m,
        "evaluation.near_m": own.near_m,
        "risk.snap_reach_m": profile.risk.snap_reach_m,
        "window.default_finish": window.default_finish,
        "window.lead_min": window.lead_min,
        "window.length_min": window.length_min,
    }
    return tuple(
        (name, value if isinstance(value, str) else f"{value:.12g}")
        for name, value in sorted(values.items())
    )


@dataclass(frozen=True)
class _Ground:
    area: Area
    asked: Asked
    length_m: FloatArray  # (n)
    flow: FloatArray  # (n) pupils who walk by
    class_code: IntArray  # (n) of its class of street
    classes: int

    @property
    def network(self) -> Network:
        return self.area.network


def _ground(area: Area, asked: Asked) -> _Ground:
    table = area.network.segments
    names, codes = np.unique(table[Segments.highway].to_numpy(dtype="U"), return_inverse=True)
    flow = np.zeros(len(table))
    for school in area.flows:
        flow += school.walkers
    return _Ground(area, asked, area.length_m, flow, codes.astype(np.int64), len(names))


def _treated(ground: _Ground, own: ProgrammeArea) -> BoolArray:
    found = _named(ground, own.streets, own.ward, own.lines_key)
    if not found.any():
        raise InputError(
            f"area {own.key} has no street in the study area",
            value=", ".join(own.streets) or own.lines,
            fix="Write streets as the map has them, or check where the lines lie",
        )
    return found


def _named(ground: _Ground, streets: tuple[str, ...], ward: str, lines_key: str) -> BoolArray:
    if lines_key:
        return on_lines(ground.network, ground.asked.lines[lines_key])
    place = ground.asked.wards[ward]
    within = midpoints_inside(ground.network.segments.geometry, place.boundary)
    return on_streets(ground.network, streets, within)


def _require_apart(programme: Programme, treated: list[BoolArray]) -> None:
    seen = np.zeros_like(treated[0])
    for own, mine in zip(programme.areas, treated, strict=True):
        if (seen & mine).any():
            raise InputError(
                f"area {own.key} shares streets with an area before it",
                fix="Let each street be in one area only",
            )
        seen = seen | mine


def _rings(
    ground: _Ground, treated: list[BoolArray], profile: Profile
) -> tuple[IntArray, IntArray]:
    """(n) parts and units of the areas and of what lies near; a street is its nearest area's."""
    far_m = np.array([walk_from(ground.network, mine) for mine in treated])
    nearest = far_m.argmin(axis=0)
    least_m = far_m.min(axis=0)
    limits = profile.evaluation
    part = np.full(len(least_m), AREA_PARTS.index("other"), dtype=np.int64)
    part[least_m <= limits.far_m] = AREA_PARTS.index("far")
    part[least_m <= limits.near_m] = AREA_PARTS.index("near")
    part[np.any(treated, axis=0)] = AREA_PARTS.index("treated")
    unit = np.where(part == AREA_PARTS.index("other"), -1, nearest).astype(np.int64)
    return part, unit


def _by_hand_first(programme: Programme) -> list[int]:
    """Areas in the order of their controls: the tool takes no street that a person has chosen."""
    areas = programme.areas
    return sorted(range(len(areas)), key=lambda at: (not areas[at].has_control_by_hand, at))


def _add_control(
    ground: _Ground, own: ProgrammeArea, at: int, part: IntArray, unit: IntArray
) -> AreaCheck:
    """Choose an area's control and put it and its near ring into ``part`` and ``unit``."""
    counts = _counts(ground, own)
    is_mine = (part == AREA_PARTS.index("treated")) & (unit == at)
    mine = _streets(ground, counts, np.flatnonzero(is_mine))
    other = AREA_PARTS.index("other")
    near_m = ground.area.profile.evaluation.near_m
    if own.has_control_by_hand:
        chosen = _named(
            ground, own.control_streets, own.control_ward or own.ward, own.control_lines
        )
        _require_fit(own, chosen, part)
    else:
        taken = (part == AREA_PARTS.index("control")) | (part == AREA_PARTS.index("near_control"))
        free = part == other
        if taken.any():  # so that no control's ring runs into another's
            free &= walk_from(ground.network, part == AREA_PARTS.index("control")) > 2 * near_m
        chosen = _most_alike(ground, counts, mine, free)
    ids = np.flatnonzero(chosen)
    found = match(mine, _streets(ground, counts, ids)) if len(ids) else None
    if found is None or found.is_refused:
        words = "no streets are like enough to be compared with" if found is None else found.words
        if own.has_control_by_hand:
            raise InputError(
                f"the control of area {own.key} cannot be used: {words}",
                fix="Choose streets with a like count, or take the control out and let the tool "
                "choose",
            )
        return _check(ground, own, at, part, unit, (False, False, words))
    ring = (walk_from(ground.network, chosen) <= near_m) & (part == other)
    part[ring], unit[ring] = AREA_PARTS.index("near_control"), at
    part[chosen], unit[chosen] = AREA_PARTS.index("control"), at
    return _check(ground, own, at, part, unit, (True, found.is_comparable, found.words))


def _require_fit(own: ProgrammeArea, chosen: BoolArray, part: IntArray) -> None:
    """A control by hand lies on the map, and outside the far ring of every area."""
    if not chosen.any():
        raise InputError(
            f"the control of area {own.key} has no street in the study area",
            value=", ".join(own.control_streets) or own.control_lines,
        )
    if (part[chosen] != AREA_PARTS.index("other")).any():
        raise InputError(
            f"the control of area {own.key} reaches into the far ring of an area, or into another "
            "control",
            fix="Choose streets farther away: patrols may be felt there",
        )


def _counts(ground: _Ground, own: ProgrammeArea) -> IntArray:
    """(n segments, blocks) the outcome before the start."""
    inputs, profile = ground.area.inputs, ground.area.profile
    programme = ground.asked.programme
    outcome = find_outcome(
        programme, own, inputs.incidents, inputs.calendar, profile.window, programme.ends_on
    )
    until = min(programme.before_to, last_day(inputs.incidents))
    block = blocks_of(outcome, programme, BLOCKS, until)
    segment = snapped(ground.network, inputs.incidents, profile)[Segments.index].to_numpy()
    kept = (block >= 0) & (segment >= 0)
    out = np.zeros((len(ground.flow), BLOCKS), dtype=np.int64)
    np.add.at(out, (segment[kept], block[kept]), 1)
    return out


def _streets(ground: _Ground, counts: IntArray, ids: IntArray) -> Streets:
    length_m = ground.length_m[ids]
    total_m = float(length_m.sum())
    by_class = np.bincount(ground.class_code[ids], weights=length_m, minlength=ground.classes)
    return Streets(
        counts=tuple(counts[ids].sum(axis=0).tolist()),
        length_m=total_m,
        class_share=tuple((by_class / total_m).tolist()),
        flow=float((ground.flow[ids] * length_m).sum()) / total_m,
    )


def _most_alike(ground: _Ground, counts: IntArray, mine: Streets, free: BoolArray) -> BoolArray:
    """(n) the free stretch that is most like an area's own streets; none if all are refused."""
    found = tuple(stretches(ground.network, free, mine.length_m))
    best = most_alike(mine, [_streets(ground, counts, each.segment_ids) for each in found])
    chosen = np.zeros(len(free), dtype=np.bool_)
    if best is not None:
        chosen[found[best].segment_ids] = True
    return chosen


def _check(
    ground: _Ground,
    own: ProgrammeArea,
    at: int,
    part: IntArray,
    unit: IntArray,
    found: tuple[bool, bool, str],
) -> AreaCheck:
    metres = tuple(
        (name, round(float(ground.length_m[(part == code) & (unit == at)].sum()), 1))
        for code, name in enumerate(AREA_PARTS[:-1])
    )
    return AreaCheck(own.key, metres, *found)
