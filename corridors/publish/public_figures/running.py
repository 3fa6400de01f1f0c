"""How patrols were run, and what was done: never a success (G1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from corridors.evaluation.report import Touched
from corridors.evaluation.small_numbers import Rule, share_words, shown
from corridors.model import PublicTable
from corridors.publish.pack.words import CONTACT_WORDS, STATE_WORDS
from corridors.publish.public_figures.door import Door
from corridors.publish.public_figures.harm import HARM
from corridors.publish.public_figures.shown import column, counted, nearest_five
from corridors.publish.public_figures.told import Told

_WITHOUT_PLAN: Final = "Patrols written up that no plan has any more"
_WHAT_COUNTS: Final = (
    "Patrols that no plan has any more count in talks, harm and hours. Where they walked is not "
    "known: their minutes at schools and in areas are not counted."
)


def process_tables(told: Told, rule: Rule) -> Iterable[PublicTable]:
    """How it was run, as shares; and what should be none, as counts."""
    rows = (*_shares(told, rule), *_counts(told.touched, rule))
    if rows:
        yield PublicTable(
            key="process",
            title="How it was run",
            kind="process",
            about=f"In {told.quarter}.",
            columns=(
                column("what", "What", kind="text"),
                column("figure", "Share or count", kind="figure"),
            ),
            rows=rows,
            notes=(_WHAT_COUNTS,) if told.touched.without_plan else (),
        )


def _shares(told: Told, rule: Rule) -> Iterable[tuple[str, str]]:
    touched, (announced, staffed) = told.touched, told.in_time
    if staffed:
        yield "Patrols that families were told of in time", _share(announced, staffed, rule)
    lost, planned = touched.abstraction
    if planned:
        yield "People taken off patrols after families were told", _share(lost, planned, rule)
    if touched.repeat_share is not None:
        yield "Same people as the week before", f"{100 * touched.repeat_share:.0f} %"
    total = sum(touched.patrols.values())
    if total:
        debriefed = total - touched.patrols["not_debriefed"]
        yield "Patrols that were written up afterwards", _share(debriefed, total, rule)


def _share(part: int, of: int, rule: Rule) -> str:
    """A share that does not give away a count that the pack hides elsewhere; none is told."""
    return share_words(part, of, rule) if part else "0 %"


def _counts(touched: Touched, rule: Rule) -> Iterable[tuple[str, str]]:
    if sum(touched.patrols.values()):
        words = shown(touched.without_protocol, rule).words
        yield "Patrols without an agreed protocol; must be none", words
    if touched.without_plan:
        words = shown(touched.without_plan, rule).words
        yield _WITHOUT_PLAN, words
    if touched.unreadable:
        words = shown(len(touched.unreadable), rule).words
        yield "Plans of an older version that are not counted", words


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
