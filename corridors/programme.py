"""A programme as a partnership writes it down before it starts: what will be compared with what.

``data/programmes/<key>.toml`` is data; this module knows its shape and its limits. A programme
checks itself when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from corridors.errors import ProfileError
from corridors.profile import built
from corridors.tables import OFFENCE_GROUPS

KEY: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
HOURS: Final = ("after_school", "any")
DAYS: Final = ("all", "drawn")
_URN: Final = re.compile(r"[0-9]{5,6}")


def _require(rule: bool, text: str, value: object = None) -> None:
    if not rule:
        raise ProfileError(text, value=value, fix="Change it in the programme file")


@dataclass(frozen=True)
class ProgrammeArea:
    """Where patrols walk: a corridor, by the names of its streets in a ward or by its lines."""

    key: str
    ward: str = ""  # of the streets named
    streets: tuple[str, ...] = ()
    lines: str = ""  # a file of lines, such as the GeoJSON of a plan's corridors
    corridor: str = ""  # of that file only the rows whose corridor_id this is
    urns: tuple[str, ...] = ()  # its schools: whose hours and school days count
    control_streets: tuple[str, ...] = ()  # chosen by hand; else the tool chooses
    control_ward: str = ""
    control_lines: str = ""

    def __post_init__(self) -> None:
        _require(
            KEY.fullmatch(self.key) is not None,
            "areas.key must be lower-case letters, digits and hyphens, beginning with a letter",
            self.key,
        )
        _require(
            bool(self.streets) != bool(self.lines),
            f"area {self.key} must name either streets or a file of lines",
        )
        _require(
            all(name.strip() for name in (*self.streets, *self.control_streets)),
            f"area {self.key} names a street without a name",
        )
        _require(
            not self.corridor or bool(self.lines),
            f"area {self.key} names a corridor, but no file of lines that it is in",
        )
        _require(not self.streets or bool(self.ward), f"area {self.key} names streets but no ward")
        _require(
            not (self.control_streets and self.control_lines),
            f"area {self.key} names both control_streets and control_lines",
        )
        _require(
            not self.control_streets or bool(self.control_ward or self.ward),
            f"area {self.key} names control_streets but no control_ward",
        )
        wrong = [urn for urn in self.urns if not _URN.fullmatch(urn)]
        _require(not wrong, f"area {self.key}: urns must be school URNs", ", ".join(wrong))

    @property
    def has_control_by_hand(self) -> bool:
        """Whether the programme says what the area is compared with."""
        return bool(self.control_streets or self.control_lines)

    @property
    def lines_key(self) -> str:
        """What the area's own lines are called among those that were read; empty if none."""
        return f"{self.lines}#{self.corridor}" if self.corridor else self.lines


@dataclass(frozen=True)
class Programme:
    """What was set down before the start. ``key`` is the file's name without its ending."""

    key: str
    title: str
    aim: str  # key of the profile's aims
    before_from: date
    starts_on: date
    ends_on: date
    areas: tuple[ProgrammeArea, ...]
    groups: tuple[str, ...] = ("violence", "robbery", "antisocial")  # public reports that count
    hours: str = "after_school"  # "any": all hours of all days, for sources without times
    days: str = "all"  # "drawn": patrol days are drawn by lot
    days_share: float = 1.0  # as patrols.days_share of the profile, when the days were drawn
    seed: int = 2024  # as the profile's, when the days were drawn

    def __post_init__(self) -> None:
        _require(bool(self.title.strip()), "title must be given")
        _require(bool(self.areas), "areas: name at least one [[areas]]")
        keys = [area.key for area in self.areas]
        _require(len(set(keys)) == len(keys), "two areas have the same key")
        _require(
            self.before_from < self.starts_on < self.ends_on,
            "before_from, starts_on and ends_on must follow each other",
        )
        _require(
            self.ends_on - self.before_from < timedelta(days=10 * 366),
            "before_from to ends_on must be less than ten years",
        )
        unknown = sorted(set(self.groups) - set(OFFENCE_GROUPS))
        _require(
            bool(self.groups) and not unknown,
            f"groups must be some of {', '.join(OFFENCE_GROUPS)}",
            ", ".join(unknown) or None,
        )
        _require(self.hours in HOURS, f"hours must be one of {', '.join(HOURS)}", self.hours)
        _require(self.days in DAYS, f"days must be one of {', '.join(DAYS)}", self.days)
        _require(0 < self.days_share <= 1, "days_share must be over 0, up to 1")
        if self.days == "drawn":
            _require(self.hours == "after_school", 'days = "drawn" needs hours = "after_school"')
            _require(self.days_share < 1, 'days = "drawn" needs the days_share they were drawn by')
        if self.hours == "after_school":
            lacks = [area.key for area in self.areas if not area.urns]
            _require(not lacks, f"name the schools (urns) of area {', '.join(lacks)}")

    @property
    def before_to(self) -> date:
        """The last day before the start."""
        return self.starts_on - timedelta(days=1)

    @property
    def urns(self) -> tuple[str, ...]:
        """Schools of all areas, sorted."""
        return tuple(sorted({urn for area in self.areas for urn in area.urns}))


def programme_from(data: Mapping[str, Any], key: str) -> Programme:
    """Build a programme from parsed TOML.

    Raises
    ------
    ProfileError
        For an unknown key (with the nearest known one), a wrong type, or a broken rule.
    """
    if "key" in data:
        raise ProfileError(
            "unknown key programme.key", fix="The file's name is the key; take the line out"
        )
    made = built(Programme, {"key": key, **data}, "programme")
    assert isinstance(made, Programme)
    return made
