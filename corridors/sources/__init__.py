"""Readers: the only place where bytes enter."""

from corridors.sources.calendar import parse_week
from corridors.sources.checking import CheckLine, check
from corridors.sources.force_export import suggest_columns
from corridors.sources.incidents import IncidentSource, read_incidents
from corridors.sources.loading import load_area, load_inputs
from corridors.sources.named import NamedFile
from corridors.sources.profiles import read_profile, shipped_profiles
from corridors.sources.starting import init_files
from corridors.sources.streets import read_streets
from corridors.sources.workspace import Workspace, open_workspace

__all__ = [
    "CheckLine",
    "IncidentSource",
    "NamedFile",
    "Workspace",
    "check",
    "init_files",
    "load_area",
    "load_inputs",
    "open_workspace",
    "parse_week",
    "read_incidents",
    "read_profile",
    "read_streets",
    "shipped_profiles",
    "suggest_columns",
]
