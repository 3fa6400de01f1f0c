"""Writers: the only place where bytes leave.

``write`` makes two kinds of output by two paths. The working map, roster and plan file come from
the ``Plan`` and are OFFICIAL-SENSITIVE. The notice comes from a ``PublicPlan``, which holds no
weight, count or route, and is for everybody.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from corridors.errors import WardError
from corridors.model import Plan
from corridors.profile import Profile
from corridors.publish import files
from corridors.publish.cards import make_cards
from corridors.publish.notice import render_notice
from corridors.publish.plan_json import plan_json
from corridors.publish.public import notice_states, publication
from corridors.publish.roster import roster_csv
from corridors.publish.working_map import working_map

__all__ = ["write"]

MAP_FILE: Final = "map_OS.html"
ROSTER_FILE: Final = "roster_OS.csv"
PLAN_FILE: Final = "plan_OS.json"
NOTICE_FILE: Final = "notice.html"

_WARD: Final = re.compile(r"[EWSN][0-9]{8}")
_WEEK: Final = re.compile(r"[0-9]{4}-W[0-9]{2}")
_VERSION: Final = re.compile(r"<p>Version ([0-9]{1,6}) of this notice")


def write(plan: Plan, profile: Profile, root: Path) -> tuple[Path, ...]:
    """Write a ward's week, all of it or nothing.

    Everything is made in memory, then put on disk beside the old files, and only then put in
    their place. If nothing may be published, an older notice of the same week is removed, because
    it would be untrue. A notice that differs from the one on disk gets the next version (E7).

    Parameters
    ----------
    root : the workspace; files go to ``maps/working/<ward>/<week>`` and, if anything may be
        published, ``maps/public/<ward>/<week>`` under it.

    Returns
    -------
    The files written, working ones first.

    Raises
    ------
    WardError
        If the ward code or week label is not one, and so may not name a folder.
    InputError
        If a link would lead the files out of the workspace.
    """
    place = _place(plan)
    working = files.folder_inside(root, "maps", "working", *place)
    public = files.folder_inside(root, "maps", "public", *place)
    notice = _notice(plan, profile, public / NOTICE_FILE)
    sensitive = _sensitive(plan, profile)

    staged_working = files.stage_folder(working, sensitive, is_private=True)
    try:
        if notice is None:
            files.take_away(public)
        else:
            page = {NOTICE_FILE: notice}
            _put(files.stage_folder(public, page, is_private=False), public)
        _put(staged_working, working)
    except BaseException:
        shutil.rmtree(staged_working, ignore_errors=True)
        raise
    written = [working / name for name in (MAP_FILE, ROSTER_FILE, PLAN_FILE)]
    return tuple(written if notice is None else [*written, public / NOTICE_FILE])


def _place(plan: Plan) -> tuple[str, str]:
    code, label = plan.inputs.ward.code, plan.inputs.week.label
    if not _WARD.fullmatch(code):
        raise WardError(
            "not a ward code, so it may not name a folder",
            column="ward code",
            value=code,
            fix="Ward codes are a letter E, W, S or N and eight digits",
        )
    if not _WEEK.fullmatch(label):
        raise WardError(
            "not a week, so it may not name a folder",
            column="week",
            value=label,
            fix="Weeks look like 2026-W10",
        )
    return code, label


def _sensitive(plan: Plan, profile: Profile) -> dict[str, bytes]:
    made = publication(plan, profile.notice, profile.teams)
    cards = make_cards(plan, profile.teams, notice_states(plan, made))
    return {
        MAP_FILE: working_map(plan, profile, cards, made).encode("utf-8"),
        ROSTER_FILE: roster_csv(plan, cards),
        PLAN_FILE: plan_json(plan, profile),
    }


def _notice(plan: Plan, profile: Profile, earlier: Path) -> bytes | None:
    """The notice's bytes; the version on disk stays if nothing else has changed."""
    old = earlier.read_bytes() if earlier.is_file() and not earlier.is_symlink() else b""
    found = _VERSION.search(old.decode("utf-8", "replace"))
    version = int(found.group(1)) if found else 0
    for number in ([version] if version else []) + [version + 1]:
        made = publication(plan, profile.notice, profile.teams, notice_version=number).plan
        if made is None:
            return None
        page = render_notice(made).encode("utf-8")
        if page == old or number > version:
            return page
    return None


def _put(staged: Path, target: Path) -> None:
    try:
        files.put_in_place(staged, target)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
