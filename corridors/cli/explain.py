"""`corridors explain`: what each team covers, what is left out, and what more would bring."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
    day_name,
    minutes,
    once_each,
    parts,
    place_data,
    place_words,
    street_data,
    street_name,
    style_data,
    tell,
)

if TYPE_CHECKING:
    from corridors.patrols.explain import CorridorStory, TeamStory, WhatIf
    from corridors.pipeline.edit import ExplainedSession, OtherDay

_MOST_LEFT_OUT: Final = 5


@click.command()
@workspace_argument
@ward_argument
@week_option
@made_on_option
@day_option
@reason_option
@json_option
@out_option
def explain(
    workspace: Path,
    ward: str,
    week: str,
    made_on: datetime | None,
    day: datetime | None,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say in words what each team of WARD covers in WEEK, and what the plan leaves out.

    One day is told in full, the first unless --day names another; of the others, what they do
    otherwise. Also what one more team or 15 more minutes would cover: by a new search, and by a
    bound that no plan can beat. Writes nothing but a line of the audit log, unless --out asks
    for it.
    """
    from corridors import sources
    from corridors.pipeline.edit import explain_plan
    from corridors.publish.wording import STYLE_MEANING

    opened = sources.open_workspace(workspace)
    with audited(opened, "explain") as audit, progress(quiet=as_json) as step:
        step("inputs", 0.0)
        inputs = sources.load_inputs(opened, ward, week, day_of(made_on))
        audit.note_read(inputs.sources)
        told = explain_plan(
            inputs,
            opened.profile,
            lambda stage, share: step(stage, 0.2 + 0.8 * share),
            day=None if day is None else day.date(),
        )
    data = {
        "ward": inputs.ward.code,
        "week": inputs.week.label,
        "explained": [_data(session) for session in told],
    }
    lines = [line for session in told for line in _words(session)]
    tell(data, [*lines, STYLE_MEANING, MEANING], as_json=as_json, out=out)


# --- words --------------------------------------------------------------------------------------


def _words(told: ExplainedSession) -> list[str]:
    from corridors.patrols.explain import LONGER_MIN

    story, total = told.story, told.story.total
    left = {c.corridor_id: c for c in story.corridors}
    lines = [
        (
            f"{place_words(told.place)}: the teams cover {parts(story.value, total)} of 1,000. "
            "No plan with these teams and times can cover more than "
            f"{parts(story.upper_bound, total)}."
        ),
    ]
    for team in story.teams:
        lines += [_team(told, team), _left_out(told, left[team.corridor_id])]
        who = f"  With {LONGER_MIN} more minutes a round for this team alone"
        lines.append(_more(who, team.longer, team.alone, total, "it and no other team"))
    on = corridor_words(told.place, story.one_more_on)
    lines.append(_more(f"With one more team, on {on}", story.one_more, story.value, total))
    every = f"With {LONGER_MIN} more minutes a round for every team"
    return [
        *lines,
        _more(every, story.longer, story.value, total),
        *(_other_day(told, other) for other in told.others),
    ]


def _other_day(told: ExplainedSession, other: OtherDay) -> str:
    """A day that is not told in full: what it covers, and where it walks that this one does not."""
    total = told.story.total
    lines = (
        f"{place_words(other.place)}: the teams cover {parts(other.value, total)} of the "
        f"{parts(other.total, total)} there are that day, and at most "
        f"{parts(other.upper_bound, total)} can be covered."
    )
    fresh, left = once_each(other.fresh), once_each(other.left)
    if other.fresh or other.left:
        today = day_name(told.place)
        lines += f" More than on {today}: {fresh if other.fresh else 'nothing'}."
        return f"{lines} Less: {left if other.left else 'nothing'}."
    return f"{lines} The same streets, at other times."


