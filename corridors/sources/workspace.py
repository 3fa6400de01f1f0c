"""corridors.toml: which files a partnership's workspace reads, and how."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from corridors.errors import MissingFileError, ProfileError
from corridors.profile import Profile, Retention
from corridors.sources.calendar import DIVISIONS
from corridors.sources.cells import split_part
from corridors.sources.database_settings import is_database, query_of
from corridors.sources.fetch.endpoints import ENDPOINTS, Endpoint, endpoints_of
from corridors.sources.force_export import ALIASES
from corridors.sources.incidents import KINDS, IncidentSource
from corridors.sources.named import NamedFile
from corridors.sources.profiles import read_profile, read_toml
from corridors.tables import OFFENCE_CLASSES

FILE_NAME: Final = "corridors.toml"
# Records for `evaluate` and `publish-pack` alone: no plan opens them (H2, H4).
EVALUATION_RECORDS: Final = (
    "debriefs", "encounters", "pupils", "surveys", "consultation", "activities", "equality",
    "decisions",
)  # fmt: skip
_REQUIRED: Final = (
    "streets", "boundaries", "schools", "incidents", "people", "agreements", "calendar",
)  # fmt: skip
_OPTIONAL: Final = (
    "homes", "stops", "protocol", "aims", "starts", "gates", "no_go", "visits", "consents",
    "absences", "protocol_terms", "approvals", "toolkit", *EVALUATION_RECORDS,
)  # fmt: skip
_TOP: Final = (
    "name", "profile", "bank_holidays", "governance", "retention", "fetch", "database",
    *_REQUIRED, *_OPTIONAL,
)  # fmt: skip
_GOVERNANCE: Final = (
    "data_sharing_agreement", "terms_of_reference", "education_authority", "require_reason",
)  # fmt: skip
_RETENTION: Final = ("incidents_days", "derived_days")
_KEYS: Final = {
    "incidents": ("files", "kind", "columns", "offences"),
    "stops": ("files",),
    "calendar": ("file", "ical"),
    "encounters": ("file", "stop_and_search"),
}


@dataclass(frozen=True)
class Workspace:
    """A partnership's folder and the files that its ``corridors.toml`` names."""

    root: Path
    name: str
    profile: Profile
    bank_holidays: str  # ENG, WLS, SCT or NIR
    streets: NamedFile
    boundaries: NamedFile
    schools: NamedFile
    incidents: IncidentSource
    people: NamedFile
    agreements: NamedFile
    calendar: NamedFile
    stops: tuple[NamedFile, ...] = ()
    protocol: NamedFile | None = None
    aims: NamedFile | None = None
    starts: NamedFile | None = None
    gates: NamedFile | None = None
    no_go: NamedFile | None = None
    visits: NamedFile | None = None
    homes: NamedFile | None = None
    consents: NamedFile | None = None
    absences: NamedFile | None = None
    protocol_terms: NamedFile | None = None
    approvals: NamedFile | None = None
    toolkit: NamedFile | None = None
    debriefs: NamedFile | None = None
    encounters: NamedFile | None = None
    pupils: NamedFile | None = None
    surveys: NamedFile | None = None
    consultation: NamedFile | None = None
    activities: NamedFile | None = None
    equality: NamedFile | None = None
    decisions: NamedFile | None = None
    stop_and_search: tuple[NamedFile, ...] = ()  # of data.police.uk, beside ``encounters``
    term_icals: tuple[tuple[str, NamedFile], ...] = ()  # URN (empty: all schools) and calendar
    endpoints: Mapping[str, Endpoint] = field(default_factory=lambda: dict(ENDPOINTS))


def open_workspace(root: Path) -> Workspace:
    """Read ``corridors.toml`` in ``root`` and its profile; other files are not opened yet.

    Raises
    ------
    MissingFileError
        If there is no corridors.toml.
    ProfileError
        For an unknown key (with the nearest known one), a missing one, or a wrong type; also in
        the profile.
    """
    path = root / FILE_NAME
    if not path.is_file():
        raise MissingFileError(
            f"there is no {FILE_NAME} in this folder", file=str(root),
            fix="Run `corridors init` to write one, or name the workspace folder",
        )  # fmt: skip
    data = read_toml(path, file=FILE_NAME)
    _require_known(data, _TOP, "")
    named = {
        kind: _named(data, kind, root)
        for kind in (*_REQUIRED, *_OPTIONAL)
        if "files" not in _KEYS.get(kind, ()) and _is_named(data, kind)
    }
    searches = _files(data, "encounters", root, needed=False, name="stop_and_search")
    return Workspace(
        root=root,
        name=_text(data, "name", ""),
        profile=_retaining(_governed(_profile(data, root), data), data),
        bank_holidays=_choice(_text(data, "bank_holidays", "ENG"), DIVISIONS, "bank_holidays"),
        incidents=_incidents(data, root),
        stops=_files(data, "stops", root, needed=False),
        stop_and_search=searches,
        term_icals=_icals(data, root),
        endpoints=_endpoints(data),
        **named,
    )


