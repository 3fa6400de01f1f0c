"""A small, complete, fictional plan: 12 streets, two schools, two patrols, one school without.

Built by hand from the tables and dataclasses, so that the writers are tested without the stages.
Nothing in it is real; the coordinates lie in a fictional ward.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, Polygon
from support_approvals import agreed

from corridors import model, profile, tables

ROWS = ("Alder Road", "Birch Road", "Cedar Road", "Damson Road", "Elm Road")
COLUMNS = (
    "First Lane", "Second Lane", "Third Lane", "Fourth Lane", "Fifth Lane", "Sixth Lane",
    "Seventh Lane",
)  # fmt: skip
STEP_M = 140.0
WEST_M, SOUTH_M = 553_000.0, 205_000.0
WARD = "E05999001"
WEEK = model.Week("2026-W10", tuple(date(2026, 3, 2) + timedelta(days=d) for d in range(5)))
MADE_ON = date(2026, 2, 6)

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    '" onload="alert(3)" x="',
    "' onmouseover='alert(4)",
    "<img src=x onerror=alert(5)>",
    "{{7*7}}{% raw %}${alert(6)}`",
    '=HYPERLINK("x","y")',
    "-2+3",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "\tTab first",
    "\rReturn first",
    "\x00NUL first",
    "Abc\u202egnp.exe\u2066\u200b",
    "line\u2028para\u2029end",
    "A" * 10_000,
)


@dataclass(frozen=True)
class Names:
    """Every text of the sample that a file could bring."""

    ward: str = "Fictional Green"
    schools: tuple[str, str] = ("Northfield Academy", "Southbrook School")
    streets: tuple[str, ...] = (*ROWS, *COLUMNS)
    places: tuple[str, str, str] = ("Cedar Road shops", "Fictional Green station", "Mill Park")
    people: tuple[str, str, str, str] = (
        "Ada Example", "Ben Sample", "Cara Specimen", "Dev Pattern",
    )  # fmt: skip
    organisation: str = "Green Youth Project"
    volunteers: str = "Tenants"
    spoc: str = "Deputy head, pastoral"


def hostile_names() -> Names:
    """Names as somebody with bad intent would write them, all of ``HOSTILE`` among them."""
    h = HOSTILE
    return Names(
        ward=h[0],
        schools=(h[1], h[6]),
        streets=tuple(f"{h[i % len(h)]}" if i < len(h) else f"S{i}" for i in range(12)),
        places=(h[2], h[4], h[5]),
        people=(h[6], h[12], h[13], h[15]),
        organisation=h[9],
        volunteers=h[4],
        spoc=h[14],
    )


def sample_profile() -> profile.Profile:
    """The shipped Hackney profile."""
    text = resources.files("corridors.profiles").joinpath("hackney_2024.toml").read_text("utf-8")
    return profile.from_mapping(tomllib.loads(text))


@cache
def sample_plan(names: Names | None = None, *, weight_seed: int = 1) -> model.Plan:
    """The plan, made once. ``weight_seed`` changes incidents and weights, never the corridors."""
    return fresh_plan(names, weight_seed=weight_seed)


def large_plan() -> model.Plan:
    """The plan in a ward of 200 times as many streets."""
    plan = sample_plan()
    segments, copies = plan.network.segments, 200
    shifted = [
        segments.assign(
            geometry=segments.geometry.translate(1000.0 * (k % 15), 700.0 * (k // 15)),
            in_ward=k < 30,
            name=segments["name"] + f" {k}",
        )
        for k in range(copies)
    ]
    many = gpd.GeoDataFrame(pd.concat(shifted, ignore_index=True), crs=segments.crs)
    many.index.name = "segment_id"
    n = len(many)
    flow = replace(plan.flows[0], walkers=np.where(np.arange(n) < 2000, 30.0, 1.0))
    return replace(
        plan,
        network=replace(plan.network, segments=many),
        risk=np.linspace(0.1, 1.0, n)[:, None] * np.ones(8),
        flows=(flow,),
        flow_slots=np.tile(plan.flow_slots, (copies, 1)),
    )


def fresh_plan(names: Names | None = None, *, weight_seed: int = 1) -> model.Plan:
    """The same plan, made anew."""
    names = names or Names()
    rng = np.random.default_rng(weight_seed)
    network = _network(names)
    n = len(network.segments)
    inputs = _inputs(names, rng)
    walkers = np.linspace(0.0, 220.0, n)
    slots = np.outer(walkers, np.array([0.5, 0.3, 0.2]))
    value = int(rng.integers(80, 118))
    corridors = (_corridor(network, float(12 + 4 * weight_seed)),)
    plan = model.Plan(
        inputs=inputs,
        profile_name="hackney_2024",
        version="0.1.0",
        network=network,
        gates=_gates(),
        flows=(
            model.SchoolFlow(
                urn="100001", walkers=walkers, arrival_s=np.full(n, 60.0),
                node_walk_s=np.full(len(network.nodes), 60.0),
                parent_node=np.full(len(network.nodes), -1, dtype=np.int64),
                parent_segment=np.full(len(network.nodes), -1, dtype=np.int64),
                roots=(8,), roll=900.0, roll_is_assumed=False,
            ),
        ),
        flow_slots=slots,
        slot_start_min=(900, 905, 910),
        risk=rng.random((n, 8)) * (rng.random(n) > 0.3)[:, None],
        risk_start_min=900,
        risk_weights=(
            model.LearnedWeight("counts", 0.6, "the streets where the reports were"),
            model.LearnedWeight("uniform", 0.4, "all streets alike"),
        ),
        risk_words=(
            "Of every 100 parts of the risk, 60 come from the very streets where reports were.",
        ),
        hot_spots=(
            model.HotSpot(
                hot_spot_id="H1", street_names=(names.streets[0],), segment_ids=(0, 1),
                incidents=9.0, effective_incidents=7.4, expected=0.8, p_value=0.001,
                stability=0.97, slots=(1, 2), is_stable=True,
            ),
        ),
        findings=(
            model.Finding("split_half", "Two halves", "The halves agree on 81 % of it.", 0.81),
            model.Finding("placebo", "Shuffled times", "Hardly a change.", 0.9, is_warning=True),
        ),
        has_times=True,
        corridors=corridors,
        no_patrol=(
            model.NoPatrol("100002", "Fewer incidents than the floor of 6 in the window."),
        ),
        sessions=(model.Session(WEEK.days, ("100001",), 900, 1020),),
        patrols=tuple(
            _patrol(i, day, names) for i, day in enumerate((WEEK.days[0], WEEK.days[2]))
        ),
        coverage=tuple(
            (0, day, model.Coverage(value, 124, 150, (("C1", 0.79),), (), (), False))
            for day in (WEEK.days[0], WEEK.days[2])
        ),
        warnings=("The roll of one school is out of date.",),
        parameters=(("risk.cell_m", "5.0"), ("seed", "2024")),
        roster=_roster(names),
    )  # fmt: skip
    return agreed(plan)


def with_staffing(plan: model.Plan, **changes: object) -> model.Plan:
    """The plan with the same change to every patrol's staffing."""
    patrols = tuple(
        replace(p, staffing=replace(p.staffing, **changes))
        for p in plan.patrols  # type: ignore[arg-type]
    )
    return replace(plan, patrols=patrols)


