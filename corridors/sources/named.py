"""A file that corridors.toml names, with the words to name it in a message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corridors.errors import MissingFileError


@dataclass(frozen=True)
class NamedFile:
    """``file`` is what messages and plans call it: as written, or relative to the workspace."""

    path: Path
    file: str
    key: str  # its key in corridors.toml: "schools.file"

    def require(self) -> Path:
        """The path, if something is there.

        Raises
        ------
        MissingFileError
            Naming corridors.toml, the key, the path as written and what to do.
        """
        try:
            is_there = self.path.exists()
        except (OSError, ValueError):  # a name that no file can have
            is_there = False
        if not is_there:
            raise MissingFileError(
                "there is no such file",
                file="corridors.toml", column=self.key, value=self.file,
                fix="Put the file there, or correct the path (it counts from the workspace folder)",
            )  # fmt: skip
        return self.path