def _endpoints(data: Mapping[str, Any]) -> Mapping[str, Endpoint]:
    own = data.get("fetch", {})
    if not isinstance(own, dict) or not all(isinstance(url, str) for url in own.values()):
        raise ProfileError(
            "must be a section of texts", file=FILE_NAME, column="fetch",
            fix='Write it as streets = "https://host/api"',
        )  # fmt: skip
    return endpoints_of(own)


def _profile(data: Mapping[str, Any], root: Path) -> Profile:
    try:
        return read_profile(_text(data, "profile", ""), root)
    except ProfileError as error:
        if error.file is not None:
            raise
        raise ProfileError(
            error.problem, file=FILE_NAME, column=error.column, value=error.value, fix=error.fix
        ) from error


def _governed(profile: Profile, data: Mapping[str, Any]) -> Profile:
    """The profile with what this partnership's own ``[governance]`` says over it."""
    section = data.get("governance", {})
    if not isinstance(section, dict):
        raise ProfileError(
            "must be a section [governance]", file=FILE_NAME, column="governance", value=section,
            fix="See the corridors.toml that `corridors init` writes",
        )  # fmt: skip
    _require_known(section, _GOVERNANCE, "governance.")
    old = profile.governance
    own = replace(
        old,
        data_sharing_agreement=_line(section, _GOVERNANCE[0], old.data_sharing_agreement),
        terms_of_reference=_line(section, _GOVERNANCE[1], old.terms_of_reference),
        education_authority=_line(section, _GOVERNANCE[2], old.education_authority),
        require_reason=_yes_or_no(section, _GOVERNANCE[3], default=old.require_reason),
    )
    return replace(profile, governance=own)


