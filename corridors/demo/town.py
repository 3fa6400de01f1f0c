"""The whole town in local metres: everything that the files are written from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scipy.spatial import cKDTree
from shapely import LineString, Polygon, box
from shapely import Point as ShapelyPoint
from shapely.ops import unary_union

from corridors.demo import footways, ground, houses, infill, joins, plan, schools
from corridors.demo.footways import Spot
from corridors.demo.ground import STREET, Line, Tags
from corridors.demo.houses import Home
from corridors.demo.infill import Area, Gate
from corridors.demo.names import StreetNames
from corridors.demo.polyline import Point, Points, Waves, bent, dense, ring, rounded
from corridors.demo.schools import School
from corridors.demo.setting import HALF_HEIGHT_M, HALF_WIDTH_M, Setting


@dataclass(frozen=True)
class Town:
    """A town; points are metres east and north of its middle."""

    name: str
    lines: tuple[Line, ...]
    areas: tuple[Area, ...]
    gates: tuple[Gate, ...]
    spots: tuple[Spot, ...]
    homes: tuple[Home, ...]
    schools: tuple[School, ...]
    park_names: dict[str, str]
    wards: tuple[Points, Points]
    ward_names: tuple[str, str]


def build(setting: Setting) -> Town:
    """Build the town of a setting."""
    drawing = plan.draw(setting.rng("plan"))
    filling = infill.fill(drawing, setting.rng("infill"))
    field = ground.waves(setting.rng("waves"))
    laid = ground.lay(drawing, filling, field, setting.rng("ground"))
    walks = footways.add(laid)
    joined = joins.join((*laid.lines, *walks.lines))
    areas = tuple(_area_on_ground(a, field, joined) for a in filling.areas)
    inside = tuple(c for a in areas for c in _clipped(a))
    settled = houses.settle(joined.lines, inside, setting.rng("houses"))
    gates = tuple(replace(g, at=_moved(bent((g.at,), field)[0], joined)) for g in filling.gates)
    names = StreetNames(setting.rng("other names"))
    return Town(
        name=laid.town,
        lines=joined.lines,
        areas=inside,
        gates=gates,
        spots=tuple(_on_vertices((*walks.spots, *settled.spots), joined.lines)),
        homes=settled.homes,
        schools=schools.name_them(setting, names),
        park_names={
            "park": f"{names.root()} Park",
            "garden": f"{names.root()} Gardens",
            "common": f"{names.root()} Common",
            "east_park": f"{names.root()} Recreation Ground",
        },
        wards=_wards(drawing.cells, field),
        ward_names=(f"{names.root()} Green", f"{names.root()} and {laid.town}"),
    )


def nearest_street(lines: Iterable[Line], at: Point) -> str:
    """Name of the nearest named street."""
    here = ShapelyPoint(at)
    named = [x for x in lines if x.layer == STREET and x.tags.get("name")]
    return min(named, key=lambda x: LineString(x.points).distance(here)).tags["name"]


def tags_of(area: Area, named: dict[str, School], park_names: dict[str, str]) -> Tags:
    """OSM tags of an area."""
    if area.use == "school":
        school = named[area.key]
        return {"amenity": "school", "name": school.name, "ref:edubase": school.urn}
    if area.use == "school_building":
        return {"building": "school"}
    if area.use == "water":
        return {"natural": "water", "water": "pond"}
    return {"leisure": "park", "name": park_names[area.key]}


def _moved(p: Point, joined: joins.Joined) -> Point:
    return joined.moved.get(p, p)


def _area_on_ground(area: Area, field: Waves, joined: joins.Joined) -> Area:
    """Bent like the streets round it, and through the same vertices as its gates."""
    points = bent(dense(area.outline, 24.0), field)
    return replace(area, outline=rounded(_moved(p, joined) for p in points))


def _clipped(area: Area) -> Iterator[Area]:
    """Only what lies in the extract."""
    frame = box(-HALF_WIDTH_M, -HALF_HEIGHT_M, HALF_WIDTH_M, HALF_HEIGHT_M)
    shape = Polygon(area.outline)
    if frame.contains(shape):
        yield area
        return
    inside = frame.intersection(shape)
    if inside.geom_type == "Polygon" and inside.area > 400:
        yield replace(area, outline=ring(inside))


def _on_vertices(spots: Iterable[Spot], lines: tuple[Line, ...]) -> Iterator[Spot]:
    """Tags of crossings go to the vertex of the carriageway that is there."""
    vertices = sorted({p for x in lines if x.rank in ("high", "main") for p in x.points})
    tree = cKDTree(vertices)
    for spot in spots:
        if not spot.on_way:
            yield spot
            continue
        gap, i = tree.query(spot.at)
        if gap < 3.0:
            yield replace(spot, at=vertices[int(i)])


def _wards(cells: Iterable[Polygon], field: Waves) -> tuple[Points, Points]:
    """Two wards made of whole cells, so that their borders follow streets."""
    halves: tuple[list[Polygon], list[Polygon]] = ([], [])
    for cell in cells:
        x, y = cell.centroid.x, cell.centroid.y
        if abs(x) < plan.HALF_WARD_X_M and abs(y) < plan.HALF_WARD_Y_M:
            halves[0 if x + 0.12 * y < 0 else 1].append(cell)
    west, east = (_outline(half) for half in halves)
    west, east = _stitched(west, east), _stitched(east, west)
    return bent(dense(west, 16.0), field), bent(dense(east, 16.0), field)


def _outline(cells: list[Polygon]) -> Points:
    """The outline of cells that touch; closing by 40 cm heals slivers between them."""
    whole = unary_union(cells).buffer(0.4, join_style="mitre").buffer(-0.4, join_style="mitre")
    largest = max(getattr(whole, "geoms", [whole]), key=lambda g: g.area)
    return ring(Polygon(largest.exterior))


def _stitched(outline: Points, other: Points) -> Points:
    """``outline`` with the vertices of ``other`` that lie on it, so that both share a border."""
    line = LineString(outline)
    stops = [(line.project(ShapelyPoint(p)), p) for p in outline[:-1]]
    for p in other[:-1]:
        if line.distance(ShapelyPoint(p)) > 0.3:
            continue
        near = min(range(len(stops)), key=lambda i: math.dist(stops[i][1], p))
        if math.dist(stops[near][1], p) < 0.6:
            # Of two vertices that mean the same corner both outlines take the lesser.
            stops[near] = (stops[near][0], min(stops[near][1], p))
        else:
            stops.append((line.project(ShapelyPoint(p)), p))
    points = [p for _, p in sorted(stops)]
    return rounded([*points, points[0]])


def ward_of(town: Town, at: Point) -> int:
    """0 in the western ward, 1 in the eastern."""
    return 0 if Polygon(town.wards[0]).contains(ShapelyPoint(at)) else 1