def with_inputs(plan: model.Plan, **changes: object) -> model.Plan:
    """The plan with changed inputs."""
    return replace(plan, inputs=replace(plan.inputs, **changes))  # type: ignore[arg-type]


def protocol_terms(**changes: str) -> pd.DataFrame:
    """Every field of the protocol filled in, then ``changes``."""
    words = {field: f"Words on {field.replace('_', ' ')}" for field in tables.PROTOCOL_FIELDS}
    words |= {"review_on": "2026-10-06"} | changes
    frame = pd.DataFrame({"value": pd.Series(words, dtype="str")})
    frame.index.name = "field"
    return tables.ProtocolTerms.validate(frame)


def confirmed_aims(**changes: object) -> pd.DataFrame:
    """The aim of the first school, with no reason for police alone and no dates, and changes."""
    row = {
        "aim": "trust", "confirmed_by": "Inspector", "police_alone_reason": "",
        "starts_on": pd.NaT, "ends_on": pd.NaT, "review_on": pd.NaT,
    }  # fmt: skip
    frame = pd.DataFrame([row | changes], index=pd.Index(["100001"], name="urn"))
    days = ["starts_on", "ends_on", "review_on"]
    return tables.ConfirmedAims.validate(frame.astype(dict.fromkeys(days, "datetime64[us]")))


