"""What is asked of a worker, and what it hands back: plain data, a few hundred bytes a ward."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Final

from corridors.errors import InputError
from corridors.files import words_of

DONE: Final = "done"
NO_PATROL: Final = "no_patrol"
FAILED: Final = "failed"
BEGUN: Final = "begun"  # handed out, and the run that did so did not see the end of it
# In words, in the order in which they are told: what somebody has to see to comes first.
STATUSES: Final = {
    FAILED: "failed",
    BEGUN: "not finished",
    NO_PATROL: "no patrol recommended",
    DONE: "done",
}

BAD_INPUT: Final = 2
CRASHED: Final = 1
_BUG: Final = "a fault of corridors, not of your files; its log holds what to report"


@dataclass(frozen=True)
class Order:
    """One ward to plan: paths and names only."""

    root: str  # the workspace
    piece: str  # path of the ward's piece
    ward: str
    name: str
    week: str
    version: str  # of corridors; a worker of another version must not plan


@dataclass(frozen=True)
class Written:
    """A file as it was written; ``place`` is relative to the workspace."""

    place: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Outcome:
    """How one ward's week ended."""

    ward: str  # code; what was asked for if there is no such ward
    name: str
    status: str  # one of STATUSES
    reason: tuple[str, ...] = ()  # why it failed, or why no patrol is recommended: a line each
    exit_code: int = 0  # 0, 2 (its input) or 1 (a bug)
    corridors: int = 0
    patrols: int = 0
    staffed: int = 0
    warnings: int = 0
    files: tuple[Written, ...] = ()
    log: tuple[str, ...] = ()  # lines for the ward's own log

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing more to do."""
        return self.status in (DONE, NO_PATROL)


def failed(ward: str, name: str, reason: str, *log: str, exit_code: int = BAD_INPUT) -> Outcome:
    """A ward that could not be planned."""
    return Outcome(ward, name, FAILED, (reason,), exit_code, log=log)


def outcome_of_error(ward: str, name: str, error: Exception) -> Outcome:
    """A ward's outcome where something was raised: its input, the disk, or a bug."""
    if isinstance(error, InputError):
        return failed(ward, name, str(error))
    if isinstance(error, OSError) and error.filename is not None:
        return failed(ward, name, words_of(error))
    lines = "".join(traceback.format_exception(error)).splitlines()
    return failed(ward, name, _BUG, *lines, exit_code=CRASHED)


def exit_code_of(outcomes: list[Outcome]) -> int:
    """Of a batch: 0 only if every ward is settled; 1 if any crashed, else 2."""
    codes = {o.exit_code for o in outcomes if not o.is_settled}
    if not codes:
        return 0
    return CRASHED if CRASHED in codes else BAD_INPUT
