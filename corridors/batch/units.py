"""What a worker does with one ward: read its piece, plan it, write its pages, tell how it ended."""

from __future__ import annotations

import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from corridors import __version__
from corridors.batch.outcome import (
    DONE,
    FAILED,
    NO_PATROL,
    Order,
    Outcome,
    failed,
    outcome_of_error,
)

if TYPE_CHECKING:
    from corridors.model import Plan

# A Dask worker may have several threads, and what plans are made with is not safe for two.
_ONE_AT_A_TIME: Final = threading.Lock()


def run_unit(order: Order) -> Outcome:
    """Plan one ward and write its pages. Whatever happens is its outcome; nothing is raised."""
    begun_s = time.monotonic()
    began = f"Began at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}."
    with _ONE_AT_A_TIME:
        made = _outcome(order)
    log = (began, *made.log, *_ended(made, time.monotonic() - begun_s))
    return Outcome(**{**vars(made), "log": log})


def _outcome(order: Order) -> Outcome:
    if order.version != __version__:
        return failed(
            order.ward, order.name,
            f"the worker has corridors {__version__}, the batch {order.version}. Give both the "
            "same",
        )  # fmt: skip
    try:
        return _planned(order)
    except Exception as error:
        return outcome_of_error(order.ward, order.name, error)


def _planned(order: Order) -> Outcome:
    from threadpoolctl import threadpool_limits

    from corridors import publish
    from corridors.batch.pieces import read_piece
    from corridors.batch.remits import keep_agreed
    from corridors.batch.state import written_file
    from corridors.pipeline import plan_piece

    root = Path(order.root)
    with threadpool_limits(1):
        piece = read_piece(Path(order.piece))
        plan = plan_piece(piece)
    keep_agreed(root, plan)
    paths = publish.write(plan, piece.area.profile, root, with_indexes=False)
    return Outcome(
        ward=order.ward,
        name=order.name,
        status=DONE if plan.patrols else NO_PATROL,
        reason=() if plan.patrols else _why_none(plan),
        corridors=len(plan.corridors),
        patrols=len(plan.patrols),
        staffed=sum(p.staffing.is_staffed for p in plan.patrols),
        warnings=len(plan.warnings),
        files=tuple(written_file(root, path) for path in paths),
        log=tuple(f"Note: {words}" for words in plan.warnings),
    )


def _why_none(plan: Plan) -> tuple[str, ...]:
    names = plan.inputs.schools["name"]
    said = tuple(f"{names[n.urn]} ({n.urn}): {n.reason}" for n in plan.no_patrol)
    return said or ("no school of this ward takes part",)


def _ended(made: Outcome, took_s: float) -> list[str]:
    how = {DONE: "done", NO_PATROL: "no patrol recommended", FAILED: "failed"}[made.status]
    lines = [f"Ended {how} after {took_s:.1f} s{_most_memory()}, exit code {made.exit_code}."]
    return [*(f"Why: {words}" for words in made.reason), *lines]


def _most_memory() -> str:
    """The most memory that this process has held; nothing where the system does not tell."""
    try:
        import resource
    except ImportError:
        return ""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return f", at most {most * unit / 1e6:.0f} MB"
