"""The routing problems of Camden's wards, from the pipeline, where the real data is."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from corridors import sources
from corridors.patrols.problem import PatrolProblem
from corridors.patrols.session import make_case
from corridors.pipeline.danger import find_danger
from corridors.pipeline.ground import find_ground
from corridors.pipeline.piece import find_piece
from corridors.pipeline.routes import route_all

ROOT: Final = Path(__file__).resolve().parent.parent
WARDS: Final = tuple(f"E05000{number}" for number in range(128, 146))
TEAMS: Final = 4
ROUND_MIN: Final = 90


def camden_folder() -> Path | None:
    """Where Camden's real data is, or None if it is not."""
    real = Path(os.environ.get("CORRIDORS_REALDATA", ROOT.parent / "shared" / "realdata"))
    return (real / "camden").resolve() if (real / "camden").is_dir() else None


def ward_problem(data: Path, ward: str) -> PatrolProblem | None:
    """The ward's first session with four teams of 90 minutes; None if it has no corridor.

    The corridors with most evidence have a team each; if they are fewer, they share the rest.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from support_camden import MADE_ON, WEEK, write_camden

    with tempfile.TemporaryDirectory() as folder:
        opened = sources.open_workspace(write_camden(Path(folder), data))
        inputs = sources.load_inputs(opened, ward, WEEK, date.fromisoformat(MADE_ON))
    quick = replace(opened.profile.patrols, max_teams=TEAMS, iterations=1)
    profile = replace(opened.profile, patrols=quick)
    ground = find_ground(find_piece(inputs, profile))
    routed = route_all(ground, find_danger(ground), _quiet)
    task = next((r.task for r in routed if r.task is not None), None)
    if task is None:
        return None
    keys = [corridor.corridor_id for corridor in task.corridors]
    task = replace(task, window_s=ROUND_MIN * 60)
    teams = [keys[number % len(keys)] for number in range(TEAMS)]
    return make_case(task, teams, replace(quick, round_min=ROUND_MIN)).problem


def _quiet(_stage: str, _share: float) -> None:
    """Nobody watches."""
