"""Approvals for tests: every school agreed to just what a plan has for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from corridors.chain import chain_of
from corridors.model import Plan
from corridors.remit import remit_of, remits_of
from corridors.tables import DATE, Approvals
from corridors.teams.agreement import FORWARD, Entry

ON = date(2026, 2, 3)


def approvals_for(plan: Plan, state: str = "agreed", on: date = ON) -> pd.DataFrame:
    """tables.Approvals with every state up to ``state`` for each school of the plan."""
    states = FORWARD[: FORWARD.index(state) + 1]
    return approvals_of(
        Entry(
            plan.inputs.ward.code, plan.inputs.week.label, urn, done, remit_of(patrols),
            "Deputy head", "School", on,
        )
        for urn, patrols in remits_of(plan).items()
        for done in states
    )  # fmt: skip


def agreed(plan: Plan, state: str = "agreed") -> Plan:
    """The plan with every school's agreement to just its patrols, and what that is about."""
    known = tuple((remit_of(patrols), patrols) for patrols in remits_of(plan).values())
    inputs = replace(plan.inputs, approvals=approvals_for(plan, state), remits=known)
    return replace(plan, inputs=inputs)


def approvals_of(entries) -> pd.DataFrame:
    """tables.Approvals with these rows, chained."""
    rows, previous = [], ""
    for entry in entries:
        previous = chain_of(previous, entry.cells)
        rows.append((*entry.cells[:-1], pd.Timestamp(entry.on), previous))
    columns = list(Approvals.columns())
    made = {
        name: pd.Series([row[at] for row in rows], dtype=DATE if name == Approvals.on else "str")
        for at, name in enumerate(columns)
    }
    frame = pd.DataFrame(made)
    frame.index.name = Approvals.index
    return Approvals.validate(frame)
