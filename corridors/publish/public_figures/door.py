"""Tables of counts leave by this door alone, each once, beside all that is public already."""

from __future__ import annotations

from collections.abc import Iterable

from corridors.errors import InputError
from corridors.evaluation.disclosure import Counts, Earlier, Known, SafeTable, Statement, protect
from corridors.evaluation.small_numbers import Rule
from corridors.publish.public_figures.told import Told


class Door:
    """Lets tables of counts out, each once, and remembers what was let out."""

    def __init__(self, told: Told) -> None:
        self.earlier = told.earlier
        limits = told.profile.evaluation
        self.rule = Rule(limits.smallest_count, group=limits.smallest_group)
        self.made: dict[str, Earlier] = {}

    def let_out(self, key: str, counts: Counts, said: Iterable[Statement] = ()) -> SafeTable:
        """The table in words.

        Parameters
        ----------
        said : what else the pack tells of its cells: from a ratio or share its counts follow.

        Raises
        ------
        InputError
            If it cannot be published beside what is public already.
        """
        known = Known(replaces=self.earlier.get(key, ()), said=tuple(said))
        try:
            found = protect(counts, self.rule, known)
        except InputError as error:
            raise _beside(key, str(error)) from error
        if not found.may_be_published:
            raise _beside(key, "together they would uncover a small number")
        self.made[key] = Earlier(found.table, said=known.said)
        return found.table


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
