"""Tables of counts leave by this door alone, each once, beside all that is public already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from corridors.errors import InputError
from corridors.evaluation.disclosure import (
    Counts,
    Earlier,
    Known,
    Protected,
    SafeTable,
    Statement,
    protect,
)
from corridors.evaluation.small_numbers import Rule
from corridors.publish.public_figures.told import Told

_NOTHING: Final[Mapping[str, Sequence[Statement]]] = MappingProxyType({})


@dataclass(frozen=True)
class LetOut:
    """A table in words, and which figures may stand beside it."""

    table: SafeTable
    told: frozenset[str]  # names of the figures


class Door:
    """Lets tables of counts out, each once, and remembers what was let out."""

    def __init__(self, told: Told) -> None:
        self.earlier = told.earlier
        limits = told.profile.evaluation
        self.rule = Rule(limits.smallest_count, group=limits.smallest_group)
        self.made: dict[str, Earlier] = {}
        self.told: dict[str, frozenset[str]] = {}  # figures beside each table

    def let_out(
        self, key: str, counts: Counts, beside: Mapping[str, Sequence[Statement]] = _NOTHING
    ) -> LetOut:
        """The table in words, and what may be told beside it.

        A figure that would uncover a cell for somebody who knows all totals is not told.

        Parameters
        ----------
        beside : ratios and shares by name, in the order in which they matter, each with the
            counts that follow from it.

        Raises
        ------
        InputError
            If the table cannot be published beside what is public already.
        """
        found = self._protected(key, counts, ())
        if not found.may_be_published:
            raise _beside(key, "together they would uncover a small number")
        open_ones, said, told = set(found.unprotected), list[Statement](), set[str]()
        for name, follows in beside.items():
            tried = self._protected(key, counts, (*said, *follows))
            if set(tried.unprotected) <= open_ones:
                found, told = tried, {*told, name}
                said += follows
        self.made[key] = Earlier(found.table, said=tuple(said))
        self.told[key] = frozenset(told)
        return LetOut(found.table, self.told[key])

    def _protected(self, key: str, counts: Counts, said: Iterable[Statement]) -> Protected:
        known = Known(replaces=self.earlier.get(key, ()), said=tuple(said))
        try:
            return protect(counts, self.rule, known)
        except InputError as error:
            raise _beside(key, str(error)) from error


def exactly(row: str, column: str, count: int) -> Statement:
    """That a cell's count is as good as told."""
    return Statement(((row, column),), count, count)


def _beside(key: str, why: str) -> InputError:
    return InputError(
        f"this table cannot be published beside what is public already: {why}",
        value=key,
        fix="Leave the published figures as they are, or take the correction to your data "
        "protection officer",
    )