def _xy(row: int, column: int) -> tuple[float, float]:
    # A gentle bend, so that the drawing is not a chessboard.
    return (
        WEST_M + STEP_M * column + 12.0 * np.sin(row + 0.5 * column),
        SOUTH_M + STEP_M * row + 15.0 * np.cos(0.7 * column + row),
    )


def _node(row: int, column: int) -> int:
    return row * len(COLUMNS) + column


def _network(names: Names) -> model.Network:
    cells = [(r, c) for r in range(len(ROWS)) for c in range(len(COLUMNS))]
    xy = np.array([_xy(r, c) for r, c in cells])
    nodes = pd.DataFrame({"x_m": xy[:, 0], "y_m": xy[:, 1], "is_clipped": False})
    nodes.index.name = "node_id"
    ends = [(_node(r, c), _node(r, c + 1), r) for r, c in cells if c + 1 < len(COLUMNS)]
    ends += [(_node(r, c), _node(r + 1, c), 5 + c) for r, c in cells if r + 1 < len(ROWS)]
    lines = [LineString([xy[u], (xy[u] + xy[v]) / 2 + 3.0, xy[v]]) for u, v, _ in ends]
    segments = gpd.GeoDataFrame(
        {
            "u": np.array([e[0] for e in ends], dtype=np.int64),
            "v": np.array([e[1] for e in ends], dtype=np.int64),
            "length_m": [line.length for line in lines],
            "walk_s": [line.length / 1.33 for line in lines],
            "name": [names.streets[e[2]] for e in ends],
            "highway": ["secondary" if e[2] == 2 else "residential" for e in ends],
            "is_bridge": False,
            "is_tunnel": False,
            "in_ward": True,
            "in_school_site": False,
        },
        geometry=lines,
        crs="EPSG:27700",
    )
    segments.index.name = "segment_id"
    return model.Network(
        tables.Segments.validate(segments), tables.Nodes.validate(nodes), (("private access", 3),)
    )


@cache
def _calm_network() -> model.Network:
    return _network(Names())


def segment_of(u: int, v: int) -> int:
    """Segment between two neighbouring nodes of the sample network."""
    segments = _calm_network().segments
    hit = segments[
        ((segments.u == u) & (segments.v == v)) | ((segments.u == v) & (segments.v == u))
    ]
    return int(hit.index[0])


# From the gate on Birch Road along Second Lane, Cedar Road and Fifth Lane, and back a little.
WALK = tuple(_node(r, c) for r, c in ((1, 1), (2, 1), (2, 2), (2, 3), (2, 4), (3, 4), (2, 4)))


def _corridor(network: model.Network, incidents: float) -> model.Corridor:
    ids = tuple(sorted({segment_of(u, v) for u, v in pairwise(WALK)}))
    part = network.segments.loc[list(ids)]
    return model.Corridor(
        corridor_id="C1",
        urns=("100001",),
        segment_ids=ids,
        street_names=tuple(sorted(set(part["name"]))),
        length_m=float(part.length_m.sum()),
        value_share=0.64,
        evidence=model.Evidence(
            has_times=True, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31),
            months=12, incidents_in_window=incidents, incidents_all_day=61,
            by_group=(("robbery", incidents / 4), ("violence", incidents * 3 / 4)),
            set_apart=(("police_generated", 9),), sources=("data/incidents/demo.csv",), floor=6.0,
        ),
    )  # fmt: skip


