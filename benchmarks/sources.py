"""Reading what is large: a force's export of 300,000 rows, and a county's streets.

``sources.export.*``: from the CSV to incidents on segments, on one core, in process time; and the
same rows as a workbook and as Parquet. ``sources.county.*``: one ward out of a county of a million
ways, in a process of its own: its peak memory, what of it was there before the file was opened, and
the time. The county is copies of Newport.

``python -m benchmarks.sources FILE WARDS`` is that process: it prints the figures as JSON.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._camden import ROOT, camden_folder

Figure = tuple[str, float, str]
ROWS = 300_000
COPIES = 20
WARD = "W05000833"


def run() -> list[Figure]:
    camden = camden_folder()
    if camden is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        return [*_export(camden, Path(folder)), *_county(camden.parent / "newport", Path(folder))]


# A force's export -------------------------------------------------------------------------------


def _export(camden: Path, folder: Path) -> list[Figure]:
    from corridors.model import Ward
    from corridors.network.segments import build_network
    from corridors.network.snapping import snap
    from corridors.sources.boundaries import read_wards
    from corridors.sources.profiles import read_profile
    from corridors.sources.streets import read_streets
    from corridors.tables import Incidents

    rows = _repeated(camden / "force_export_synthetic_times.csv")
    figures: list[Figure] = []
    streets, _ = read_streets(camden / "camden.osm.pbf", bounds_m=None, file="streets")
    wards, _ = read_wards(camden / "wards_E09000007.geojson", file="wards")
    profile = read_profile("hackney_2024", ROOT)
    borough = Ward("E09000007", "Camden", wards.union_all())
    network = build_network(streets, borough, profile.streets)
    for suffix, write in (("csv", _csv), ("xlsx", _xlsx), ("parquet", _parquet)):
        path = folder / f"export.{suffix}"
        write(path, rows)
        started_s = time.process_time()
        table = _read(path)
        figures.append((f"sources.export.{suffix}.read", time.process_time() - started_s, "s"))
        if suffix == "csv":
            x_m, y_m = (table[name].to_numpy() for name in (Incidents.x_m, Incidents.y_m))
            snap(network, x_m, y_m, reach_m=profile.risk.snap_reach_m)
            figures.append(("sources.export.csv.placed", time.process_time() - started_s, "s"))
    return figures


def _repeated(path: Path) -> list[list[str]]:
    """The header and 300,000 rows, each with an id of its own."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        header, *rows = csv.reader(handle)
    made = (rows[number % len(rows)] for number in range(ROWS))
    return [header, *([f"N{number}", *row[1:]] for number, row in enumerate(made))]


def _csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)


def _xlsx(path: Path, rows: list[list[str]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def _parquet(path: Path, rows: list[list[str]]) -> None:
    import pyarrow
    from pyarrow import parquet

    columns = dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))
    parquet.write_table(pyarrow.table(columns), path)


def _read(path: Path) -> Any:
    from corridors.sources import IncidentSource, read_incidents
    from corridors.sources.named import NamedFile

    return read_incidents(IncidentSource((NamedFile(path, path.name, "incidents.files"),)))[0]


# A county ---------------------------------------------------------------------------------------


def _county(newport: Path, folder: Path) -> list[Figure]:
    sys.path.insert(0, str(ROOT / "tests"))
    from support_county import write_county

    town = newport / "newport-2023-06-13.osm.pbf"
    ways = write_county(town, folder / "county.osm.pbf", COPIES)
    figures: list[Figure] = [("sources.county.ways", ways, "of_all_kinds")]
    for name, path in (("town", town), ("county", folder / "county.osm.pbf")):
        found = clip_alone(path, newport / "wards_W06000022.geojson")
        figures += [
            (f"sources.{name}.peak", found["peak_mb"], "MB"),
            (f"sources.{name}.before", found["before_mb"], "MB"),
            (f"sources.{name}.clip", found["clip_s"], "s"),
        ]
    return figures


def clip_alone(streets: Path, wards: Path) -> dict[str, Any]:
    """Clip ``streets`` to one ward in a process of its own; its figures and the result's hash."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sources", str(streets), str(wards)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _clip(streets: Path, wards: Path) -> dict[str, Any]:
    from corridors.sources.boundaries import bounds_of, read_wards
    from corridors.sources.streets import read_streets

    ward = read_wards(wards, file="wards")[0].loc[WARD, "geometry"]
    before_mb, started_s = _peak_mb(), time.perf_counter()
    extract, record = read_streets(streets, bounds_m=bounds_of(ward, 1_000.0), file="streets")
    clip_s = time.perf_counter() - started_s
    digest = hashlib.sha256(extract.vertex_xy_m.tobytes() + extract.way_refs.tobytes())
    digest.update(extract.ways.to_csv().encode())
    digest.update(extract.places.to_wkb(hex=True).to_csv().encode())
    return {
        "before_mb": before_mb, "peak_mb": _peak_mb(), "clip_s": clip_s,
        "sha256": digest.hexdigest(), "ways": len(extract.ways), "rows_read": record.rows_read,
        "extract_date": extract.extract_date,
    }  # fmt: skip


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(_clip(Path(sys.argv[1]), Path(sys.argv[2]))))
