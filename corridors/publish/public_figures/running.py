"""How patrols were run, and what was done: never a success (G1)."""

from __future__ import annotations

from collections.abc import Iterable

from corridors.model import PublicTable
from corridors.publish.pack.words import CONTACT_WORDS, STATE_WORDS
from corridors.publish.public_figures.door import Door
from corridors.publish.public_figures.harm import HARM
from corridors.publish.public_figures.shown import column, counted, nearest_five
from corridors.publish.public_figures.told import Told


def process_tables(told: Told) -> Iterable[PublicTable]:
    """How it was run, as shares."""
    touched = told.touched
    lost, planned = touched.abstraction
    rows = []
    if planned:
        rows.append(("People taken off patrols after families were told", f"{lost / planned:.0%}"))
    if touched.repeat_share is not None:
        rows.append(("Same people as the week before", f"{touched.repeat_share:.0%}"))
    total = sum(touched.patrols.values())
    if total:
        debriefed = total - touched.patrols["not_debriefed"]
        rows.append(("Patrols that were written up afterwards", f"{debriefed / total:.0%}"))
    if rows:
        yield PublicTable(
            key="process",
            title="How it was run",
            kind="process",
            about=f"In {told.quarter}.",
            columns=(
                column("what", "What", kind="text"),
                column("share", "Share", kind="figure"),
            ),
            rows=tuple(rows),
        )


def activity_tables(told: Told, door: Door) -> Iterable[PublicTable]:
    """Patrols, talks and hours."""
    touched = told.touched
    if sum(touched.patrols.values()):
        yield counted(
            door, "patrols", "Patrols", "activity", touched.patrols, STATE_WORDS,
            f"Patrols planned for {told.quarter}.",
        )  # fmt: skip
    contacts = {k: v for k, v in touched.contacts.items() if k not in HARM}
    if contacts:
        yield counted(
            door, "contacts", "Talks and help", "activity", contacts, CONTACT_WORDS,
            "Counts from the debriefs of patrols.",
        )  # fmt: skip
    if touched.hours_by_role:
        yield PublicTable(
            key="hours",
            title="Hours by role",
            kind="activity",
            about="Hours that people of each role walked, to the nearest 5.",
            columns=(
                column("role", "Role", kind="text"),
                column("hours", "Hours", kind="figure"),
            ),
            rows=tuple(
                (told.profile.teams.card(role).title, nearest_five(hours))
                for role, hours in touched.hours_by_role.items()
            ),
        )
