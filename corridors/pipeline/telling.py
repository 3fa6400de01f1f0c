"""What a plan has to say about itself: warnings, and every number it was made with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from corridors.model import Coverage, Patrol, Route
from corridors.pipeline.danger import Danger
from corridors.pipeline.ground import Ground
from corridors.pipeline.routes import Routed
from corridors.profile import Profile
from corridors.risk.evidence import PLACE_ONLY

_ONE_PLACE_SHARE = 0.5  # more of a corridor's evidence at one position than this is told


def warnings_of(
    ground: Ground, danger: Danger, routed: tuple[Routed, ...], patrols: tuple[Patrol, ...]
) -> tuple[str, ...]:
    """What the reader of the plan has to know before relying on it."""
    return (*_warnings(ground, danger, routed), *_unsupported(danger, patrols))


def parameters(profile: Profile) -> tuple[tuple[str, str], ...]:
    """Every value of the profile with its path."""
    return tuple(_flatten("", profile))


def _warnings(ground: Ground, danger: Danger, routed: tuple[Routed, ...]) -> tuple[str, ...]:
    found: list[str] = []
    placed = danger.placed
    if not placed.has_times:
        found.append(f"{PLACE_ONLY}. Nothing here says what happens after school.")
    assumed = [f"{f.urn}: {f.roll:g}" for f in ground.area.flows if f.roll_is_assumed]
    if assumed:
        found.append(
            f"The register gives no number of pupils; assumed by URN: {', '.join(assumed)}."
        )
    if ground.area.home_source == "street length":
        found.append("No addresses or child population: homes are spread evenly along streets.")
    for corridor in danger.corridors:
        share = corridor.evidence.one_place_share
        if corridor.evidence.has_times and share > _ONE_PLACE_SHARE:
            found.append(
                f"Corridor {corridor.corridor_id}: {share:.0%} of its evidence is recorded at one "
                "position. Check that it is no station desk before you rely on it."
            )
    closed = [r for r in routed if r.coverage is not None and r.coverage.stopped_by_clock]
    if closed:
        found.append("The clock stopped the route search: another run may differ.")
    for r in routed:
        found += r.notes
        if r.coverage is None:
            continue
        for key in r.coverage.floor_missed:
            floor = f"{ground.profile.patrols.floor_share:.0%}"
            found.append(f"Corridor {key}: the floor of {floor} is {_proof(r.coverage, key)}.")
        found += _not_apart(r.coverage)
        found += _off_window(r.routes)
    return tuple(dict.fromkeys(found))


def _off_window(routes: tuple[Route, ...]) -> list[str]:
    """Teams that stand at a bus stop before or after its minutes."""
    return [
        f"Team {route.team} stands at a bus stop outside its minutes after the bell, because "
        f"otherwise {_floors_of(off.corridor_ids, 'the floor', 'the floors')} could not be "
        "covered. Its card says when."
        for route in routes
        for off in route.off_window
    ]


def _floors_of(keys: tuple[str, ...], one: str, several: str) -> str:
    """The floors of one corridor, or of several."""
    *first, last = keys
    return (
        f"{several} of corridors {', '.join(first)} and {last}"
        if first
        else f"{one} of corridor {last}"
    )


def _proof(coverage: Coverage, key: str) -> str:
    """What is known of a floor that is missed."""
    if key in coverage.floor_impossible:
        return "proven impossible for these teams"
    for clash in coverage.floor_clashes:
        if key in clash:
            others = _floors_of(tuple(other for other in clash if other != key), "that", "those")
            return f"proven impossible for these teams together with {others}"
    return "not met by these teams"


def _not_apart(coverage: Coverage) -> list[str]:
    """Pairs of teams for which the rule of one team a street could not be kept."""
    return [
        f"Teams {one} and {other} could not be kept apart: for {seconds} seconds of the window "
        "they are on the same street. Give them other starts, or plan fewer teams."
        for one, other, seconds in coverage.together
    ]


def _unsupported(danger: Danger, patrols: tuple[Patrol, ...]) -> tuple[str, ...]:
    """Police on the street although no source says when anything happened."""
    police = sum(patrol.staffing.police_minutes > 0 for patrol in patrols)
    if danger.placed.has_times or not police:
        return ()
    warning = (
        f"{police} patrols have police because a person confirmed their aim. Without times of day "
        "the evidence cannot ask for police after school."
    )
    return (warning,)


def _flatten(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Every number and word of the profile with its path."""
    if is_dataclass(value):
        for field in fields(value):
            inner = f"{path}.{field.name}" if path else field.name
            yield from _flatten(inner, getattr(value, field.name))
    elif isinstance(value, tuple) and any(is_dataclass(v) for v in value):
        for i, item in enumerate(value):
            yield from _flatten(f"{path}[{i}]", item)
    else:
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield path, shown
