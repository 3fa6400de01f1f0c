"""Readers: the only place where bytes enter."""

from corridors.sources.areas import areas_file, read_areas
from corridors.sources.calendar import parse_week
from corridors.sources.checking import CheckLine, check
from corridors.sources.drafts import Dropped
from corridors.sources.evaluation_records import load_records
from corridors.sources.force_export import suggest_columns
from corridors.sources.incidents import IncidentSource, read_incidents
from corridors.sources.loading import (
    find_codes,
    find_ward_code,
    knows_absence,
    load_area,
    load_inputs,
    load_reports,
    load_wards,
    person_ids,
    ward_codes,
    wards_by_code,
)
from corridors.sources.named import NamedFile
from corridors.sources.patrolled import read_planned
from corridors.sources.profiles import read_profile, shipped_profiles
from corridors.sources.programmes import programme_keys, read_programme
from corridors.sources.rosters import (
    ToldPlan,
    patrolled_days,
    read_remits,
    read_told,
    with_told,
    written_plans,
)
from corridors.sources.starting import init_files
from corridors.sources.streets import read_streets
from corridors.sources.toolkit import read_costs, read_ledger
from corridors.sources.watched import Watched, watched
from corridors.sources.workspace import Workspace, open_workspace

__all__ = [
    "CheckLine",
    "Dropped",
    "IncidentSource",
    "NamedFile",
    "ToldPlan",
    "Watched",
    "Workspace",
    "areas_file",
    "check",
    "find_codes",
    "find_ward_code",
    "init_files",
    "knows_absence",
    "load_area",
    "load_inputs",
    "load_records",
    "load_reports",
    "load_wards",
    "open_workspace",
    "parse_week",
    "patrolled_days",
    "person_ids",
    "programme_keys",
    "read_areas",
    "read_costs",
    "read_incidents",
    "read_ledger",
    "read_planned",
    "read_profile",
    "read_programme",
    "read_remits",
    "read_streets",
    "read_told",
    "shipped_profiles",
    "suggest_columns",
    "ward_codes",
    "wards_by_code",
    "watched",
    "with_told",
    "written_plans",
]