def _costs(names: Names, patrols: int) -> tuple[model.OrganisationCost, ...]:
    """Of 100 minutes with one person of each organisation; the youth worker is paid 18 pounds."""
    made = (
        model.OrganisationCost(names.organisation, 100 * patrols, 0, 0, 30.0 * patrols),
        model.OrganisationCost("Police", 100 * patrols, 0, 100 * patrols, 0.0),
        model.OrganisationCost(names.volunteers, 100 * patrols, 100 * patrols, 0, 0.0),
    )
    return tuple(sorted(made, key=lambda c: c.organisation))


def _roster(names: Names) -> model.RosterReport:
    wishes = (
        ("coverage", 2.0), ("exposure", 10_800.0), ("order of mixes", 0.0), ("stand-ins", 0.0),
        ("continuity", 1.0), ("small teams", 6.0), ("same faces", 4.0), ("even load", 10.0),
    )  # fmt: skip
    told = (("on_call", 4), ("nearby_not_joint", 3), ("joint_visible", None))
    return model.RosterReport(
        wishes=tuple(model.WishReached(n, v, n != "even load") for n, v in wishes),
        exposure=10_800.0,
        repeat_share=0.75,
        load=(1, 1, 2, 2),
        costs=_costs(names, 2),
        schools=(
            model.SchoolMinutes("100001", 200, 1000 * 200 / 900),
            model.SchoolMinutes("100002", 0, 0.0),
        ),
        attendance=(
            *(model.Attendance("role", "youth_worker", x, 5, n) for x, n in told[:2]),
            model.Attendance("role", "youth_worker", "joint_visible", None, None),
            *(model.Attendance("role", "familiar_adult", x, None, None) for x, _ in told),
            *(model.Attendance("organisation", names.organisation, x, n and 5, n) for x, n in told),
            *(model.Attendance("organisation", names.volunteers, x, None, None) for x, _ in told),
        ),
    )


def _patrol(number: int, day: date, names: Names) -> model.Patrol:
    x_m, y_m = _xy(2, 3)
    stand = model.StandPoint(names.places[0], "bus_stop", _node(2, 3), x_m, y_m, 600)
    seconds = [0]
    for step in range(1, len(WALK)):
        seconds.append(seconds[-1] + 110 + (600 if step == 3 else 0))
    route = model.Route(
        team=1, corridor_id="C1", node_ids=WALK,
        segment_ids=tuple(segment_of(u, v) for u, v in pairwise(WALK)),
        leave_s=tuple(seconds), stands=((3, stand),), walk_s=660, length_m=850.0,
    )  # fmt: skip
    patrol_id = f"{day.isoformat()}-T1"
    staffing = model.Staffing(
        patrol_id=patrol_id, aim="trust", aim_is_confirmed=True,
        police_level="nearby_not_joint",
        people=(
            model.Assignment("P1", "youth_worker"),
            model.Assignment("P2", "familiar_adult"),
            model.Assignment("P3" if number == 0 else "P4", "school_linked_officer"),
        ),
        reason="First mix of the aim that these people can staff.",
        with_police="With police on the corridor: youth worker, local adult and an officer nearby.",
        without_police="Without police on the corridor: youth worker and local adult.",
        protocol_missing=(), police_minutes=120, exposure=5400.0,
    )  # fmt: skip
    return model.Patrol(
        patrol_id, day, 905, 1005, "C1", route,
        "Robbery and violence on Cedar Road after school, 16 reports in 2025.", 0.75, staffing,
        costs=_costs(names, 1),
    )  # fmt: skip


