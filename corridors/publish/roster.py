"""The week's roster as CSV for a sergeant's spreadsheet. OFFICIAL-SENSITIVE."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from corridors.model import Patrol, Plan
from corridors.publish.cards import MARKING, Card, corridor_of, in_order
from corridors.publish.cells import safe_cell
from corridors.publish.wording import clean_name
from corridors.tables import Agreements

COLUMNS: Final = (
    "marking", "date", "day", "start", "end", "patrol", "team", "corridor", "start_street",
    "schools", "school_contact", "aim", "aim_state", "police_level", "name", "role",
    "organisation", "stand_points", "protocol", "public_notice", "notes",
)  # fmt: skip


def roster_csv(plan: Plan, cards: Sequence[Card]) -> bytes:
    """One row for each person on each patrol, and one for a patrol that nobody walks.

    Returns
    -------
    UTF-8 with a byte order mark, lines ending in CR LF, every cell quoted.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for _, row in roster_rows(plan, cards):
        writer.writerow([safe_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def roster_rows(plan: Plan, cards: Sequence[Card]) -> Iterator[tuple[Patrol, tuple[str, ...]]]:
    """Each row's patrol, and its cells in the order of ``COLUMNS``; not yet ``safe_cell``."""
    for patrol, card in zip(in_order(plan.patrols), cards, strict=True):
        for row in _rows(card, _contact(plan, card)):
            yield patrol, row


def _rows(card: Card, contact: str) -> list[tuple[str, ...]]:
    head = (
        MARKING, card.date, card.day, card.start, card.end, card.patrol_id, str(card.team),
        card.corridor_id, card.start_street, card.schools, contact, card.aim, card.aim_state,
        card.police,
    )  # fmt: skip
    tail = (card.stands, card.protocol, card.notice)
    notes = " ".join((*card.conditions, *card.warnings))
    if not card.people:
        return [(*head, "", "not staffed", "", *tail, f"{card.reason} {notes}".strip())]
    return [(*head, p.name, p.role, p.organisation, *tail, notes) for p in card.people]


def _contact(plan: Plan, card: Card) -> str:
    corridor = corridor_of(plan, card.corridor_id)
    agreements = plan.inputs.agreements
    urns = [u for u in corridor.urns if u in agreements.index] if corridor else []
    return "; ".join(clean_name(agreements.loc[u, Agreements.spoc]) for u in urns)
