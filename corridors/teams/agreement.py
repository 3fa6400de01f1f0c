"""Who designed, proposed, agreed and published a school's patrols, and what that covers (C9).

The log of approvals only grows. Of each school and week the last agreement counts, and it covers
the patrols it was about and no others: fewer of them may be published, different ones may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from corridors.errors import InputError
from corridors.model import PatrolRemit
from corridors.remit import remit_of
from corridors.tables import Approvals

# Each state needs the one before it.
FORWARD: Final = ("designed", "proposed", "agreed", "published")
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True)
class Entry:
    """One row of the log of approvals."""

    ward: str
    week: str
    urn: str
    state: str
    remit: str
    by: str
    organisation: str
    on: date

    @property
    def cells(self) -> tuple[str, ...]:
        """What its chain is taken over, in the order of the table."""
        return (
            self.ward, self.week, self.urn, self.state, self.remit, self.by, self.organisation,
            self.on.isoformat(),
        )  # fmt: skip


def entries_of(
    approvals: pd.DataFrame | None, ward: str | None = None, week: str | None = None
) -> tuple[Entry, ...]:
    """The log's rows in order, of one ward or week where asked for."""
    if approvals is None:
        return ()
    columns = [name for name in Approvals.columns() if name != Approvals.chain]
    rows = approvals.sort_index()[columns].itertuples(index=False, name=None)
    made = (
        Entry(str(code), str(label), str(urn), str(state), str(remit), str(by), str(who), on.date())
        for code, label, urn, state, remit, by, who, on in rows
    )
    return tuple(
        e for e in made if (ward is None or e.ward == ward) and (week is None or e.week == week)
    )


def standing(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """By URN the entries since the school last withdrew; for one ward and week."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        mine = found.setdefault(entry.urn, [])
        if entry.state == WITHDRAWN:
            mine.clear()
        else:
            mine.append(entry)
    return {urn: tuple(rows) for urn, rows in found.items()}


def last_agreed(entries: Sequence[Entry]) -> Entry | None:
    """The agreement that counts: the last one."""
    return next((e for e in reversed(entries) if e.state == "agreed"), None)


def covers(
    agreed: Entry,
    patrol: PatrolRemit,
    whole: Sequence[PatrolRemit],
    known: Mapping[str, Sequence[PatrolRemit]],
) -> bool:
    """Whether an agreement is about this patrol.

    Parameters
    ----------
    whole : the school's remit as the plan has it now.
    known : what the hashes of earlier remits stand for. Where the agreed one is known, each of its
        patrols stays agreed to if others of them are cancelled (C8).
    """
    return agreed.remit == remit_of(whole) or patrol in known.get(agreed.remit, ())


def require_next(entry: Entry, before: Sequence[Entry]) -> None:
    """Raise unless ``entry`` may follow ``before``, which is of its ward, week and school.

    Raises
    ------
    InputError
        If the state before it is missing, it is there already, or it is dated before it.
    """
    mine = standing(before).get(entry.urn, ())
    if entry.state == WITHDRAWN:
        if not mine:
            raise InputError(
                "there is nothing to withdraw", value=entry.urn, fix="Check ward, week and school"
            )
        return
    same = [e for e in mine if e.remit == entry.remit]
    done = [FORWARD.index(e.state) for e in same]
    position = FORWARD.index(entry.state)
    if done and max(done) >= position:
        raise InputError(
            f"these patrols are {FORWARD[max(done)]} already; states only go forward",
            value=entry.urn,
            fix="If the school takes it back, record --state withdrawn first",
        )
    _require_earlier(entry, mine, same)


def _require_earlier(entry: Entry, mine: Sequence[Entry], same: Sequence[Entry]) -> None:
    """The state before, of the same remit; a design stands for all that is proposed from it."""
    position = FORWARD.index(entry.state)
    if position == 0:
        return
    wanted = FORWARD[position - 1]
    earlier = [e for e in (mine if wanted == "designed" else same) if e.state == wanted]
    if not earlier:
        other = any(e.state == wanted for e in mine)
        raise InputError(
            f"cannot be {entry.state} before it is {wanted}"
            + ("; what was is another plan, for it changed since" if other else ""),
            value=entry.urn,
            fix=f"Record --state {wanted} first, with who did it",
        )
    if entry.on < earlier[-1].on:
        raise InputError(
            f"is dated before it was {wanted} on {earlier[-1].on:%d/%m/%Y}",
            value=f"{entry.on:%d/%m/%Y}",
            fix="Correct --on",
        )


def require_all(entries: Sequence[Entry], before: Sequence[Entry]) -> None:
    """Raise unless all ``entries`` may follow; one message tells of every school (B9).

    Raises
    ------
    InputError
        As ``require_next``, for all entries together.
    """
    found = []
    for entry in entries:
        mine = [e for e in before if (e.ward, e.week, e.urn) == (entry.ward, entry.week, entry.urn)]
        try:
            require_next(entry, mine)
        except InputError as error:
            found.append(error)
    if len(found) == 1:
        raise found[0]
    if found:
        fixes = dict.fromkeys(error.fix for error in found if error.fix)
        raise InputError(
            "nothing was recorded: " + "; ".join(f"{e.value}: {e.problem}" for e in found),
            fix=". ".join(fixes),
        )
