"""What the stages hand to each other: frozen, without behaviour beyond reading.

Geometry and lengths are EPSG:27700 metres; instants are UTC; local wall-clock times are minutes
after Europe/London midnight and end in ``_min``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.arrays import FloatArray, IntArray

# --- what comes in ------------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceRecord:
    """Where a table came from and what was left out of it."""

    kind: str  # "streets", "incidents", …
    file: str  # as written in corridors.toml, relative to the workspace
    sha256: str
    rows_read: int
    rows_used: int
    dropped: tuple[tuple[str, int], ...] = ()  # (reason, rows), sorted
    notes: tuple[str, ...] = ()
    first: date | None = None  # earliest date in it, if it has dates
    last: date | None = None

    @property
    def file_name(self) -> str:
        """The file without its folders, for outputs: where a machine keeps it is nobody's."""
        return self.file.replace("\\", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Ward:
    """An electoral ward; ``code`` is the only part that may name a file."""

    code: str
    name: str
    boundary: BaseGeometry  # Polygon or MultiPolygon, EPSG:27700


@dataclass(frozen=True)
class RecordSpan:
    """The time that the incident files cover, of whatever place; None where a file has no times."""

    first_month: date  # first days of months
    last_month: date
    months: int  # with any report
    first_day: date | None = None  # London days of the earliest and the latest time
    last_day: date | None = None


@dataclass(frozen=True)
class Week:
    """An ISO week and its Monday to Friday."""

    label: str  # "2026-W10"
    days: tuple[date, ...]


@dataclass(frozen=True)
class StreetExtract:
    """Street lines with shared vertices, as a source drew them.

    ``vertex_xy_m`` is (n, 2). ``way_refs`` holds vertex positions for all ways end to end; each
    row of ``ways`` (tables.Ways) says where its part begins. Two ways meet exactly where they
    share a vertex position, so bridges do not join what they cross.
    """

    vertex_xy_m: FloatArray
    way_refs: IntArray
    ways: pd.DataFrame  # tables.Ways
    places: gpd.GeoDataFrame  # tables.Places
    extract_date: str = ""  # as far as the file says


@dataclass(frozen=True)
class Calendar:
    """School days of each school. ``terms`` is tables.TermDates."""

    terms: pd.DataFrame
    bank_holidays: frozenset[date]


@dataclass(frozen=True)
class PatrolRemit:
    """What a school agrees to about one patrol (C9). Nobody's name is in it."""

    day: date
    start_min: int
    end_min: int
    aim: str
    police_level: str
    roles: tuple[str, ...]  # sorted, one for each person


@dataclass(frozen=True)
class Withdrawal:
    """A person taken off told patrols (C7), as the log of changes has it."""

    person_id: str
    reason_code: str
    patrol_ids: tuple[str, ...]  # they were to walk, sorted
    planned: int  # person-patrols of the roster as it was told before


@dataclass(frozen=True)
class Borough:
    """What the wards of one local authority share; all in EPSG:27700."""

    wards: tuple[Ward, ...]  # by code
    streets: StreetExtract
    incidents: pd.DataFrame  # tables.Incidents
    span: RecordSpan
    child_areas: gpd.GeoDataFrame | None = None  # tables.ChildAreas, where given
    visits: pd.DataFrame | None = None  # tables.Visits, where a record is kept

    @property
    def boundary(self) -> BaseGeometry:
        """All wards as one shape."""
        return shapely.union_all([ward.boundary for ward in self.wards])


@dataclass(frozen=True)
class Inputs:
    """All that ``pipeline.make_plan`` needs, validated and in EPSG:27700."""

    ward: Ward
    week: Week
    made_on: date  # decides agreements in force and notice lead time
    streets: StreetExtract
    schools: gpd.GeoDataFrame | pd.DataFrame  # tables.Schools
    gate_overrides: pd.DataFrame  # tables.GateOverrides
    calendar: Calendar
    incidents: pd.DataFrame  # tables.Incidents
    people: pd.DataFrame  # tables.People
    agreements: pd.DataFrame  # tables.Agreements
    protocol: pd.DataFrame  # tables.ProtocolParties
    aims: pd.DataFrame  # tables.ConfirmedAims
    starts: pd.DataFrame  # tables.StartPoints
    sources: tuple[SourceRecord, ...]
    child_areas: gpd.GeoDataFrame | None = None  # tables.ChildAreas, where given
    visits: pd.DataFrame | None = None  # tables.Visits, where a record is kept
    no_go: pd.DataFrame | None = None  # tables.NoGoPlaces, where any are marked
    consents: pd.DataFrame | None = None  # tables.Consents, where a record is kept
    absences: pd.DataFrame | None = None  # tables.Absences, where a record is kept
    protocol_terms: pd.DataFrame | None = None  # tables.ProtocolTerms, where written down
    approvals: pd.DataFrame | None = None  # tables.Approvals, where a log is kept
    toolkit: pd.DataFrame | None = None  # tables.ToolkitEntries, where a ledger is kept
    last_roster: pd.DataFrame | None = None  # tables.LastRoster: last week's, if it was planned
    this_roster: pd.DataFrame | None = None  # tables.LastRoster: what was told before a change
    data_sharing: str = ""  # agreement under which partners' data was loaded (F6)
    remits: tuple[tuple[str, tuple[PatrolRemit, ...]], ...] = ()  # what approvals' hashes stand for
    withdrawals: tuple[Withdrawal, ...] = ()  # of this ward and week, in the order they were logged
    translations: tuple[tuple[str, str], ...] = ()  # language and the workspace's .po file, as text
    neighbours: tuple[Ward, ...] = ()  # other wards that its streets reach into, by code
    borough: Borough | None = None  # None: the ward is planned on its own


@dataclass(frozen=True)
class AreaInputs:
    """All that a back-test needs: of one ward, or of all together. Nothing about people in it."""

    ward: Ward  # all wards together have the code "all" and the workspace's name
    made_on: date  # decides agreements in force; later incidents are left out
    streets: StreetExtract
    schools: gpd.GeoDataFrame | pd.DataFrame  # tables.Schools
    gate_overrides: pd.DataFrame  # tables.GateOverrides
    calendar: Calendar
    incidents: pd.DataFrame  # tables.Incidents
    agreements: pd.DataFrame  # tables.Agreements
    sources: tuple[SourceRecord, ...]
    child_areas: gpd.GeoDataFrame | None = None  # tables.ChildAreas, where given
    span: RecordSpan | None = None  # of the incident files; None: that of the incidents


@dataclass(frozen=True)
class Decision:
    """One row of the log of decisions."""

    kind: str  # one of tables.DECISION_KINDS
    about: str
    words: str
    by: str
    organisation: str
    sha256: str
    on: date

    @property
    def cells(self) -> tuple[str, ...]:
        """What its chain is taken over, in the order of the table."""
        return (
            self.kind, self.about, self.words, self.by, self.organisation, self.sha256,
            self.on.isoformat(),
        )  # fmt: skip


@dataclass(frozen=True)
class EvaluationRecords:
    """What was written down about patrols and those whom they touched; None where not kept.

    No plan, batch or back-test ever holds it (H2, H4).
    """

    debriefs: pd.DataFrame | None = None  # tables.Debriefs, the last row of each patrol
    encounters: pd.DataFrame | None = None  # tables.Encounters
    pupils: pd.DataFrame | None = None  # tables.PupilGroups
    surveys: pd.DataFrame | None = None  # tables.SurveyAnswers
    consultation: pd.DataFrame | None = None  # tables.Consultations
    activities: pd.DataFrame | None = None  # tables.Activities: terms of reference
    equality: pd.DataFrame | None = None  # tables.EqualityRecord
    decisions: pd.DataFrame | None = None  # tables.Decisions
    sources: tuple[SourceRecord, ...] = ()


@dataclass(frozen=True)
class PlannedPatrol:
    """A patrol of a written plan; nobody's name or id is in it."""

    ward: str
    week: str
    patrol_id: str
    day: date
    minutes: int  # of the patrol
    adults: int
    police: int  # of them
    police_level: str
    corridor: str  # "<ward> <week> <corridor_id>": a key of ``Planned.lines``
    urns: tuple[str, ...]
    walker_share: Mapping[str, float]  # of each school's walkers, on the corridor
    need: float  # public reports in the window on the corridor
    lacks_protocol: bool = False  # a party to the protocol had not agreed (B2)

    @property
    def is_staffed(self) -> bool:
        """Whether somebody was to walk."""
        return self.adults > 0

    @property
    def police_minutes(self) -> int:
        """Person-minutes of police, as planned."""
        return self.police * self.minutes


@dataclass(frozen=True)
class Planned:
    """Written plans of some weeks."""

    patrols: tuple[PlannedPatrol, ...]  # by ward, week and id
    lines: Mapping[str, BaseGeometry]  # of each corridor, EPSG:27700
    repeat_shares: tuple[float, ...]  # one a plan, where it is known (C11)
    lost: int  # person-patrols lost after they were told (C7) ...
    told: int  # ... of so many
    unreadable: tuple[str, ...]  # plans of earlier formats, "<ward> <week>"
    urns: frozenset[str]  # schools that take part, and whose pupils a patrol is for or meets
    without: frozenset[str]  # other schools, of which they say why they have no patrol


AREAS_FORMAT: Final = 2  # of the file of fixed areas
AREA_PARTS: Final = ("treated", "near", "far", "control", "near_control", "other")


@dataclass(frozen=True)
class AreaCheck:
    """What was found out about one area of a programme when it was fixed."""

    unit: str  # key of the area
    metres: tuple[tuple[str, float], ...]  # street length by part, as AREA_PARTS without "other"
    has_control: bool
    is_comparable: bool  # like enough before the start for level 3 (D.5)
    words: str  # how like, or why there is no control


@dataclass(frozen=True)
class FixedAreas:
    """Every street of the study area with its part, fixed before the outcome is known.

    ``part``, ``unit``, ``names`` and ``lines`` are (n); lines are EPSG:27700 to the centimetre.
    """

    programme: str
    programme_sha256: str
    fixed_on: date
    units: tuple[str, ...]  # keys of the programme's areas
    part: IntArray  # position in AREA_PARTS
    unit: IntArray  # position in units; -1 for "other"
    names: tuple[str, ...]
    lines: npt.NDArray[Any]
    checks: tuple[AreaCheck, ...]
    settings: tuple[tuple[str, str], ...]  # of the profile, as text, by name: what else decides


# --- network ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Network:
    """A walking network. ``dropped`` counts what was left out, by reason."""

    segments: gpd.GeoDataFrame  # tables.Segments, index 0..n-1
    nodes: pd.DataFrame  # tables.Nodes, index 0..m-1
    dropped: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class SchoolFlow:
    """How one school's pupils spread over the network after the bell.

    ``walkers`` (n segments): expected pupils who walk the segment. ``arrival_s`` (n): mean
    walking time from the gate to its middle, infinite where nobody can come. The tree arrays
    (m nodes) give, for the shortest walks, the node and segment before each node; -1 at gates and
    out of reach. ``roots`` are the nodes nearest the gates.
    """

    urn: str
    walkers: FloatArray
    arrival_s: FloatArray
    node_walk_s: FloatArray
    parent_node: IntArray
    parent_segment: IntArray
    roots: tuple[int, ...]
    roll: float
    roll_is_assumed: bool


@dataclass(frozen=True)
class Session:
    """Schools whose windows on a day are walked as one: times in local minutes."""

    days: tuple[date, ...]
    urns: tuple[str, ...]
    start_min: int
    end_min: int


# --- risk ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """Why a corridor is, or is not, patrolled (A3, A5)."""

    has_times: bool  # False: "place context only"
    period_start: date
    period_end: date
    months: int
    incidents_in_window: float  # sum of aoristic weights; plain count without times
    incidents_all_day: int
    by_group: tuple[tuple[str, float], ...]  # in-window weight by offence group, sorted by key
    set_apart: tuple[tuple[str, int], ...]  # police-generated, school premises
    sources: tuple[str, ...]
    floor: float
    school_days: int = 0  # in the period
    one_place_share: float = 0.0  # of the weight, recorded at one position, 0-1

    @property
    def is_enough(self) -> bool:
        """Whether a patrol may be recommended at all."""
        return self.incidents_in_window >= self.floor


@dataclass(frozen=True)
class LearnedWeight:
    """One way to guess where reports come next, and how much of the risk it was given."""

    key: str  # "counts", "esc_100", "uniform", "flow"
    weight: float  # 0-1; all weights sum to 1
    meaning: str  # in plain words


@dataclass(frozen=True)
class HotSpot:
    """A cluster of incidents that chance does not explain."""

    hot_spot_id: str  # "H1", … by p_value, then by incidents
    street_names: tuple[str, ...]  # alphabetical
    segment_ids: tuple[int, ...]  # sorted
    incidents: float  # in-window weight, before severity
    effective_incidents: float  # (sum w)^2 / sum w^2 of the weights used
    expected: float  # incidents that the null would put here
    p_value: float  # against the most surprising place of each simulated map
    stability: float  # share of bootstraps in which it stays, 0-1
    slots: tuple[int, ...]  # 15-minute slots of the window that hold its incidents; () if no times
    is_stable: bool


@dataclass(frozen=True)
class Finding:
    """One line on how far the risk can be trusted (D.7)."""

    key: str  # "placebo", "split_half", …
    title: str
    words: str  # a sentence or two for a partnership meeting
    figure: float | None  # what was measured; None where it cannot be
    is_warning: bool = False


@dataclass(frozen=True)
class BacktestScore:
    """How one estimator did on months that it had not seen."""

    estimator: str  # "mixture", "counts", "esc_100", "planar_200", "last_year", "uniform", …
    title: str  # in plain words
    hit_rate: tuple[float, ...]  # share of incidents on the flagged streets, by length_shares
    pai: tuple[float, ...]  # hit rate / share of length
    pei: tuple[float, ...]  # PAI / the best PAI that the month allowed
    log_likelihood: float  # nats an incident, over even streets
    hit_rate_by_month: tuple[tuple[float, ...], ...]  # (months scored, length_shares)


@dataclass(frozen=True)
class BacktestReport:
    """A rolling back-test: every month scored on data before it only (D.8)."""

    area: str
    has_times: bool  # True: only the after-school window is scored
    is_snapped: bool  # data.police.uk: points are snapped, counts look better than they are
    length_km: float
    half_life_days: float
    length_shares: tuple[float, ...]  # of street length flagged: 0.01, 0.02, 0.05, 0.10
    months: tuple[date, ...]  # scored, first days
    incidents_a_month: tuple[float, ...]  # in them, in-window weight
    training_incidents: float  # mean in-window weight a year of training data
    kept_share: float  # of incidents, where some were left out at random; else 1
    scores: tuple[BacktestScore, ...]  # the mixture first
    weights: tuple[LearnedWeight, ...]  # mean over the months


@dataclass(frozen=True)
class AlsoIn:
    """The part of a corridor that lies in another ward than the one it is planned in."""

    code: str
    name: str
    metres: float
    street_names: tuple[str, ...]  # alphabetical


@dataclass(frozen=True)
class Corridor:
    """Connected streets from gates to where pupils go."""

    corridor_id: str  # "C1", … in order of the URNs
    urns: tuple[str, ...]
    segment_ids: tuple[int, ...]  # sorted
    street_names: tuple[str, ...]  # alphabetical
    length_m: float
    value_share: float  # of its schools' risk x flow
    evidence: Evidence
    also_in: tuple[AlsoIn, ...] = ()  # by ward code


@dataclass(frozen=True)
class ControlDay:
    """A school day without a patrol by lot, kept for a fair evaluation later. Staff only."""

    corridor_id: str
    urns: tuple[str, ...]
    day: date


@dataclass(frozen=True)
class NoPatrol:
    """A school that gets no patrol, with the reason in plain words (A3, A7)."""

    urn: str
    reason: str


# --- patrols ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StandPoint:
    """Where a team stands for a while: a stop, a station or a park, not the gate (A9)."""

    name: str
    kind: str  # "bus_stop", "station", "park", "street"
    node_id: int
    x_m: float
    y_m: float
    dwell_s: int
    earliest_s: int = 0  # it begins between these, seconds from the session's start
    latest_s: int | None = None  # None: at any time

    def is_in_time(self, begin_s: int) -> bool:
        """Whether standing from then on keeps the window."""
        return self.earliest_s <= begin_s and (self.latest_s is None or begin_s <= self.latest_s)


@dataclass(frozen=True)
class OffWindow:
    """A stand that begins outside its window, since the floors of some corridors came first."""

    stand: StandPoint
    begin_s: int  # seconds from the session's start, in the first round
    corridor_ids: tuple[str, ...]  # sorted


@dataclass(frozen=True)
class WalkStyle:
    """How a walk looks to those who walk it."""

    about_turns: int  # straight back where it came from
    zigzags: int  # turns at junctions where its own streets go straight on
    with_pupils_share: float | None  # of pupil-metres on its streets, 0-1; None: not known


@dataclass(frozen=True)
class NoGo:
    """A place that police, or all, keep clear of, and the streets within its reach (B19).

    ``name`` is never published: where young people go to be away from police is theirs to tell.
    """

    name: str
    holds_for: str  # "police" or "all"
    segment_ids: tuple[int, ...]  # sorted


@dataclass(frozen=True)
class Route:
    """One team's walk. Times are seconds from the session's start.

    ``leave_s`` is the first round's; every round takes as long, waits included.
    """

    team: int  # 1, 2, …
    corridor_id: str  # whose schools it serves first
    node_ids: tuple[int, ...]  # k + 1 nodes
    segment_ids: tuple[int, ...]  # k segments, in walking order
    leave_s: tuple[int, ...]  # k + 1: when it leaves each node
    stands: tuple[tuple[int, StandPoint], ...]  # (position in node_ids, stand point)
    walk_s: int
    length_m: float
    rounds: int = 1  # how often it is walked within the window
    begin_s: int = 0  # when it sets off
    style: WalkStyle | None = None
    off_window: tuple[OffWindow, ...] = ()  # stands whose window gave way

    @property
    def round_starts_s(self) -> range:
        """When each round sets off."""
        round_s = max(self.leave_s[-1] - self.begin_s, 1)
        return range(self.begin_s, self.begin_s + round_s * max(self.rounds, 1), round_s)


@dataclass(frozen=True)
class Coverage:
    """How much of a day's value the routes cover, and the proof beside it.

    What earlier days of the week covered is worth less, so ``total`` is not the same on all days.
    Solver units are.
    """

    value: int  # solver units
    upper_bound: int  # no plan with these teams and times can cover more
    total: int  # all there is on the corridors
    by_corridor: tuple[tuple[str, float], ...]  # covered_share, 0-1, as on a day of its own
    floor_missed: tuple[str, ...]  # corridor ids below the floor
    floor_impossible: tuple[str, ...]  # of those, proven impossible for these teams
    stopped_by_clock: bool
    met: float = 0.0  # of the value, quarter of an hour by quarter of an hour, where teams are then
    met_bound: int = 0  # no plan can meet more; a loose bound: the best plan may be far below
    met_total: int = 0  # all there is; 0 if nothing was worked out
    together: tuple[tuple[int, int, int], ...] = ()  # two teams, seconds on one street at once
    floor_clashes: tuple[tuple[str, ...], ...] = ()  # floors proven impossible in one plan, by set

    @property
    def gap(self) -> float:
        """(bound - value) / bound, 0-1."""
        return (self.upper_bound - self.value) / self.upper_bound if self.upper_bound else 0.0


# --- teams --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assignment:
    """A person on a patrol."""

    person_id: str
    role: str


@dataclass(frozen=True)
class Staffing:
    """Who walks one patrol, or why nobody can."""

    patrol_id: str
    aim: str
    aim_is_confirmed: bool
    police_level: str
    people: tuple[Assignment, ...]  # sorted; empty if not staffed
    reason: str  # why this mix, or why none could be staffed
    with_police: str  # what the mix would be (B4), in words
    without_police: str
    protocol_missing: tuple[str, ...]  # parties whose agreement is missing (B2)
    police_minutes: int  # police person-minutes on the corridor
    exposure: float  # police person-minutes x pupils met (A6)
    warnings: tuple[str, ...] = ()

    @property
    def is_staffed(self) -> bool:
        """Whether somebody walks."""
        return bool(self.people)


@dataclass(frozen=True)
class WishReached:
    """How good one wish of the roster became, and whether no roster can do better."""

    name: str  # "coverage", "changes", "exposure", …, in the order of the wishes
    value: float
    is_proven: bool


@dataclass(frozen=True)
class OrganisationCost:
    """What a week costs one organisation (B17)."""

    organisation: str
    person_minutes: int
    unpaid_minutes: int  # of these, at no pay
    unrecorded_minutes: int  # of these, of people whose pay is not recorded
    cost_gbp: float  # of the rest


@dataclass(frozen=True)
class SchoolMinutes:
    """Patrol time at one school (C10)."""

    urn: str
    minutes: int  # of staffed patrols, each counted once whatever its team
    per_1000_pupils: float | None  # None: no roll is known


@dataclass(frozen=True)
class Attendance:
    """How many of a group would attend at a police level (B4); None where it may not be told."""

    kind: str  # "role" or "organisation"
    name: str
    police_level: str
    people: int | None
    coming: int | None


@dataclass(frozen=True)
class RosterReport:
    """The week's roster in figures."""

    wishes: tuple[WishReached, ...] = ()
    exposure: float = 0.0  # police person-minutes x pupils met (A6)
    repeat_share: float | None = None  # of places on corridors walked last week, same people (C11)
    load: tuple[int, ...] = ()  # number of patrols of everybody who walks, sorted
    costs: tuple[OrganisationCost, ...] = ()
    schools: tuple[SchoolMinutes, ...] = ()
    attendance: tuple[Attendance, ...] = ()

    @property
    def unproven(self) -> tuple[str, ...]:
        """Wishes for which a better roster may exist."""
        return tuple(w.name for w in self.wishes if not w.is_proven)

    @property
    def minutes_ratio(self) -> float | None:
        """Most to least minutes per 1,000 pupils; None if a school has none, or no roll."""
        told = [s.per_1000_pupils for s in self.schools]
        known = [t for t in told if t]
        return max(known) / min(known) if known and len(known) == len(told) else None


@dataclass(frozen=True)
class Patrol:
    """One team on one day."""

    patrol_id: str  # "2026-03-02-S1T2": session 1 of the week, team 2
    day: date
    start_min: int
    end_min: int
    corridor_id: str
    route: Route
    statement: str  # the specific risk it answers (A3)
    person_hours_per_incident: float | None  # A5
    staffing: Staffing
    why_aim: str = ""  # why this aim, in plain words
    costs: tuple[OrganisationCost, ...] = ()  # of this patrol, by organisation (B17)


# --- what goes out ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """A week's plan for a ward. OFFICIAL-SENSITIVE."""

    inputs: Inputs
    profile_name: str
    version: str
    network: Network
    gates: gpd.GeoDataFrame | pd.DataFrame  # tables.Gates
    flows: tuple[SchoolFlow, ...]
    flow_slots: FloatArray  # (n segments, slots of 5 min) expected pupils on each segment
    slot_start_min: tuple[int, ...]  # local minutes of each slot's start
    risk: FloatArray  # (n segments, slots of 15 min) in-window incidents per metre and slot
    risk_start_min: int  # local minutes at which the first slot begins on a usual day
    risk_weights: tuple[LearnedWeight, ...]
    risk_words: tuple[str, ...]  # the weights in sentences
    hot_spots: tuple[HotSpot, ...]
    findings: tuple[Finding, ...]  # how far to trust the risk, one line each
    has_times: bool
    corridors: tuple[Corridor, ...]
    no_patrol: tuple[NoPatrol, ...]
    sessions: tuple[Session, ...]
    patrols: tuple[Patrol, ...]
    coverage: tuple[tuple[int, date, Coverage], ...]  # by position in sessions, and day
    warnings: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]  # every profile value used, flattened
    control_days: tuple[ControlDay, ...] = ()  # by lot, where the profile asks for it
    roster: RosterReport = RosterReport()

    @property
    def risk_per_m(self) -> FloatArray:
        """(n segments) in-window incidents per metre, all slots together."""
        out: FloatArray = np.asarray(self.risk.sum(axis=1))
        return out