def _gates() -> pd.DataFrame:
    x_m, y_m = _xy(1, 1)
    gates = pd.DataFrame(
        {
            "urn": ["100001"],
            "segment_id": np.array([segment_of(_node(1, 1), _node(1, 2))], dtype=np.int64),
            "offset_m": [0.0],
            "x_m": [x_m],
            "y_m": [y_m],
            "source": ["mapped"],
        },
        index=pd.Index(["100001-1"], name="gate_id"),
    )
    return tables.Gates.validate(gates)


def _inputs(names: Names, rng: np.random.Generator) -> model.Inputs:
    return model.Inputs(
        ward=model.Ward(WARD, names.ward, _square(-60, -60, 900, 620)),
        week=WEEK,
        made_on=MADE_ON,
        streets=_streets(names),
        schools=_schools(names),
        gate_overrides=_empty(tables.GateOverrides),
        calendar=model.Calendar(_terms(), frozenset({date(2026, 4, 3)})),
        incidents=_incidents(rng),
        people=_people(names),
        agreements=_agreements(names),
        protocol=_empty(tables.ProtocolParties),
        aims=_empty(tables.ConfirmedAims),
        starts=_empty(tables.StartPoints),
        sources=(
            model.SourceRecord(
                "incidents", "data/incidents/demo.csv", "ab" * 32, 61, 58,
                (("no position", 3),), ("times known",), date(2025, 1, 1), date(2025, 12, 31),
            ),
            model.SourceRecord("streets", "data/osm_cache/demo.osm", "cd" * 32, 400, 400),
        ),
        data_sharing="ISA-0001",
    )  # fmt: skip


def _empty(table: type[tables.Table]) -> pd.DataFrame:
    kinds = {"text": "str", "float64": "float64", "datetime64[us]": "datetime64[us]"}
    frame = pd.DataFrame(
        {name: pd.Series(dtype=kinds[c.dtype]) for name, c in table.columns().items()}
    )
    frame.index.name = table.index
    return table.validate(frame)


def _square(west: float, south: float, east: float, north: float) -> Polygon:
    x, y = WEST_M, SOUTH_M
    return Polygon(
        [(x + west, y + south), (x + east, y + south), (x + east, y + north), (x + west, y + north)]
    )


def _streets(names: Names) -> model.StreetExtract:
    stop, station, park = names.places
    geometry = [
        Point(*_xy(2, 3)), Point(*_xy(3, 4)), _square(720, 40, 830, 130),
        _square(20, 150, 130, 270),
        LineString([(WEST_M - 40, SOUTH_M + 480), (WEST_M + 880, SOUTH_M + 500)]),
        _square(300, 430, 390, 470),
    ]  # fmt: skip
    places = gpd.GeoDataFrame(
        {
            "kind": ["bus_stop", "station", "park", "school_site", "railway", "water"],
            "name": [stop, station, park, names.schools[0], "", ""],
        },
        geometry=geometry,
        crs="EPSG:27700",
    )
    places.index.name = "place_id"
    ways = pd.DataFrame(
        {
            "highway": ["residential"], "name": ["Alder Road"], "footway": [""], "access": [""],
            "foot": [""], "area": [False], "is_bridge": [False], "is_tunnel": [False],
            "first_ref": np.array([0], dtype=np.int64), "ref_count": np.array([2], dtype=np.int64),
        },
        index=pd.Index([1], name="way_id"),
    )  # fmt: skip
    return model.StreetExtract(
        vertex_xy_m=np.array([_xy(0, 0), _xy(0, 1)]),
        way_refs=np.array([0, 1], dtype=np.int64),
        ways=tables.Ways.validate(ways),
        places=tables.Places.validate(places),
        extract_date="2026-01-15T00:00:00Z",
    )


