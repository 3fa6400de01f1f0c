"""What a plan owes to people who were told of an earlier one."""

from __future__ import annotations

from dataclasses import replace

from corridors.model import Plan
from corridors.remit import TOLD, roster_hash, roster_of


def settled(plan: Plan) -> Plan:
    """The plan without the told roster among its sources where it repeats that roster.

    A told roster is an input and is recorded by its hash. Where nothing of it changed, the hash is
    the plan's own (``roster_sha256``), and leaving the record out lets a run that changes nothing
    write the same bytes as the run before it.
    """
    told = plan.inputs.this_roster
    if told is None or roster_hash(told) != roster_hash(roster_of(plan)):
        return plan
    kept = tuple(s for s in plan.inputs.sources if s.kind != TOLD)
    return replace(plan, inputs=replace(plan.inputs, sources=kept))
