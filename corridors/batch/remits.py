"""What the hashes of approvals stand for, kept so that a part of a remit can stay agreed (C8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridors.model import PatrolRemit, Plan


def keep_remits(root: Path, remits: Mapping[str, Sequence[PatrolRemit]]) -> None:
    """Add to the log of remits those that it does not hold; ``remits`` is by their hash."""
    from corridors.publish.logs import append_lines
    from corridors.remit import as_data
    from corridors.sources.rosters import REMITS, read_remits

    new = {remit: remits[remit] for remit in sorted(set(remits) - set(dict(read_remits(root))))}
    if new:
        append_lines(
            root,
            REMITS,
            ({"remit": r, "patrols": [as_data(p) for p in patrols]} for r, patrols in new.items()),
        )


def keep_agreed(root: Path, plan: Plan) -> None:
    """Keep what the week's approvals are about, before the plan that says it is written over.

    The approvals may have come without their log. Then a cancelled day would take the schools'
    agreement to all other days with it.
    """
    from corridors.remit import remit_of, remits_of
    from corridors.teams.agreement import entries_of

    inputs = plan.inputs
    entries = entries_of(inputs.approvals, inputs.ward.code, inputs.week.label)
    known = dict(inputs.remits) | {remit_of(p): p for p in remits_of(plan).values()}
    keep_remits(root, {e.remit: known[e.remit] for e in entries if e.remit in known})
