"""Eighteen months of a fictional force's records export.

A day-long background, and a rise after school on the streets that pupils of the two secondaries
walk to the station and the bus. Times, places and offences are drawn; no real incident is copied.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely import LineString, STRtree, points

from corridors.demo.draws import bell, between, chance, pick, pick_weighted, shuffled, whole
from corridors.demo.ground import STREET, Line
from corridors.demo.polyline import Point, at
from corridors.demo.polyline import length_m as line_m
from corridors.demo.schools import EAST, WEST
from corridors.demo.setting import Setting
from corridors.demo.terms import school_days
from corridors.demo.town import Town

HEADER: Final = (
    "Occurrence No", "Crime Type", "Committed From", "Committed To", "Easting", "Northing",
    "Street", "Location Type", "Source", "Outcome", "MO",
)  # fmt: skip
CANARY: Final = "CANARY-NEVER-IN-OUTPUT"
FIRST, LAST = date(2024, 9, 1), date(2026, 2, 15)
SNATCH: Final = "Snatch of phone"  # a force's own wording, mapped in corridors.toml
_NO_WALK: Final = ("motorway", "construction")


@dataclass(frozen=True)
class Incident:
    """One row, before it is written. Times are local; ``place`` is None for a lost position."""

    offence: str
    start: datetime | None
    end: datetime
    place: Point | None
    kind: str
    source: str = "Public report"
    outcome: str = ""


@dataclass(frozen=True)
class _Habit:
    """How one sort of crime happens: how many, where, at what hours, for how long.

    ``hours`` are the earliest and latest start; ``lasts`` the longest range in hours, 0 if the
    time is known to the minute. ``week_ends`` is the share moved to Friday or Saturday.
    """

    offence: str
    count: int
    where: str
    kind: str
    hours: tuple[float, float]
    lasts: float = 0.0
    week_ends: float = 0.0
    source: str = "Public report"


_HABITS: Final = (
    _Habit("Violence and sexual offences", 215, "pub", "Street", (20, 26), 0.0, 0.6),
    _Habit("Violence and sexual offences", 270, "home", "Dwelling", (8, 26), 1.0),
    _Habit("Violence and sexual offences", 120, "high", "Street", (10, 25)),
    _Habit("Anti-social behaviour", 260, "street", "Street", (12, 25)),
    _Habit("Anti-social behaviour", 110, "park", "Open space", (14, 23)),
    _Habit("Anti-social behaviour", 110, "high", "Street", (11, 25)),
    _Habit("Public order", 130, "pub", "Licensed premises", (18, 26), 0.0, 0.5),
    _Habit("Public order", 70, "high", "Street", (9, 23)),
    _Habit("Burglary", 95, "home", "Dwelling", (7.5, 11), 10.0),
    _Habit("Burglary", 75, "home", "Dwelling", (20, 25), 9.0),
    _Habit("Burglary", 30, "home", "Dwelling", (9, 17), 72.0),
    _Habit("Vehicle crime", 230, "home", "Street", (17, 24), 14.0),
    _Habit("Criminal damage and arson", 160, "street", "Street", (16, 25), 12.0),
    _Habit("Shoplifting", 225, "shop", "Retail", (9, 20)),
    _Habit("Theft from the person", 75, "high", "Street", (9, 23), 0.5),
    _Habit("Other theft", 160, "shop", "Retail", (9, 22), 4.0),
    _Habit("Bicycle theft", 75, "station", "Railway station", (7, 9.5), 10.0),
    _Habit("Robbery", 70, "street", "Street", (18, 26)),
    _Habit("Other crime", 45, "home", "Dwelling", (8, 22), 24.0),
    _Habit("Drugs", 95, "high", "Street", (12, 24), 0.0, 0.2, "Police generated"),
    _Habit("Drugs", 55, "park", "Open space", (14, 22), 0.0, 0.0, "Police generated"),
    _Habit("Possession of weapons", 34, "high", "Street", (14, 24), 0.0, 0.0, "Police generated"),
    _Habit("Possession of weapons", 12, "street", "Street", (12, 25)),
)
_AFTER_SCHOOL: Final[dict[str, dict[str, float]]] = {
    WEST: {
        "Violence and sexual offences": 42, "Robbery": 34, "Theft from the person": 7,
        "Anti-social behaviour": 8, "Public order": 4, "Possession of weapons": 5, SNATCH: 3,
    },
    EAST: {
        "Violence and sexual offences": 20, "Robbery": 12, "Theft from the person": 20,
        "Anti-social behaviour": 30, "Public order": 12, SNATCH: 6,
    },
}  # fmt: skip
_AFTER_SCHOOL_COUNT: Final = {WEST: 170, EAST: 130}


def export(town: Town, setting: Setting) -> bytes:
    """The export: UTF-8, one row per incident in order of time, canary text in ``MO``."""
    rng = setting.rng("incidents")
    scene = _Scene(town)
    drawn = list(_background(scene, rng))
    drawn += _after_school(scene, rng)
    drawn += _on_premises(scene, rng)
    rows = [_told(i, rng) for i in drawn]
    rows.sort(key=lambda i: (i.start or i.end, i.offence, i.place or (0.0, 0.0)))
    return _csv(_as_exported(rows, rng), scene, setting)


class _Scene:
    """Where things happen in a town."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._named = [x for x in town.lines if x.layer == STREET and x.tags.get("name")]
        self._tree = STRtree([LineString(x.points) for x in self._named])
        near = [x for x in self._named if _is_near(x.points[len(x.points) // 2])]
        homes = [x for x in near if x.tags["highway"] in ("residential", "tertiary")]
        self._lines = {
            "home": homes,
            "street": [*homes, *(x for x in near if x.rank in ("high", "main", "alley"))],
            "high": [x for x in near if x.rank == "high"],
            "park": [x for x in town.lines if x.rank == "park_path" and _is_near(x.points[0])],
        }
        spots = town.spots
        self._places = {
            "pub": [s.at for s in spots if s.tags.get("amenity") == "pub"],
            "shop": [s.at for s in spots if "shop" in s.tags],
            "station": [s.at for s in spots if s.tags.get("railway") == "station"],
        }
        self._runs = {k: np.cumsum([line_m(x.points) for x in v]) for k, v in self._lines.items()}
        self.ways_home = {key: _ways_home(town, key) for key in (WEST, EAST)}

    def place(self, where: str, rng: np.random.Generator) -> Point:
        """Somewhere of this sort; repeated addresses repeat exactly, as geocoded ones do."""
        if where in self._places:
            return pick(rng, self._places[where])
        if where == "high":
            return self.beside(self._busy_high(rng), rng)
        run = self._runs[where]
        line = self._lines[where][int(np.searchsorted(run, between(rng, 0.0, float(run[-1]))))]
        return self.beside((line.points, between(rng, 0.0, line_m(line.points))), rng)

    def _busy_high(self, rng: np.random.Generator) -> tuple[tuple[Point, ...], float]:
        line = pick(rng, self._lines["high"])
        size = line_m(line.points)
        return line.points, min(size, max(0.0, bell(rng, size * 0.5, size * 0.18)))

    def beside(self, spot: tuple[tuple[Point, ...], float], rng: np.random.Generator) -> Point:
        """A place up to 7 m beside the line."""
        (x, y), (ux, uy) = at(*spot)
        left = between(rng, -7.0, 7.0)
        return (x - uy * left, y + ux * left)

    def street(self, place: Point) -> str:
        """Name of the nearest named street."""
        return self._named[int(self._tree.nearest(points(place)))].tags["name"]


def _is_near(p: Point) -> bool:
    return abs(p[0]) < 1350 and abs(p[1]) < 1150


def _ways_home(town: Town, key: str) -> list[tuple[Point, Point]]:
    """Pieces of street on the shortest walks from a school to the station and the bus.

    A piece comes as often as walks use it, and more often on the high street and Station Road.
    """
    number, pieces = _graph(town.lines)
    places = sorted(number, key=number.__getitem__)
    tree = cKDTree(places)
    gate = next(g.at for g in town.gates if g.key == key and g.is_main)
    goals = [s.at for s in town.spots if s.tags.get("railway") == "station"]
    stops = [s.at for s in town.spots if s.tags.get("highway") == "bus_stop"]
    on_high = sorted(p for p in stops if abs(p[0]) < 480 and -60 < p[1] < 150)
    goals += on_high or stops[:2]
    size = [math.dist(a, b) for a, b, _ in pieces]
    ends = [(number[a], number[b]) for a, b, _ in pieces]
    u, v = np.asarray(ends).T
    graph = coo_matrix((size, (u, v)), shape=(len(number), len(number)))
    start = int(tree.query(gate)[1])
    _, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    line_of = {frozenset((a, b)): line for a, b, line in pieces}
    found: list[tuple[Point, Point]] = []
    for goal in goals:
        here = int(tree.query(goal)[1])
        while before[here] >= 0:
            a, b = places[int(before[here])], places[here]
            line = line_of[frozenset((a, b))]
            busy = line.rank in ("high", "sidewalk") or line.tags.get("name") == "Station Road"
            found += [(a, b)] * (6 if busy else 1)
            here = int(before[here])
    return found


def _graph(lines: tuple[Line, ...]) -> tuple[dict[Point, int], list[tuple[Point, Point, Line]]]:
    number: dict[Point, int] = {}
    pieces: dict[frozenset[Point], tuple[Point, Point, Line]] = {}
    for line in lines:
        is_closed = line.tags.get("highway") in _NO_WALK or line.rank == "site_path"
        if line.layer != STREET or is_closed:
            continue
        for a, b in zip(line.points, line.points[1:], strict=False):
            number.setdefault(a, len(number))
            number.setdefault(b, len(number))
            pieces.setdefault(frozenset((a, b)), (a, b, line))
    return number, list(pieces.values())


def _background(scene: _Scene, rng: np.random.Generator) -> Iterator[Incident]:
    for habit in _HABITS:
        for _ in range(habit.count):
            day = FIRST + timedelta(days=whole(rng, 0, (LAST - FIRST).days))
            if chance(rng, habit.week_ends):
                day += timedelta(days=(4 + whole(rng, 0, 1) - day.weekday()) % 7)
            start = _moment(day, between(rng, *habit.hours))
            lasts = habit.lasts * between(rng, 0.35, 1.0)
            end = start + timedelta(minutes=round(lasts * 60))
            place = scene.place(habit.where, rng)
            yield Incident(habit.offence, start, end, place, habit.kind, habit.source)


def _after_school(scene: _Scene, rng: np.random.Generator) -> Iterator[Incident]:
    days = school_days(FIRST, LAST)
    for key, count in _AFTER_SCHOOL_COUNT.items():
        pieces = scene.ways_home[key]
        run = np.cumsum([math.dist(a, b) for a, b in pieces])
        for _ in range(count):
            piece = pieces[int(np.searchsorted(run, between(rng, 0.0, float(run[-1]))))]
            place = scene.beside((piece, between(rng, 0.0, math.dist(*piece))), rng)
            hour = min(17.2, max(15.1, bell(rng, 15.85, 0.42)))
            start = _moment(pick(rng, days), hour)
            end = start + timedelta(minutes=whole(rng, 0, 12))
            offence = pick_weighted(rng, _AFTER_SCHOOL[key])
            outcome = "20" if chance(rng, 0.05) else ""
            yield Incident(offence, start, end, place, "Street", outcome=outcome)


def _on_premises(scene: _Scene, rng: np.random.Generator) -> Iterator[Incident]:
    """What schools report from inside: set apart later, many with Outcome 20."""
    days = school_days(FIRST, LAST)
    weights = {
        "Violence and sexual offences": 6.0, "Other theft": 3.0, "Criminal damage and arson": 1.0,
        "Possession of weapons": 1.0,
    }  # fmt: skip
    for key, count in ((WEST, 42), (EAST, 24)):
        gate = next(g.at for g in scene.town.gates if g.key == key and g.is_main)
        for _ in range(count):
            start = _moment(pick(rng, days), between(rng, 8.7, 15.4))
            end = start + timedelta(minutes=whole(rng, 0, 30))
            outcome = "20" if chance(rng, 0.6) else ""
            offence = pick_weighted(rng, weights)
            yield Incident(offence, start, end, gate, "School", outcome=outcome)


def _moment(day: date, hour: float) -> datetime:
    """Local time; hours past 24 are the next day's. Nothing happens in the hour that is skipped."""
    found = datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))
    skipped = found.month == 3 and found.day >= 25 and found.weekday() == 6 and found.hour == 1
    return found + timedelta(hours=1) if skipped else found


def _told(incident: Incident, rng: np.random.Generator) -> Incident:
    """What the record says: people round times, and some know only the day."""
    start, end = incident.start, incident.end
    assert start is not None
    if chance(rng, 0.022):
        midnight = datetime.combine(start.date(), time())
        return replace(incident, start=midnight, end=midnight + timedelta(hours=23, minutes=59))
    if chance(rng, 0.55):
        start = start.replace(minute=start.minute // 5 * 5)
        end = max(end.replace(minute=end.minute // 5 * 5), start)
    latest = datetime.combine(LAST, time(23, 59))
    return replace(incident, start=min(start, latest), end=min(end, latest))


def _as_exported(rows: list[Incident], rng: np.random.Generator) -> list[Incident]:
    """A handful of rows goes wrong on the way, as in real exports."""
    harms: tuple[Callable[[Incident], Incident], ...] = (_lost, _lost, _backwards, _no_start)
    found = list(rows)
    # Background alone is harmed: the rise after school stays what it is.
    sound = [i for i, row in enumerate(rows) if row.kind in ("Dwelling", "Retail") and row.start]
    for i, at_row in enumerate(shuffled(rng, sound)[:12]):
        found[at_row] = harms[i % len(harms)](found[at_row])
    return found


def _lost(row: Incident) -> Incident:
    return replace(row, place=None)


def _backwards(row: Incident) -> Incident:
    assert row.start is not None
    return replace(row, end=row.start - timedelta(hours=3))


def _no_start(row: Incident) -> Incident:
    return replace(row, start=None)


def _csv(rows: list[Incident], scene: _Scene, setting: Setting) -> bytes:
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(HEADER)
    for i, row in enumerate(rows):
        east, north, street = "0", "0", ""
        if row.place is not None:
            east = str(round(setting.east_m + row.place[0]))
            north = str(round(setting.north_m + row.place[1]))
            street = scene.street(row.place)
        out.writerow(
            (
                f"D{i + 1:06d}", row.offence, _clock(row.start), _clock(row.end), east, north,
                street, row.kind, row.source, row.outcome, CANARY,
            )
        )  # fmt: skip
    return text.getvalue().encode()


def _clock(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%d/%m/%Y %H:%M")
