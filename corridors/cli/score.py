"""`corridors score`: somebody's own route beside the planned one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.audit import audited, reason_option
from corridors.cli.options import (
    day_of,
    day_option,
    json_option,
    made_on_option,
    out_option,
    ward_argument,
    week_option,
    workspace_argument,
)
from corridors.cli.progress import progress
from corridors.cli.route_words import (
    MEANING,
    corridor_words,
    metres,
    minutes,
    once_each,
    parts,
    place_data,
    place_words,
    street_data,
    street_name,
    style_data,
    tell,
    walked,
)
from corridors.errors import InputError

if TYPE_CHECKING:
    from corridors.patrols.explain import Broken, Kept, RouteScore
    from corridors.pipeline.edit import Place, ScoredRoute


@click.command()
@workspace_argument
@ward_argument
@click.argument("route_file", type=click.Path(path_type=Path))
@week_option
@made_on_option
@click.option("--team", required=True, type=click.IntRange(1), help="Whose route it is: 1, 2, …")
@click.option(
    "--session",
    "number",
    type=click.IntRange(1),
    help="The number after S in patrol ids; the team's first of the week if not given.",
)
@day_option
@click.option("--keep", is_flag=True, help="Plan the other teams anew round this route.")
@reason_option
@json_option
@out_option
def score(  # noqa: PLR0913  (one a parameter of the command)
    workspace: Path,
    ward: str,
    route_file: Path,
    *,
    week: str,
    made_on: datetime | None,
    team: int,
    number: int | None,
    day: datetime | None,
    keep: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """Put a route of your own beside the plan's: ROUTE_FILE, for one team of WARD on one day.

    ROUTE_FILE is GeoJSON, GPX, or a list of streets in order (.txt, .csv). Says which hard rules
    it breaks and what it covers. Writes nothing but a line of the audit log unless --out
    asks for it.
    """
    from corridors import sources
    from corridors.pipeline.edit import Ask, score_route
    from corridors.sources.routes import read_route

    if out is not None and out.resolve() == route_file.resolve():
        raise InputError("--out names the route file itself", file=str(out), fix="Name another")
    opened = sources.open_workspace(workspace)
    with audited(opened, "score") as audit, progress(quiet=as_json) as step:
        step("inputs", 0.0)
        sketch = read_route(route_file, file=str(route_file))
        inputs = sources.load_inputs(opened, ward, week, day_of(made_on))
        audit.note_read(inputs.sources)
        found = score_route(
            inputs,
            opened.profile,
            Ask(sketch, team, number, None if day is None else day.date(), keep),
            lambda stage, share: step(stage, 0.2 + 0.8 * share),
        )
    data = {"ward": inputs.ward.code, "week": inputs.week.label, **_data(found)}
    tell(data, _words(found), as_json=as_json, out=out)


# --- words --------------------------------------------------------------------------------------


def _words(found: ScoredRoute) -> list[str]:
    from corridors.publish.wording import STYLE_MEANING, style_words

    given, place = found.score, found.place
    lines = [
        f"{place_words(place)}, team {given.team}, {corridor_words(place, given.corridor_id)}.",
        *(f"Note: {note}." for note in found.notes),
        f"Your route as understood: {walked(given.streets)}.",
        *_filled(given),
        (
            f"It is {metres(given.length_m)} long: {minutes(given.walk_s)} of walking and "
            f"{minutes(given.dwell_s)} of standing, of {minutes(given.limit_s)}."
        ),
        *(f"{_rule_head(b)}: {_rule(b, place)}." for b in given.broken),
    ]
    lines.append(
        f"Your route: {style_words(given.style)}. The plan's: {style_words(given.planned_style)}. "
        f"{STYLE_MEANING}"
    )
    if all(map(_is_as_planned, given.broken)):
        lines.append(f"It keeps all {'other ' if given.broken else ''}hard rules.")
    total = given.total
    covers = f"Your route covers {parts(given.value, total)} of 1,000, "
    if given.together == given.value and given.planned_together == given.planned_value:
        lines.append(f"{covers}the plan's {parts(given.planned_value, total)}.")
    else:
        lines.append(
            f"{covers}the plan's {parts(given.planned_value, total)}; together with the other "
            f"teams {parts(given.together, total)} against {parts(given.planned_together, total)}."
        )
    if found.kept is not None:
        lines += _kept(found, found.kept)
    return [*lines, MEANING]


def _filled(given: RouteScore) -> list[str]:
    """What the route leaves open, and what was made of it."""
    where = {
        "start": "from the team's start",
        "between": "between two parts of your route",
        "end": "to the team's end",
    }
    lines = [
        f"Filled in by the shortest walk, {where[gap.where]}: {walked(streets)}."
        for gap, streets in given.gaps
    ]
    if given.unmatched_m >= 1:
        lines.append(
            f"{metres(given.unmatched_m)} of your line are not near any street and were left out."
        )
    return lines


def _is_as_planned(broken: Broken) -> bool:
    """Whether it is a bus stop's window that gave way in the plan: no rule is newly broken."""
    return broken.kind == "late" and broken.planned_too