def _team(told: ExplainedSession, team: TeamStory) -> str:
    from corridors.publish.wording import style_words

    total = told.story.total
    stands = [street_name(name) for name in team.stands]
    standing = f" It stands at {' and '.join(stands)}." if stands else ""
    rounds = f", {team.rounds} rounds" if team.rounds > 1 else ""
    alone = (
        f", {parts(team.alone, total)} of them on streets where no other team walks"
        if len(told.story.teams) > 1
        else ""
    )
    return (
        f"Team {team.team}, {corridor_words(told.place, team.corridor_id)}: walks "
        f"{once_each(team.streets)}.{standing} A round takes "
        f"{minutes(team.walk_s + team.dwell_s)} of {minutes(team.limit_s)}{rounds}. It covers "
        f"{parts(team.value, total)} of 1,000{alone}. On the way: {style_words(team.style)}."
    )


def _left_out(told: ExplainedSession, corridor: CorridorStory) -> str:
    missing = corridor.total - corridor.value
    if not missing:
        return f"  Nothing of value is left out on corridor {corridor.corridor_id}."
    total = told.story.total
    shown = corridor.left_out[:_MOST_LEFT_OUT]
    named = ", ".join(f"{street_name(s.name)} ({parts(s.value, total)})" for s in shown)
    more = len(corridor.left_out) - len(shown)
    rest = f" and {more} more streets" if more > 1 else " and one more street" if more else ""
    return (
        f"  Left out on corridor {corridor.corridor_id} by all teams together: "
        f"{parts(missing, total)} of its {parts(corridor.total, total)}. Most of it: {named}{rest}."
    )


def _more(lead: str, what: WhatIf, now: int, total: int, who: str = "") -> str:
    """What more would cover, and how that is known."""
    covers = f"{who} would cover" if who else "the teams would cover"
    most = f"{parts(what.upper_bound, total)} (bound)"
    if what.upper_bound <= now:
        return f"{lead}: nothing more can be covered (bound)."
    if what.value is None:
        return (
            f"{lead}: at most {most}, against {parts(now, total)} now. "
            "A new search would have taken too long."
        )
    if what.value <= now:
        return (
            f"{lead}: a new search found nothing better than the {parts(now, total)} of now; "
            f"at most {most}."
        )
    gain = parts(what.value - now, total)
    return (
        f"{lead}: {covers} {parts(what.value, total)} (a new search), {gain} more than now; "
        f"at most {most}."
    )


# --- data ---------------------------------------------------------------------------------------


def _data(told: ExplainedSession) -> dict[str, Any]:
    """Values are in solver units: ``total`` is all there is on the corridors."""
    story = told.story
    return {
        **place_data(told.place),
        "value": story.value,
        "upper_bound": story.upper_bound,
        "total": story.total,
        "teams": [_team_data(team) for team in story.teams],
        "corridors": [
            {
                "corridor": c.corridor_id,
                "value": c.value,
                "total": c.total,
                "left_out": street_data(c.left_out),
            }
            for c in story.corridors
        ],
        "one_more_team": {"corridor": story.one_more_on, **_what(story.one_more, story.value)},
        "fifteen_more_minutes": _what(story.longer, story.value),
        "other_days": [
            {
                **place_data(other.place),
                "value": other.value,
                "upper_bound": other.upper_bound,
                "total": other.total,
                "more": street_data(other.fresh),
                "less": street_data(other.left),
            }
            for other in told.others
        ],
    }


def _team_data(team: TeamStory) -> dict[str, Any]:
    return {
        "team": team.team,
        "corridor": team.corridor_id,
        "streets": street_data(team.streets),
        "stands": [street_name(name) for name in team.stands],
        "value": team.value,
        "value_alone": team.alone,
        "walk_s": team.walk_s,
        "dwell_s": team.dwell_s,
        "limit_s": team.limit_s,
        "rounds": team.rounds,
        "style": style_data(team.style),
        "fifteen_more_minutes": _what(team.longer, team.alone),
    }


def _what(what: WhatIf, now: int) -> dict[str, Any]:
    return {"now": now, "by_search": what.value, "by_bound": what.upper_bound}