def _yes_or_no(section: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = section.get(key, default)
    if not isinstance(value, bool):
        raise ProfileError(
            "must be true or false, without quotes", file=FILE_NAME, column=f"governance.{key}",
            value=value,
        )  # fmt: skip
    return value


def _retaining(profile: Profile, data: Mapping[str, Any]) -> Profile:
    """The profile with the days of this partnership's own ``[retention]``."""
    section = data.get("retention", {})
    if not isinstance(section, dict):
        raise ProfileError(
            "must be a section [retention]", file=FILE_NAME, column="retention", value=section,
            fix="Write it as incidents_days = 30 and derived_days = 365",
        )  # fmt: skip
    _require_known(section, _RETENTION, "retention.")
    for key, value in section.items():
        if type(value) is not int or not 0 <= value <= 3650:
            raise ProfileError(
                "must be a whole number of days, 0 to 3650", file=FILE_NAME,
                column=f"retention.{key}", value=value,
            )  # fmt: skip
    own: Retention = replace(profile.retention, **section)
    return replace(profile, retention=own)


def _line(section: Mapping[str, Any], key: str, default: str) -> str:
    value = section.get(key, default)
    if not isinstance(value, str):
        raise ProfileError(
            "must be a text in quotes", file=FILE_NAME, column=f"governance.{key}", value=value
        )
    return " ".join(value.split())


def _require_known(table: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}"
            raise ProfileError("unknown key", file=FILE_NAME, column=f"{prefix}{key}", fix=hint)


def _text(table: Mapping[str, Any], key: str, default: str, prefix: str = "") -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ProfileError(
            "must be a text in quotes", file=FILE_NAME, column=f"{prefix}{key}", value=value
        )
    if not value:
        raise ProfileError("is missing", file=FILE_NAME, column=f"{prefix}{key}", fix="Add it")
    return value


def _choice(value: str, choices: tuple[str, ...], key: str) -> str:
    if value not in choices:
        raise ProfileError(
            "is not known", file=FILE_NAME, column=key, value=value,
            fix=f"Use one of {', '.join(choices)}",
        )  # fmt: skip
    return value


def _section(data: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    section = data.get(kind, {})
    if not isinstance(section, dict):
        raise ProfileError(
            f"must be a section [{kind}]", file=FILE_NAME, column=kind, value=section,
            fix="See the corridors.toml that `corridors init` writes",
        )  # fmt: skip
    _require_known(section, _KEYS.get(kind, ("file",)), f"{kind}.")
    return section


def _is_named(data: Mapping[str, Any], kind: str) -> bool:
    """Whether a section has to name a file: it is there, and holds more than files beside it."""
    return kind in _REQUIRED or (kind in data and set(_section(data, kind)) != {"stop_and_search"})


def _named(data: Mapping[str, Any], kind: str, root: Path) -> NamedFile:
    written = _text(_section(data, kind), "file", "", f"{kind}.")
    return _one(data, written, f"{kind}.file", root)


def _one(data: Mapping[str, Any], written: str, key: str, root: Path) -> NamedFile:
    """A file, or the query that stands in its place."""
    if is_database(written):
        query = query_of(written, data.get("database", {}), file=FILE_NAME, key=key)
        return NamedFile(root / FILE_NAME, query.label, key, query)
    return NamedFile(_placed(root, written), written, key)


def _placed(root: Path, written: str) -> Path:
    """Where a path points: from the workspace, or as it stands if absolute."""
    return root / written


def _files(
    data: Mapping[str, Any], kind: str, root: Path, *, needed: bool, name: str = "files"
) -> tuple[NamedFile, ...]:
    """Files of a list of paths and patterns, in order of name, each once."""
    key = f"{kind}.{name}"
    patterns = _section(data, kind).get(name, [])
    if not isinstance(patterns, list) or not all(isinstance(p, str) and p for p in patterns):
        raise ProfileError(
            "must be a list of texts", file=FILE_NAME, column=key, value=patterns,
            fix=f'Write it as {name} = ["data/{kind}/*.csv"]',
        )  # fmt: skip
    if needed and not patterns:
        raise ProfileError("is missing", file=FILE_NAME, column=key, fix="Name at least one file")
    found: dict[str, NamedFile] = {}
    for pattern in patterns:
        one = [_one(data, pattern, key, root)] if is_database(pattern) else ()
        for named in one or matches(root, pattern, key):
            found.setdefault(named.file if named.query else str(named.path), named)
    return tuple(sorted(found.values(), key=lambda named: named.file))


def matches(root: Path, pattern: str, key: str) -> list[NamedFile]:
    """What a pattern finds; a path without wildcards, or a pattern in vain, names itself."""
    itself = NamedFile(_placed(root, pattern), pattern, key)
    if not glob.has_magic(pattern) or "\0" in pattern:
        return [itself]
    # Path.glob takes no absolute pattern, and real data lies outside the workspace.
    books, sheet = split_part(itself.path)
    found = glob.glob(str(books), recursive=True)  # noqa: PTH207
    paths = [Path(f"{path}#{sheet}" if sheet else path) for path in found]
    return [NamedFile(path, _shown(root, path), key) for path in sorted(paths)] or [itself]


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _icals(data: Mapping[str, Any], root: Path) -> tuple[tuple[str, NamedFile], ...]:
    """Calendars that schools publish: ``"900001" = "school.ics"``, or ``all`` for all schools."""
    key = "calendar.ical"
    table = _section(data, "calendar").get("ical", {})
    if not isinstance(table, dict) or not all(isinstance(v, str) and v for v in table.values()):
        raise ProfileError(
            "must be a section of texts", file=FILE_NAME, column=key,
            fix='Write it as "900001" = "data/calendar/school.ics"',
        )  # fmt: skip
    for urn in table:
        if urn != "all" and not re.fullmatch(r"[0-9]{5,6}", urn):
            raise ProfileError(
                "is not a school URN", file=FILE_NAME, column=key, value=urn,
                fix="A URN has 5 or 6 digits; write all for the calendar of all schools",
            )  # fmt: skip
    return tuple(
        ("" if urn == "all" else urn, NamedFile(_placed(root, file), file, f"{key}.{urn}"))
        for urn, file in sorted(table.items())
    )


def _incidents(data: Mapping[str, Any], root: Path) -> IncidentSource:
    section = _section(data, "incidents")
    columns = _texts(section, "columns")
    _require_known(columns, tuple(ALIASES), "incidents.columns.")
    offences = _texts(section, "offences")
    for wording, group in offences.items():
        _choice(group, OFFENCE_CLASSES, f"incidents.offences.{wording}")
    return IncidentSource(
        files=_files(data, "incidents", root, needed=True),
        kind=_choice(_text(section, "kind", "auto", "incidents."), KINDS, "incidents.kind"),
        columns=columns,
        offences=offences,
    )


def _texts(section: Mapping[str, Any], key: str) -> dict[str, str]:
    table = section.get(key, {})
    if not isinstance(table, dict) or not all(isinstance(v, str) and v for v in table.values()):
        raise ProfileError(
            "must be a section of texts", file=FILE_NAME, column=f"incidents.{key}",
            fix="See the corridors.toml that `corridors init` writes",
        )  # fmt: skip
    return dict(table)
