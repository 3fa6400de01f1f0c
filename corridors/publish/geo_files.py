"""The plan's geometry for mapping programs: GeoJSON and GeoPackage. OFFICIAL-SENSITIVE.

Both hold the same layers, with bands and words as on the working map: no count of reports, no point
of one, no name of a person.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from shapely.geometry import Point

from corridors.crs import METRIC, SHIFT_NAME
from corridors.model import Plan
from corridors.profile import Profile
from corridors.publish.bands import (
    flow_bands,
    flow_words,
    pupils,
    risk_bands,
    risk_words,
    shown_segments,
    small_count,
)
from corridors.publish.cards import MARKING, RouteGroup, route_groups, school_name
from corridors.publish.lonlat import geometry
from corridors.publish.plan_json import versions
from corridors.publish.public import attribution
from corridors.publish.route_files import route_line, route_names, timed_steps
from corridors.publish.wording import clean_name, joined, place_words, weekdays_words
from corridors.tables import Gates, Schools, Segments

_TEXT: Final = "str"
_INT: Final = "int64"
_FLOAT: Final = "float64"
_COLUMNS: Final[dict[str, dict[str, str]]] = {
    "segments": {
        "segment_id": _INT, "name": _TEXT, "corridors": _TEXT, "in_ward": "bool",
        "length_m": _FLOAT, "risk_band": _INT, "risk": _TEXT, "pupil_band": _INT, "pupils": _TEXT,
    },
    "corridors": {
        "corridor_id": _TEXT, "schools": _TEXT, "streets": _TEXT, "length_m": _FLOAT,
        "reports": _TEXT,
    },
    "routes": {
        "route": _TEXT, "team": _INT, "days": _TEXT, "corridor_id": _TEXT, "starts": _TEXT,
        "ends": _TEXT, "rounds": _INT, "length_m": _FLOAT, "steps": _TEXT,
    },
    "stand_points": {
        "route": _TEXT, "team": _INT, "days": _TEXT, "place": _TEXT, "kind": _TEXT, "times": _TEXT,
    },
    "gates": {"gate_id": _TEXT, "urn": _TEXT, "school": _TEXT, "found": _TEXT},
    "schools": {"urn": _TEXT, "name": _TEXT, "has_corridor": "bool"},
    "ward": {"code": _TEXT, "name": _TEXT},
}  # fmt: skip
_KINDS: Final = {
    "segments": "LineString", "corridors": "MultiLineString", "routes": "LineString",
    "stand_points": "Point", "gates": "Point", "schools": "Point", "ward": "MultiPolygon",
}  # fmt: skip

_Row = dict[str, Any]


def geo_layers(plan: Plan, *, risk_reach_m: float) -> dict[str, gpd.GeoDataFrame]:
    """Layers by name, EPSG:27700; each is there also where it is empty.

    Parameters
    ----------
    risk_reach_m : as for ``bands.risk_bands``.
    """
    rows = {
        "segments": _segments(plan, risk_reach_m),
        "corridors": _corridors(plan),
        "routes": _routes(plan),
        "stand_points": _stand_points(plan),
        "gates": _gates(plan),
        "schools": _schools(plan),
        "ward": _ward(plan),
    }
    return {name: _frame(name, found) for name, found in rows.items()}


def plan_geojson(plan: Plan, profile: Profile, layers: Mapping[str, gpd.GeoDataFrame]) -> bytes:
    """RFC 7946: WGS84, 6 decimals, outlines anticlockwise; of the segments those of corridors.

    Each feature's ``layer`` says what it is. ``marking`` and ``about`` are members of the whole.
    """
    features = [
        {
            "type": "Feature",
            "geometry": geometry(shapely.orient_polygons(row.pop("geometry"))),
            "properties": {"layer": name, **row},
        }
        for name, frame in layers.items()
        for row in _records(frame[frame["corridors"] != ""] if name == "segments" else frame)
    ]
    data = {
        "type": "FeatureCollection",
        "marking": MARKING,
        "about": dict(_about(plan, profile)),
        "features": features,
    }
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode()


def plan_geopackage(plan: Plan, profile: Profile, layers: Mapping[str, gpd.GeoDataFrame]) -> bytes:
    """OGC GeoPackage, EPSG:27700, with a table ``about``; its dates are the day of the plan."""
    about = pd.DataFrame(_about(plan, profile), columns=["key", "value"], dtype="str")
    options = {
        "OGR_CURRENT_DATE": f"{plan.inputs.made_on.isoformat()}T00:00:00.000Z",
        "OGR_SQLITE_SYNCHRONOUS": "OFF",  # it is read back and gone
    }
    with tempfile.TemporaryDirectory(prefix="corridors-") as folder, _gdal_options(options):
        path = Path(folder) / "plan_OS.gpkg"
        for position, (name, frame) in enumerate(layers.items()):
            pyogrio.write_dataframe(
                frame, path, layer=name, driver="GPKG", geometry_type=_KINDS[name],
                append=position > 0, layer_options={"DESCRIPTION": MARKING}, use_arrow=False,
            )  # fmt: skip
        pyogrio.write_dataframe(
            about, path, layer="about", driver="GPKG", append=True,
            layer_options={"DESCRIPTION": MARKING}, use_arrow=False,
        )  # fmt: skip
        return path.read_bytes()


@contextmanager
def _gdal_options(options: Mapping[str, str]) -> Iterator[None]:
    """GDAL's own options as told, and afterwards as they were."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(dict(options))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _about(plan: Plan, profile: Profile) -> list[tuple[str, str]]:
    ward, week = plan.inputs.ward, plan.inputs.week
    told = [
        ("marking", MARKING),
        ("title", "Safer Corridors plan"),
        ("ward", f"{clean_name(ward.name)} ({ward.code})"),
        ("week", week.label),
        ("made_on", plan.inputs.made_on.isoformat()),
        ("profile", f"{clean_name(plan.profile_name)}, seed {profile.seed}"),
        ("streets", attribution(plan)),
        ("risk_band", "0 lower half or no evidence, 1 to 3: " + _listed(risk_words, 3)),
        ("risk_times", _times_words(plan)),
        ("pupil_band", "0 fewer than 5, 1 to 4: " + _listed(flow_words, 4)),
        ("shift", f"{METRIC} and WGS84 by {SHIFT_NAME}"),
    ]
    told += [(f"version of {name}", text) for name, text in versions(plan).items()]
    told += [
        (f"source {number}: {clean_name(s.kind)}", f"{clean_name(s.file_name)} SHA-256 {s.sha256}")
        for number, s in enumerate(plan.inputs.sources, start=1)
    ]
    return told


