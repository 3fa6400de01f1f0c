"""What may have done harm, on patrols and beside them (G6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from corridors.model import PublicTable
from corridors.publish.pack.words import CONTACT_WORDS
from corridors.publish.public_figures.door import Door
from corridors.publish.public_figures.encounters import encounter_table
from corridors.publish.public_figures.shown import counted
from corridors.publish.public_figures.told import Told

HARM: Final = ("stop_search", "arrests", "crimes_recorded", "complaints")


def harm_tables(told: Told, door: Door) -> Iterable[PublicTable]:
    """Encounters of young people, and what debriefs say of harm, next to benefit (G6)."""
    wide = told.touched.encounters
    if wide is not None and len(wide):
        yield encounter_table(told, wide, door)
    harm = {k: v for k, v in told.touched.contacts.items() if k in HARM}
    if harm:
        yield counted(
            door, "patrol-harm", "What may have done harm on patrols", "harm", harm,
            CONTACT_WORDS, "Counts from the debriefs of patrols.",
        )  # fmt: skip
