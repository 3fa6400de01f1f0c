"""A file or query that corridors.toml names, with the words to name it in a message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corridors.errors import MissingFileError, ProfileError
from corridors.sources.cells import split_part
from corridors.sources.database import Query


@dataclass(frozen=True)
class NamedFile:
    """``file`` is what messages and plans call it: as written, or relative to the workspace."""

    path: Path
    file: str
    key: str  # its key in corridors.toml: "schools.file"
    query: Query | None = None  # in place of the file

    def locate(self) -> Path | Query:
        """The query, or the path if something is there.

        Raises
        ------
        MissingFileError
            As ``require``.
        """
        return self.require() if self.query is None else self.query

    def require(self) -> Path:
        """The path, if something is there.

        Raises
        ------
        MissingFileError
            Naming corridors.toml, the key, the path as written and what to do.
        ProfileError
            If it is a query: this input is read from files only.
        """
        if self.query is not None:
            raise ProfileError(
                "is read from a file, not from a database",
                file="corridors.toml", column=self.key, value=self.file, fix="Name a file",
            )  # fmt: skip
        try:
            is_there = split_part(self.path)[0].exists()
        except (OSError, ValueError):  # a name that no file can have
            is_there = False
        if not is_there:
            raise MissingFileError(
                "there is no such file",
                file="corridors.toml", column=self.key, value=self.file,
                fix="Put the file there, or correct the path (it counts from the workspace folder)",
            )  # fmt: skip
        return self.path