def _listed(words: Callable[[int], str], most: int) -> str:
    return ", ".join(words(band) for band in range(1, most + 1)).lower()


def _times_words(plan: Plan) -> str:
    return "in the window after school" if plan.has_times else "all hours: the source has no times"


def _frame(name: str, rows: Sequence[_Row]) -> gpd.GeoDataFrame:
    kinds = _COLUMNS[name]
    cells = {c: pd.Series([row[c] for row in rows], dtype=kind) for c, kind in kinds.items()}
    return gpd.GeoDataFrame(cells, geometry=[row["geometry"] for row in rows], crs=METRIC)


def _records(frame: gpd.GeoDataFrame) -> list[_Row]:
    records: list[_Row] = frame.to_dict("records")
    return records


# --- layers -------------------------------------------------------------------------------------


def _segments(plan: Plan, reach_m: float) -> list[_Row]:
    segments = plan.network.segments
    risk, flow = risk_bands(plan, reach_m=reach_m), flow_bands(pupils(plan))
    of: dict[int, list[str]] = {}
    for corridor in plan.corridors:
        for segment_id in corridor.segment_ids:
            of.setdefault(segment_id, []).append(clean_name(corridor.corridor_id))
    names = segments[Segments.name].to_numpy()
    in_ward = segments[Segments.in_ward].to_numpy()
    lengths_m = segments[Segments.length_m].to_numpy()
    shapes = segments.geometry.to_numpy()
    return [
        {
            "segment_id": int(segments.index[i]),
            "name": clean_name(names[i]),
            "corridors": " ".join(of.get(int(segments.index[i]), ())),
            "in_ward": bool(in_ward[i]),
            "length_m": _metres(lengths_m[i]),
            "risk_band": int(risk[i]),
            "risk": risk_words(int(risk[i])),
            "pupil_band": int(flow[i]),
            "pupils": flow_words(int(flow[i])),
            "geometry": shapes[i],
        }
        for i in np.flatnonzero(shown_segments(plan))
    ]


