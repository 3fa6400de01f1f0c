"""Two fictional towns 30 km apart in one workspace, and batches of them with short searches."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

from support_quick import HEADERS, QUICK
from support_units import writing_unit

from corridors import demo, sources
from corridors.batch import state
from corridors.batch.engines import in_process
from corridors.batch.run import Job, Report, run, unchanged

WEEK, MADE_ON = "2026-W10", "20/02/2026"
HERE, NEXT, FAR, FAR_NEXT = "E05999001", "E05999002", "E05999011", "E05999012"
HERE_REPORTS, FAR_REPORTS = "data/incidents/here.csv", "data/incidents/far.csv"
_WEST = "data/incidents/demo_force_export.csv"
_STREETS = "data/osm_cache/demo.osm"


def two_towns(folder: Path) -> Path:
    """A workspace of four wards, two in each town; each town has an incident file of its own."""
    one = demo.files()
    two = demo.files(
        seed=7, east_m=650_000, ward_number=999_011, first_urn=900_101, first_osm_id=1_000_001
    )
    made = dict(one)
    made["data/boundaries/demo_wards.geojson"] = _wards(one, two)
    made[_STREETS] = _osm(one[_STREETS], two[_STREETS])
    for name in ("schools/demo_edubasealldata", "people/demo_agreements", "people/demo_aims"):
        file = f"data/{name}.csv"
        made[file] = one[file] + two[file].split(b"\n", 1)[1]
    terms = "data/calendar/demo_terms.csv"
    made[terms] += b"".join(
        line for line in two[terms].splitlines(keepends=True)[1:] if not line.startswith(b",")
    )
    made[HERE_REPORTS] = made.pop(_WEST)
    made[FAR_REPORTS] = two[_WEST].replace(b"\nD", b"\nF")
    shipped = (files("corridors.profiles") / "hackney_2024.toml").read_bytes()
    made["quick.toml"] = shipped + QUICK.encode()
    config = made["corridors.toml"].decode().replace('"hackney_2024"', '"quick.toml"')
    made["corridors.toml"] = config.encode()
    made["data/people/demo_approvals.csv"] = HEADERS["approvals"].encode() + b"\n"
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def _wards(one: dict[str, bytes], two: dict[str, bytes]) -> bytes:
    whole, more = (json.loads(f["data/boundaries/demo_wards.geojson"]) for f in (one, two))
    whole["features"] += more["features"]
    return json.dumps(whole).encode()


def _osm(one: bytes, two: bytes) -> bytes:
    """Both extracts in one: all nodes, then all ways."""
    heads, nodes, ways = [], [], []
    for text in (one, two):
        first, way, end = text.index(b"<node"), text.index(b"<way"), text.rindex(b"</osm>")
        heads.append(text[:first])
        nodes.append(text[first:way])
        ways.append(text[way:end])
    return b"".join([heads[0], *nodes, *ways, b"</osm>\n"])


def outputs(root: Path) -> dict[str, bytes]:
    """Everything in a workspace but its logs."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != "log"
    }


def begin(
    root: Path, unit=writing_unit, *, wanted=None, redo=False, engine=None, day=date(2026, 2, 20)
) -> Report:
    """What the command does, in this process, with a unit of the test's own."""
    job = Job(root, WEEK, day, wanted, redo)
    with state.only_one(root, WEEK):
        known = state.read_known(state.batch_folder(root, WEEK))
        report = unchanged(job, known)
        opened = sources.open_workspace(root)
        return report or run(opened, job, engine or in_process(), unit)


def states(root: Path) -> dict[str, str]:
    """Status by ward, as it stands on disk."""
    folder = state.batch_folder(root, WEEK)
    return {s.outcome.ward: s.outcome.status for s in state.all_states(folder)}