def _schools(names: Names) -> pd.DataFrame:
    spots = np.array([_xy(1, 1), _xy(3, 5)])
    return tables.Schools.validate(
        pd.DataFrame(
            {
                "name": list(names.schools),
                "phase": "Secondary",
                "kind": "Academy",
                "status": "Open",
                "low_age": 11.0,
                "high_age": 18.0,
                "pupils": [900.0, 640.0],
                "x_m": spots[:, 0] - 60.0,
                "y_m": spots[:, 1] + 60.0,
            },
            index=pd.Index(["100001", "100002"], name="urn"),
        )
    )


def _terms() -> pd.DataFrame:
    rows = [
        ("", "term", "2026-01-05", "2026-03-27"),
        ("", "half_term", "2026-02-16", "2026-02-20"),
        ("100001", "inset", "2026-02-23", "2026-02-23"),
    ]
    frame = pd.DataFrame(
        {
            "urn": [r[0] for r in rows],
            "kind": [r[1] for r in rows],
            "start": pd.to_datetime([r[2] for r in rows]).astype("datetime64[us]"),
            "end": pd.to_datetime([r[3] for r in rows]).astype("datetime64[us]"),
            "finish_min": [915.0, np.nan, np.nan],
        }
    )
    frame.index.name = "entry_id"
    return tables.TermDates.validate(frame)


def _incidents(rng: np.random.Generator) -> pd.DataFrame:
    n = 58
    times = pd.Series(
        pd.Timestamp("2025-01-06 15:40", tz="UTC")
        + pd.to_timedelta(7 * rng.integers(0, 50, n), "D")
    ).astype("datetime64[us, UTC]")
    frame = pd.DataFrame(
        {
            "x_m": WEST_M + rng.random(n) * 840.0,
            "y_m": SOUTH_M + rng.random(n) * 560.0,
            "from_utc": times,
            "to_utc": times,
            "month": times.dt.tz_localize(None).dt.to_period("M").dt.to_timestamp(),
            "group": rng.choice(["violence", "robbery"], n),
            "is_police_generated": False,
            "is_school_premises": False,
        }
    )
    frame["offence"] = frame["group"]
    frame["month"] = frame["month"].astype("datetime64[us]")
    frame.index = pd.Index([f"i{k}" for k in range(n)], name="incident_id")
    return tables.Incidents.validate(frame)


def _people(names: Names) -> pd.DataFrame:
    return tables.People.validate(
        pd.DataFrame(
            {
                "name": list(names.people),
                "organisation": [names.organisation, names.volunteers, "Police", "Police"],
                "role": [
                    "youth_worker", "familiar_adult", "school_linked_officer",
                    "school_linked_officer",
                ],
                "statutory": ["no", "", "", ""],
                "accepts_police": [
                    "nearby_not_joint", "nearby_not_joint", "joint_visible", "joint_visible",
                ],
                "available": "Mon Tue Wed Thu Fri",
                "urns": ["", "", "100001", "100001"],
                "wards": "",
                "print_name": [True, False, True, False],
                "posting": "",
                "stands_in": False,
                "training": "",
                "vetted_on": pd.Series([pd.NaT] * 4, dtype="datetime64[us]").to_numpy(),
                "languages": "",
                "plain_clothes_by": "",
                "pay_per_hour": [18.0, 0.0, float("nan"), float("nan")],
            },
            index=pd.Index(["P1", "P2", "P3", "P4"], name="person_id"),
        )
    )  # fmt: skip


def _agreements(names: Names) -> pd.DataFrame:
    return tables.Agreements.validate(
        pd.DataFrame(
            {
                "head_agreed_on": pd.to_datetime(["2025-12-01"]).astype("datetime64[us]"),
                "police_agreed_on": pd.to_datetime(["2025-12-02"]).astype("datetime64[us]"),
                "spoc": [names.spoc],
                "withdrawn_on": pd.Series([pd.NaT], dtype="datetime64[us]").to_numpy(),
                "special_approval": [""],
            },
            index=pd.Index(["100001"], name="urn"),
        )
    )
