"""Writers: the only place where bytes leave.

``write`` makes two kinds of output by two paths. The working map, roster and plan file come from
the ``Plan`` and are OFFICIAL-SENSITIVE. The notice comes from a ``PublicPlan``, which holds no
weight, count or route, and is for everybody.
"""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from corridors import files
from corridors.errors import WardError
from corridors.labels import WARD, WEEK
from corridors.model import Plan, PublicPlan
from corridors.profile import Profile
from corridors.publish import calendars, route_files
from corridors.publish.briefing import briefing
from corridors.publish.cards import Card, make_cards
from corridors.publish.families.bundle import (
    NOTICE_FILE,
    YOUNG_PEOPLE_FILE,
    family_files,
    ready,
    unchecked,
)
from corridors.publish.families.changes import cancelled_schools, only_drops
from corridors.publish.families.data import read_notice_json
from corridors.publish.families.notice import Issue, read_issue, render_notice
from corridors.publish.folders import (
    BRIEFING_FILE,
    GEOJSON_FILE,
    GEOPACKAGE_FILE,
    INDEX_FILE,
    MAP_FILE,
    MESSAGES_FILE,
    PLAN_FILE,
    ROSTER_BOOK,
    ROSTER_FILE,
    SUMMARY_FILE,
)
from corridors.publish.geo_files import geo_layers, plan_geojson, plan_geopackage
from corridors.publish.indexes import write_indexes
from corridors.publish.plan_json import plan_json
from corridors.publish.plan_weeks import summary_json
from corridors.publish.public import Publication, cancellation, notice_states, publication
from corridors.publish.roster import roster_csv
from corridors.publish.roster_book import roster_book
from corridors.publish.wording import school_name
from corridors.publish.working_map import working_map

__all__ = ["opened_first", "write"]

_FOR_PEOPLE: Final = (
    MAP_FILE, BRIEFING_FILE, ROSTER_BOOK, MESSAGES_FILE, NOTICE_FILE, YOUNG_PEOPLE_FILE,
    INDEX_FILE,
)  # fmt: skip


def write(
    plan: Plan,
    profile: Profile,
    root: Path,
    *,
    issued_on: date | None = None,
    messages: str = "",
    with_indexes: bool = True,
) -> tuple[Path, ...]:
    """Write a ward's week: working files first, then the notice.

    Everything is made in memory and put on disk beside the old files before anything is
    replaced. Each of the two folders changes as a whole; the two are not one transaction, so a
    run that is killed between them leaves new working files beside the old notice.

    A notice that says the same as the one on disk stays as it was given out: same version, date
    and state, for it was given out in time. One that differs gets the next version and is checked
    for its lead time anew, unless it only leaves out what an earlier one told in time (E1). If
    nothing may be published any more, a cancellation takes the place of an earlier notice (E7).

    At last the two index pages are made anew from all folders, those of other wards too. If others
    hold them for too long, they stay as they are: the week is in place, and the next run, of
    whichever ward, lists it.

    Parameters
    ----------
    root : the workspace; files go to ``maps/working/<ward>/<week>`` and, if anything may be
        published or is to be cancelled, ``maps/public/<ward>/<week>`` under it.
    issued_on : the day a changed notice or calendar is given out; the day the plan was made if
        not told.
    messages : drafts for the schools. They go before those that stand there, which are kept.
    with_indexes : whether the index pages are made anew; a batch does so once, at its end.

    Returns
    -------
    The files written: working ones, public ones, and the indexes.

    Raises
    ------
    WardError
        If the ward code or week label is not one, and so may not name a folder.
    InputError
        If a link would lead the files out of the workspace, or another run is writing this ward
        and week.
    """
    place = _place(plan)
    working = files.folder_inside(root, "maps", "working", *place)
    public = files.folder_inside(root, "maps", "public", *place)
    lock = files.folder_inside(root, "maps") / f".{'-'.join(place)}.lock"
    with files.one_run(lock):
        files.recover(public)
        files.recover(working)
        made = publication(plan, profile.notice, profile.teams, issued_on=issued_on)
        wanted = made.plan or cancellation(plan, profile.notice, issued_on)
        known = {school_name(plan.inputs.schools, urn) for urn in plan.inputs.schools.index}
        notice = _notice(wanted, made.plan is not None, public, known)
        if made.plan is not None:
            made = replace(made, plan=notice)  # staff read what the notice says of itself
        told: dict[str, bytes] = {}
        if notice is not None:
            own = dict(plan.inputs.translations)
            languages, stopped = ready(notice, profile.notice.languages, own)
            made = replace(made, stopped=stopped, unchecked=unchecked(languages, notice))
            told = family_files(notice, languages)
        earlier = calendars.read_calendars(working / calendars.FOLDER)
        told_on = issued_on or plan.inputs.made_on
        cards = make_cards(plan, profile.teams, notice_states(plan, made))
        pages = {
            **_sensitive(plan, profile, cards, made),
            **_in(calendars.FOLDER, calendars.calendar_files(plan, cards, earlier, told_on)),
            **_drafts(working / MESSAGES_FILE, messages),
        }
        _put_both(working, pages, public, told)
    indexes: tuple[Path, ...] = ()
    if with_indexes:
        with suppress(files.StillLockedError):
            indexes = write_indexes(root)
    return (*(working / name for name in pages), *(public / name for name in told), *indexes)