def _corridors(plan: Plan) -> list[_Row]:
    shapes = plan.network.segments.geometry
    return [
        {
            "corridor_id": clean_name(c.corridor_id),
            "schools": joined(school_name(plan, urn) for urn in c.urns),
            "streets": joined(clean_name(name) for name in c.street_names),
            "length_m": _metres(c.length_m),
            "reports": small_count(c.evidence.incidents_in_window),
            "geometry": shapely.multilinestrings(list(shapes.loc[list(c.segment_ids)])),
        }
        for c in plan.corridors
    ]


def _routes(plan: Plan) -> list[_Row]:
    groups = route_groups(plan)
    rows = []
    for name, group in zip(route_names(groups), groups, strict=True):
        timed = timed_steps(plan, group)
        rows.append(
            {
                "route": name,
                "team": group.route.team,
                "days": _days(group),
                "corridor_id": clean_name(group.route.corridor_id),
                "starts": timed[0][1],
                "ends": timed[-1][1],
                "rounds": group.route.rounds,
                "length_m": _metres(group.route.length_m),
                "steps": "; ".join(f"{s.number}. {s.words} ({words})" for s, words in timed),
                "geometry": route_line(plan, group.route),
            }
        )
    return rows


def _stand_points(plan: Plan) -> list[_Row]:
    groups = route_groups(plan)
    rows = []
    for name, group in zip(route_names(groups), groups, strict=True):
        times = [words for step, words in timed_steps(plan, group) if step.kind == "stand"]
        # Steps come by position; stands at one position in the order of the route.
        stands = sorted(group.route.stands, key=lambda stand: stand[0])
        for (_, stand), words in zip(stands, times, strict=True):
            rows.append(
                {
                    "route": name,
                    "team": group.route.team,
                    "days": _days(group),
                    "place": place_words(stand.kind, stand.name),
                    "kind": stand.kind,
                    "times": words,
                    "geometry": Point(stand.x_m, stand.y_m),
                }
            )
    return rows


def _days(group: RouteGroup) -> str:
    return weekdays_words([p.day for _, patrols in group.parts for p in patrols])


def _gates(plan: Plan) -> list[_Row]:
    return [
        {
            "gate_id": clean_name(gate_id),
            "urn": clean_name(row[Gates.urn]),
            "school": school_name(plan, row[Gates.urn]),
            "found": row[Gates.source],
            "geometry": Point(row[Gates.x_m], row[Gates.y_m]),
        }
        for gate_id, row in plan.gates.sort_index().iterrows()
    ]


def _schools(plan: Plan) -> list[_Row]:
    """Those that the plan looked at, as on the working map."""
    served = {urn for c in plan.corridors for urn in c.urns}
    looked_at = served | {n.urn for n in plan.no_patrol} | {f.urn for f in plan.flows}
    schools = plan.inputs.schools
    found = schools.loc[sorted(looked_at & set(schools.index))]
    return [
        {
            "urn": clean_name(urn),
            "name": school_name(plan, str(urn)),
            "has_corridor": urn in served,
            "geometry": Point(row[Schools.x_m], row[Schools.y_m]),
        }
        for urn, row in found.iterrows()
    ]


def _ward(plan: Plan) -> list[_Row]:
    ward = plan.inputs.ward
    outline = shapely.multipolygons(list(shapely.get_parts(shapely.force_2d(ward.boundary))))
    return [{"code": ward.code, "name": clean_name(ward.name), "geometry": outline}]


def _metres(length_m: float) -> float:
    return round(float(length_m), 1)
