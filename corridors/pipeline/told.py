"""What a plan owes to people who were told of an earlier one."""

from __future__ import annotations

from dataclasses import replace

from corridors.model import Plan
from corridors.remit import TOLD, roster_hash, roster_of
from corridors.teams.wishes import CHANGES


def settled(plan: Plan) -> Plan:
    """The plan without a word of the told roster where it repeats that roster.

    A told roster is an input and is recorded by its hash. Where nothing of it changed, the hash is
    the plan's own (``roster_sha256``), and leaving out the record, and the wish for few changes,
    lets a run that changes nothing write the same bytes as the run before it.
    """
    told = plan.inputs.this_roster
    if told is None or roster_hash(told) != roster_hash(roster_of(plan)):
        return plan
    kept = tuple(s for s in plan.inputs.sources if s.kind != TOLD)
    wishes = tuple(w for w in plan.roster.wishes if w.name != CHANGES)
    return replace(
        plan,
        inputs=replace(plan.inputs, sources=kept),
        roster=replace(plan.roster, wishes=wishes),
    )