@dataclass(frozen=True)
class PublicRole:
    """A role as families see it."""

    title: str
    does: str
    looks: str
    is_police: bool = False
    some_out_of_uniform: bool = False  # approved for this week (B15); never how many


@dataclass(frozen=True, order=True)
class PublicPlace:
    """A place near a corridor that families know."""

    name: str
    kind: str  # "bus_stop", "station", "park"


@dataclass(frozen=True)
class PublicCorridor:
    """When and where, with nothing that a weight could be read from."""

    schools: tuple[str, ...]
    streets: tuple[str, ...]  # alphabetical
    places: tuple[PublicPlace, ...]  # alphabetical
    days: tuple[date, ...]
    start_min: int  # in bands of the profile, local
    end_min: int
    roles: tuple[PublicRole, ...]  # alphabetical by title
    officer_names: tuple[str, ...]  # school-linked officers (E3), who agreed
    lines_lon_lat: tuple[tuple[tuple[float, float], ...], ...]  # sorted, 5 decimals


@dataclass(frozen=True)
class PublicPlan:
    """All that a public notice may know. No weight, count, order or name without consent."""

    ward_code: str
    ward_name: str
    week_label: str
    partnership: str
    issued_on: date
    notice_version: int
    is_unannounced: bool  # less than the lead time in school days (E1)
    corridors: tuple[PublicCorridor, ...]
    contact: str
    youth_contact: str
    services: tuple[str, ...]
    attribution: str = "© OpenStreetMap contributors"
    is_cancelled: bool = False  # nothing of an earlier notice takes place (E7); no corridors
    about: str = ""  # who the partnership is and what it wants, in general (E10)
    cancelled_schools: tuple[str, ...] = ()  # told earlier, no longer walked near (E7); from A to Z