def opened_first(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Of the files written, those that people open themselves; the others are for tools."""
    return tuple(path for path in paths if path.name in _FOR_PEOPLE)


def _place(plan: Plan) -> tuple[str, str]:
    code, label = plan.inputs.ward.code, plan.inputs.week.label
    if not WARD.fullmatch(code):
        raise WardError(
            "not a ward code, so it may not name a folder",
            column="ward code",
            value=code,
            fix="Ward codes are a letter E, W, S or N and eight digits",
        )
    if not WEEK.fullmatch(label):
        raise WardError(
            "not a week, so it may not name a folder",
            column="week",
            value=label,
            fix="Weeks look like 2026-W10",
        )
    return code, label


def _sensitive(
    plan: Plan, profile: Profile, cards: Sequence[Card], made: Publication
) -> dict[str, bytes]:
    data = plan_json(plan, profile)
    layers = geo_layers(plan, risk_reach_m=profile.hot_spots.reach_m)
    return {
        MAP_FILE: working_map(plan, profile, cards, made).encode("utf-8"),
        BRIEFING_FILE: briefing(plan, profile, made).encode("utf-8"),
        ROSTER_FILE: roster_csv(plan, cards),
        ROSTER_BOOK: roster_book(plan, cards),
        PLAN_FILE: data,
        SUMMARY_FILE: summary_json(data),
        GEOJSON_FILE: plan_geojson(plan, profile, layers),
        GEOPACKAGE_FILE: plan_geopackage(plan, profile, layers),
        **_in(route_files.FOLDER, route_files.route_files(plan)),
    }


def _in(folder: str, pages: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": data for name, data in pages.items()}


def _drafts(path: Path, messages: str) -> dict[str, bytes]:
    """The drafts for the schools, with older ones after them; nothing if there are none."""
    old = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    drafts = messages.encode("utf-8") + old
    return {MESSAGES_FILE: drafts} if drafts else {}


def _notice(
    wanted: PublicPlan, is_open: bool, folder: Path, known: Container[str]
) -> PublicPlan | None:
    """What the notice is to say, given the one that stands in ``folder``, if any.

    Parameters
    ----------
    wanted : the notice, or the cancellation that takes the place of one.
    is_open : whether anything may be published; where not, and nothing stands there, no notice.
    known : names of the schools that the plan knows.
    """
    path = folder / NOTICE_FILE
    if not path.is_file() or path.is_symlink():
        return wanted if is_open else None
    old = path.read_bytes()
    issue = read_issue(old)
    told = _told(folder, issue)
    if told is not None:
        wanted = replace(wanted, cancelled_schools=cancelled_schools(wanted, told, known))
    if issue is None:  # damaged, or by another hand: it was given out all the same
        return replace(wanted, notice_version=2)
    kept = replace(
        wanted,
        notice_version=issue.version,
        issued_on=issue.issued_on,
        is_unannounced=issue.is_unannounced,
    )
    if render_notice(kept).encode("utf-8") == old:
        return kept
    changed = replace(wanted, notice_version=issue.version + 1)
    if not issue.is_unannounced and told is not None and only_drops(changed, told):
        return replace(changed, is_unannounced=False)  # what stays was told in time
    return changed


def _told(folder: Path, issue: Issue | None) -> PublicPlan | None:
    """The earlier notice as data, unless it is of another issue than the page beside it."""
    told = read_notice_json(folder)
    if told is None or issue is None:
        return told
    same = Issue(told.notice_version, told.issued_on, told.is_unannounced) == issue
    return told if same else None


def _put_both(
    working: Path, sensitive: Mapping[str, bytes], public: Path, told: Mapping[str, bytes]
) -> None:
    staged: list[Path] = []
    try:
        staged.append(files.stage_folder(working, sensitive, is_private=True))
        if told:
            staged.append(files.stage_folder(public, told, is_private=False))
        files.put_in_place(staged[0], working)
        if told:
            files.put_in_place(staged[1], public)
        else:
            files.take_away(public)  # whatever stands there is no notice of ours
    except BaseException:
        for folder in staged:
            shutil.rmtree(folder, ignore_errors=True)
        raise
