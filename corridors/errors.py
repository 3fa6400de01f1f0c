"""What can go wrong, as types.

::

    CorridorsError
    └── InputError (ValueError)      somebody's file, option or profile is wrong; exit code 2
        ├── MissingFileError         a named file is not there
        ├── ColumnError              a table lacks a column or holds a bad value
        ├── CrsError                 coordinates are not where they should be
        ├── ProfileError             a profile or corridors.toml breaks its own rules
        ├── FetchError               a server gave nothing usable; what was here stays as it was
        ├── WardError                the ward is unknown or holds nothing to plan
        └── CalendarError            no school day to plan for

``cli`` alone turns these into exit codes. Anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 1000  # characters of a problem or a fix: both may repeat what a file says


class CorridorsError(Exception):
    """Root of every error that this package raises on purpose."""


class InputError(CorridorsError, ValueError):
    """Input that the user can mend.

    Parameters
    ----------
    problem : what is wrong, in plain words.
    file, row, column, value : where it stands, as far as known. ``row`` counts as a spreadsheet
        does: the header is row 1.
    fix : what to do about it.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        fix: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.row = row
        self.column = column
        self.value = value
        self.fix = fix
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = [
            label
            for label, known in (
                (_shown_end(self.file), self.file is not None),
                (f"row {self.row}", self.row is not None),
                (f"column {printable_line(self.column)}", self.column is not None),
                (f"value {printable_line(self.value)!r}", self.value is not None),
            )
            if known
        ]
        problem = printable_line(self.problem, _LONGEST)
        text = f"{', '.join(place)}: {problem}" if place else problem
        return f"{text}. {printable_line(self.fix, _LONGEST)}" if self.fix else text


class MissingFileError(InputError):
    """A file that corridors.toml names is not there."""


class ColumnError(InputError):
    """A column is absent or holds a value outside its type or range."""


class CrsError(InputError):
    """Coordinates without a reference system, or outside the one they claim."""


class ProfileError(InputError):
    """A policy profile or a workspace file breaks its own rules."""


class FetchError(InputError):
    """A server did not give what it was asked for; nothing was changed."""


class WardError(InputError):
    """The ward is not in the boundary file, or there is nothing in it to plan."""


class CalendarError(InputError):
    """The week has no school day, or the calendar does not reach it."""


def printable_line(text: object, limit: int = 80) -> str:
    """One printable line of ``text``: names from files are hostile, also to a terminal."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _shown_end(path: object, limit: int = 80) -> str:
    """The same for a file, whose name stands at the end: folders before it go first."""
    line = printable_line(path, len(str(path)))
    return line if len(line) <= limit else f"…{line[1 - limit :]}"
