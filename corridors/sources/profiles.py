"""Policy profiles: shipped ones by name, or a file of one's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from corridors.errors import InputError, MissingFileError, ProfileError
from corridors.profile import Profile, from_mapping
from corridors.sources.csvs import require_file


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the package, sorted."""
    folder = files("corridors") / "profiles"
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted(name.removesuffix(".toml") for name in names))


def read_profile(name_or_path: str, root: Path | None = None) -> Profile:
    """A shipped profile by name, or the profile in a TOML file.

    Parameters
    ----------
    name_or_path : ``hackney_2024``, or a path that ends in ``.toml``.
    root : folder from which a relative path counts.

    Raises
    ------
    ProfileError
        If there is no such profile, or it breaks its own rules.
    """
    if name_or_path.endswith(".toml"):
        path = (root or Path()) / name_or_path
        try:
            data = read_toml(path, file=name_or_path)
        except MissingFileError as error:
            raise ProfileError(
                "there is no such profile file", file=name_or_path, fix="Correct `profile`"
            ) from error
        return _made(data, name_or_path)
    if name_or_path not in shipped_profiles():
        near = get_close_matches(name_or_path, shipped_profiles(), n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(shipped_profiles())}"
        raise ProfileError(
            "there is no such profile", column="profile", value=name_or_path,
            fix=f"{hint} Your own is named by its path and ends in .toml",
        )  # fmt: skip
    text = (files("corridors") / "profiles" / f"{name_or_path}.toml").read_text(encoding="utf-8")
    return _made(tomllib.loads(text), f"{name_or_path}.toml")


def read_toml(path: Path, *, file: str) -> dict[str, Any]:
    """Parsed TOML.

    Raises
    ------
    ProfileError
        If it is not UTF-8 or breaks the rules of TOML, with the line.
    """
    require_file(path, file)
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ProfileError("is not UTF-8 text", file=file, fix="Save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise ProfileError(
            f"breaks the rules of TOML ({error})", file=file, row=int(line[1]) if line else None,
            fix='Texts need double quotes, as in name = "Demo"',
        ) from error  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file) from error


def _made(data: Mapping[str, Any], file: str) -> Profile:
    try:
        return from_mapping(data)
    except ProfileError as error:
        if error.file is not None:
            raise
        raise ProfileError(error.problem, file=file, fix=error.fix) from error
