"""Policy profiles: shipped ones by name, or a file of one's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from corridors.errors import InputError, MissingFileError, ProfileError
from corridors.profile import Profile, from_mapping
from corridors.sources.csvs import require_file

SHIPPED_SEVERITY: Final = ("cambridge_chi", "ons_css")


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
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(shipped_profiles())}."
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
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ProfileError("is not UTF-8 text", file=file, fix="Save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        line = re.search(r"line (\d+)", str(error))
        raise ProfileError(
            f"breaks the rules of TOML ({error})", file=file, row=int(line[1]) if line else None,
            fix='Texts need double quotes, as in name = "Demo"',
        ) from error  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file) from error
    if _has_long_number(data):
        raise ProfileError(
            "holds a number of more than 64 bits, which breaks the rules of TOML", file=file,
            fix="Correct the number",
        )  # fmt: skip
    return data


def _has_long_number(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_long_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_long_number, value))
    return isinstance(value, int) and value.bit_length() > 63


def shipped_severity(table: str) -> dict[str, Any]:
    """A shipped severity table as the ``[severity]`` section of a profile.

    Each unspecific class of offence, such as ``violence``, weighs the mean of its parts by how
    often they are recorded (``volumes.toml``), to two decimals.

    Parameters
    ----------
    table : one of ``SHIPPED_SEVERITY``.

    Returns
    -------
    ``table``, ``version``, ``source`` and ``weights``.
    """
    data = _severity_file(table)
    weights = {w["offence"]: (float(w["weight"]), w["from"]) for w in data["weights"]}
    for mixture in _severity_file("volumes")["mixtures"]:
        volumes: dict[str, float] = mixture["volumes"]
        total = sum(volumes.values())
        mean = sum(weights[part][0] * volume for part, volume in volumes.items()) / total
        note = f"mean of its parts by volume; {mixture['from']}"
        weights[mixture["offence"]] = (round(mean, 2), note)
    return {
        "table": table,
        "version": data["version"],
        "source": data["source"],
        "weights": [
            {"offence": offence, "weight": weight, "note": note}
            for offence, (weight, note) in sorted(weights.items())
        ],
    }


def _severity_file(name: str) -> dict[str, Any]:
    path = files("corridors") / "profiles" / "severity" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _with_severity(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """``data`` with the shipped severity table that it names, if it names one."""
    section = data.get("severity")
    if not isinstance(section, Mapping) or section.get("table") not in SHIPPED_SEVERITY:
        return data
    table = section["table"]
    shipped = shipped_severity(table)
    own = sorted({"weights", "source"} & set(section))
    if own:
        raise ProfileError(
            f"severity.{own[0]} is part of the shipped table {table}",
            fix='Leave it out, or set severity.table = "custom" and give every weight',
        )
    version = section.get("version", shipped["version"])
    if isinstance(version, str) and version != shipped["version"]:
        raise ProfileError(
            f"severity.version {version!r} of {table} is not the shipped one",
            fix=f"Shipped is {shipped['version']!r}: name that, or leave severity.version out",
        )
    return {**data, "severity": {**shipped, **section}}


def _made(data: Mapping[str, Any], file: str) -> Profile:
    try:
        return from_mapping(_with_severity(data))
    except ProfileError as error:
        if error.file is not None:
            raise
        raise ProfileError(error.problem, file=file, fix=error.fix) from error