def _rule_head(broken: Broken) -> str:
    return "As in the plan" if _is_as_planned(broken) else "Broken rule"


def _rule(broken: Broken, place: Place) -> str:
    """A broken rule in words."""
    too = "; so does the plan" if broken.planned_too else ""
    name = street_name(broken.place)
    away = f"{metres(broken.by)} from its {broken.kind}" if broken.kind in ("start", "end") else ""
    return {
        "too_long": f"it takes {minutes(broken.limit + broken.by)} where the team has "
        f"{minutes(broken.limit)}: {minutes(broken.by)} too long",
        "start": f"it begins {away}, which is at {name}",
        "end": f"it ends {away}, which is at {name}",
        "stand": f"it misses the stand point {name}",
        "late": f"it is not at the stand point {name} at the time for it, because otherwise a "
        "corridor's floor could not be covered"
        if broken.planned_too
        else f"whenever it sets off, it is not at the stand point {name} at the time for it",
        "apart": f"it is on the same street as {name} at the same time, for {broken.by:.0f} "
        f"seconds{too}",
        "site": f"it passes a school site: {name}, {metres(broken.by)}",
        "police_no_go": f"it passes {name}, where police should not go: {metres(broken.by)}",
        "no_go": f"it passes {name}, where teams should not go: {metres(broken.by)}",
        "floor": f"the teams together cover {broken.by:.0%} of "
        f"{corridor_words(place, broken.place)}, and its floor is {broken.limit:.0%}{too}",
    }.get(broken.kind, name)


def _kept(found: ScoredRoute, kept: Kept) -> list[str]:
    total = found.score.total
    lines = [
        (
            "With your route kept and the other teams planned anew: "
            f"{parts(kept.together, total)} of 1,000, against "
            f"{parts(kept.before, total)} with the others as they were and "
            f"{parts(found.score.planned_together, total)} in the plan."
        ),
        f"No plan round your route can cover more than {parts(kept.upper_bound, total)}.",
    ]
    lines += [
        f"Team {team} would walk {once_each(streets)}." for team, streets in found.kept_streets
    ]
    missed = [corridor_words(found.place, key) for key in kept.floor_missed]
    lines += [f"The floor of {words} is not met." for words in missed]
    if kept.stopped_by_clock:
        lines.append("The clock stopped the search: another run may differ.")
    return lines


# --- data ---------------------------------------------------------------------------------------


def _data(found: ScoredRoute) -> dict[str, Any]:
    """Values are in solver units: ``total`` is all there is on the corridors."""
    from corridors.publish.wording import clean

    given, kept = found.score, found.kept
    return {
        **place_data(found.place),
        "team": given.team,
        "corridor": given.corridor_id,
        "value": given.value,
        "planned_value": given.planned_value,
        "together": given.together,
        "planned_together": given.planned_together,
        "total": given.total,
        "walk_s": given.walk_s,
        "dwell_s": given.dwell_s,
        "limit_s": given.limit_s,
        "length_m": round(given.length_m, 1),
        "style": style_data(given.style),
        "planned_style": style_data(given.planned_style),
        "broken": [
            {
                "rule": b.kind,
                "place": clean(b.place),
                "by": round(b.by, 4),
                "limit": round(b.limit, 4),
                "planned_too": b.planned_too,
                "words": _rule(b, found.place),
            }
            for b in given.broken
        ],
        "streets": street_data(given.streets),
        "gaps": [
            {
                "where": gap.where,
                "length_m": round(gap.length_m, 1),
                "streets": street_data(streets),
            }
            for gap, streets in given.gaps
        ],
        "unmatched_m": round(given.unmatched_m, 1),
        "notes": list(found.notes),
        "kept": None if kept is None else _kept_data(found, kept),
        "lines": _lines(found),
    }


def _kept_data(found: ScoredRoute, kept: Kept) -> dict[str, Any]:
    return {
        "together": kept.together,
        "before": kept.before,
        "upper_bound": kept.upper_bound,
        "teams": {str(team): street_data(streets) for team, streets in found.kept_streets},
        "floor_missed": list(kept.floor_missed),
        "stopped_by_clock": kept.stopped_by_clock,
    }


def _lines(found: ScoredRoute) -> dict[str, Any]:
    """The walks as GeoJSON (EPSG:4326), the asked team's first."""
    import shapely

    from corridors.publish.lonlat import geometry

    features = [
        {
            "type": "Feature",
            "properties": {"team": team},
            "geometry": geometry(shapely.LineString(line_m)),
        }
        for team, line_m in found.lines_m
    ]
    return {"type": "FeatureCollection", "features": features}