@dataclass(frozen=True)
class PublicColumn:
    """A column of a published table."""

    key: str  # its name in the CSV: lower-case letters, digits and underscores
    title: str
    meaning: str  # a sentence
    kind: str  # "text", "count" (after disclosure control), "figure" (a ratio or share) or "date"
    unit: str = ""


@dataclass(frozen=True)
class PublicMark:
    """One mark of a chart; None where the figure may not be shown, with the reason in ``words``."""

    label: str
    value: float | None
    low: float | None  # of its interval
    high: float | None
    words: str  # the figure as the table says it


@dataclass(frozen=True)
class PublicChart:
    """A picture of a published table; it shows nothing that the table does not."""

    kind: str  # "bars" (from 0) or "intervals" (points with intervals)
    title: str
    unit: str
    marks: tuple[PublicMark, ...]
    reference: float | None = None  # a line, such as 1 for a ratio
    is_log: bool = False


@dataclass(frozen=True)
class PublicTable:
    """A published table: every cell has passed disclosure control and is words by now."""

    key: str  # names its CSV
    title: str
    kind: str  # "impact", "harm", "fairness", "process" or "activity"
    about: str  # what it counts, of whom, when; plain sentences
    columns: tuple[PublicColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    charts: tuple[PublicChart, ...] = ()


@dataclass(frozen=True)
class PublicProgramme:
    """A programme as the public sees it: what was compared with what, and what came of it."""

    key: str
    title: str
    aim: str
    outcome: str
    streets: tuple[str, ...]  # where patrols walk; alphabetical
    before: tuple[date, date]
    after: tuple[date, date]
    areas_fixed_on: date | None
    areas_sha256: str
    level: int  # of 5 (Maryland scale)
    level_words: str
    smallest_change: str  # said first: the smallest change that could have been seen
    results: tuple[str, ...]  # sentences, in the order that was set beforehand
    cautions: tuple[str, ...]
    next_evaluation: str  # when it is due, or that it is overdue


@dataclass(frozen=True)
class PublicRecord:
    """A record published as it stands: consultation, equality, terms of reference, decisions."""

    key: str
    title: str
    about: str
    columns: tuple[PublicColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class TransparencyField:
    """One field of the transparency record, by its number in the standard."""

    number: str  # "2.2.1"
    title: str
    text: str  # from the run, or what the partnership has to fill in
    is_filled: bool


@dataclass(frozen=True)
class PublicPack:
    """All that a publication pack may know. No raw count, weight, person or route."""

    partnership: str
    quarter: str  # "2026-Q1"
    first_day: date
    last_day: date
    issued_on: date
    version: int  # of this quarter's pack
    area: str  # the wards it is about, in words
    programmes: tuple[PublicProgramme, ...]
    tables: tuple[PublicTable, ...]
    records: tuple[PublicRecord, ...]
    transparency: tuple[TransparencyField, ...]
    methods: tuple[tuple[str, tuple[str, ...]], ...]  # heading, then paragraphs
    rules: tuple[str, ...]  # of disclosure control, as applied
    reviews: tuple[str, ...]  # who reviewed which figures, when, and found what
    provenance: tuple[tuple[str, str], ...]  # program version, hash of the profile, of each file
    contact: str
    youth_contact: str
    corrections: tuple[str, ...] = ()  # what changed since the version before


def local_time(minutes: int) -> str:
    """24-hour clock for staff: 915 -> ``15:15``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
