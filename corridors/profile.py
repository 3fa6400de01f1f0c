"""The policy profile: every rule and number a partnership may change, in one frozen object.

Profiles are data (`corridors/profiles/*.toml`); this module only knows their shape and their
limits. A profile checks itself when it is made, so that no stage has to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from corridors.errors import ProfileError
from corridors.tables import (
    OFFENCE_CLASSES,
    OFFENCE_GROUP_OF,
    POLICE_GROUPS,
    POLICE_LEVELS,
    POLICE_ROLES,
    POSTINGS,
    ROLES,
    STREET_GROUPS,
    TRAININGS,
)

KERNELS = ("quartic", "epanechnikov")
SEVERITY_TABLES = ("none", "ons_css", "cambridge_chi", "custom")


VETTING = ("off", "told", "rule")

# What a role may be there for (B12), and what it may never be.
TASKS = {
    "be_seen": "be seen and greet pupils",
    "listen": "talk and listen",
    "point_to_help": "point to services and activities",
    "first_aid": "give first aid",
    "pastoral": "look after pupils of the school",
    "behaviour": "deal with pupils' behaviour",
    "safeguarding": "pass safeguarding concerns on",
    "calm": "calm an argument",
    "call_help": "call for help",
    "prevent_crime": "prevent crime by being there",
    "take_reports": "take reports of crime",
    "enforce": "enforce the law",
    "intelligence": "gather intelligence",
}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?")  # a code names files
_POLICE_WORK = ("enforce", "intelligence", "prevent_crime", "take_reports")
_SCHOOL_WORK = ("behaviour",)
POLICE_PARTS = ("lead", "support")
INDICATOR_KINDS = ("impact", "harm", "fairness", "process", "activity")
BETTER = ("fewer", "more", "")
ALL_AIMS = "all"
# What can be measured (D.1), and the one kind that each is: what was done is never a success (G1).
MEASURES = {
    "reported_incidents": "impact",
    "feels_safer": "impact",
    "knows_who": "impact",
    "would_approach": "impact",
    "trusts_police": "impact",
    "services_used": "impact",
    "avoids_corridor": "harm",
    "stop_search": "harm",
    "arrests": "harm",
    "crimes_recorded": "harm",
    "no_further_action": "harm",
    "repeat_contact": "harm",
    "exclusions": "harm",
    "complaints": "harm",
    "displacement_place": "harm",
    "displacement_time": "harm",
    "exposure_ratio": "fairness",
    "need_adjusted_ratio": "fairness",
    "encounter_ratio": "fairness",
    "not_recorded": "fairness",
    "notice_lead": "process",
    "consent_breaches": "process",
    "protocol_gaps": "process",
    "abstraction_rate": "process",
    "continuity": "process",
    "patrols": "activity",
    "person_hours": "activity",
    "coverage": "activity",
    "talks": "activity",
    "signposted": "activity",
}
_INDICATOR = re.compile(r"[a-z][a-z0-9_]{0,39}")
LEANINGS = ("community_support", "enforcement")


def _require(rule: bool, text: str) -> None:
    if not rule:
        raise ProfileError(text, fix="Change it in the profile")


def _require_known(what: str, values: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = sorted(set(values) - set(known))
    names = ", ".join(filter(None, known))
    _require(not unknown, f"{what}: unknown {', '.join(unknown)}; known: {names}")


@dataclass(frozen=True)
class Scope:
    """Which schools may take part (C2, C3, H7)."""

    min_high_age: int = 12  # KS3+ is StatutoryHighAge > 11; 11 admits primaries too
    special_needs_approval: bool = True
    younger: str = ""  # what is said of younger schools: "local policing arrangements" (C3)

    def __post_init__(self) -> None:
        _require(0 <= self.min_high_age <= 19, "scope.min_high_age must be 0 to 19")


@dataclass(frozen=True)
class Window:
    """The after-school window of a school: [finish - lead, finish - lead + length)."""

    lead_min: int = 15
    length_min: int = 120
    default_finish: str = "15:15"  # local time, where the calendar gives none

    def __post_init__(self) -> None:
        _require(0 <= self.lead_min <= 60, "window.lead_min must be 0 to 60")
        _require(30 <= self.length_min <= 240, "window.length_min must be 30 to 240")
        _require(self.default_finish_min > 0, "window.default_finish must be HH:MM")

    @property
    def default_finish_min(self) -> int:
        """Minutes after local midnight."""
        found = re.fullmatch(r"([0-9]{1,2}):([0-9]{1,2})", self.default_finish)
        hours, minutes = (int(part) for part in found.groups()) if found else (24, 0)
        return 60 * hours + minutes if hours < 24 and minutes < 60 else 0


@dataclass(frozen=True)
class Streets:
    """How streets become a walking network."""

    margin_m: float = 1000.0  # kept round the ward; at least 800
    walk_m_per_s: float = (
        1.33  # young adult pace; TfL and Chartered Institution guidance use 4.8 km/h
    )
    sidewalk_reach_m: float = 20.0
    sidewalk_bearing_degree: float = 20.0
    island_max_share: float = 0.2  # a larger separate piece is an error, not an island

    def __post_init__(self) -> None:
        _require(800 <= self.margin_m <= 5000, "streets.margin_m must be 800 to 5000")
        _require(0.5 <= self.walk_m_per_s <= 2.5, "streets.walk_m_per_s must be 0.5 to 2.5")


@dataclass(frozen=True)
class Flow:
    """How pupils leave school on foot. Sources in docs/flow.md."""

    share_home: float = 0.41  # walk all the way home
    share_bus: float = 0.27  # walk to a bus stop
    share_rail: float = 0.04  # walk to a station
    home_decay_m: float = 900.0  # e-folding distance of the walk home
    home_reach_m: float = 3000.0
    stop_decay_m: float = 250.0
    stop_reach_m: float = 900.0
    departure_mean_min: float = 6.0  # after the bell, gamma-shaped
    departure_sd_min: float = 5.0
    default_roll: float = 1000.0  # where the register gives no roll; flagged
    default_roll_primary: float = 280.0  # the same where pupils leave at 11 or before

    def __post_init__(self) -> None:
        shares = (self.share_home, self.share_bus, self.share_rail)
        _require(min(shares) >= 0 and sum(shares) <= 1, "flow shares must be >= 0 and sum to <= 1")
        _require(self.home_decay_m > 0 and self.stop_decay_m > 0, "flow decays must be > 0 m")


@dataclass(frozen=True)
class Risk:
    """Density, time and evidence. What is learned from the records has no number here."""

    bandwidths_m: tuple[float, ...] = (25.0, 50.0, 100.0, 200.0, 400.0)  # the mixture's choices
    kernel: str = "quartic"
    cell_m: float = 5.0
    time_bandwidth_min: float = 30.0  # of the time-of-day kernel for exact times
    half_life_days: float = 365.0  # a report this old counts half (D.7)
    validation_months: int = 6  # latest months that the mixture's weights are learned on
    snap_reach_m: float = 60.0  # an incident farther from any street is dropped and counted
    floor_incidents: float = 6.0  # in the window, in the corridor, in the evidence period (A3)
    floor_place_only: float = 60.0  # the same where the source has no times
    min_months: int = 12
    corridor_share: float = 0.6  # of a school's risk x flow that its corridor holds
    corridor_max_m: float = 3500.0
    shared_overlap: float = 0.4  # corridors that overlap more are served as one (A11)

    def __post_init__(self) -> None:
        _require(
            bool(self.bandwidths_m) and min(self.bandwidths_m) > 0,
            "risk.bandwidths_m must be > 0",
        )
        _require(0 < self.cell_m <= 20, "risk.cell_m must be over 0, up to 20")
        _require(
            sorted(set(self.bandwidths_m)) == list(self.bandwidths_m),
            "risk.bandwidths_m must grow from one to the next",
        )
        _require(self.kernel in KERNELS, f"risk.kernel must be one of {', '.join(KERNELS)}")
        _require(
            0 < self.time_bandwidth_min <= 720, "risk.time_bandwidth_min must be over 0, up to 720"
        )
        _require(self.half_life_days > 0, "risk.half_life_days must be > 0")
        _require(self.validation_months >= 1, "risk.validation_months must be >= 1")
        _require(0 < self.corridor_share <= 1, "risk.corridor_share must be in (0, 1]")
        _require(self.floor_incidents > 0, "risk.floor_incidents must be > 0")


@dataclass(frozen=True)
class SeverityWeight:
    """What one report of an offence class weighs, in the table's own unit."""

    offence: str
    weight: float
    note: str = ""  # where the number comes from

    def __post_init__(self) -> None:
        _require(
            self.offence in OFFENCE_CLASSES,
            f"severity.weights: unknown offence class {self.offence!r}; "
            f"known: {', '.join(OFFENCE_CLASSES)}",
        )
        _require(
            0 <= self.weight <= 1e9,
            f"severity.weights: the weight of {self.offence} must be 0 to 1e9",
        )


@dataclass(frozen=True)
class Severity:
    """What a report weighs by its offence class. ``none``: every report weighs 1."""

    table: str = "none"
    version: str = ""
    source: str = ""
    cap: float = 5.0  # no report weighs more than this many times the median one
    weights: tuple[SeverityWeight, ...] = ()

    def __post_init__(self) -> None:
        _require(
            self.table in SEVERITY_TABLES,
            f"severity.table {self.table!r} is not one of {', '.join(SEVERITY_TABLES)}",
        )
        _require(1 <= self.cap <= 1000, "severity.cap must be 1 to 1000")
        _require(
            self.table != "none" or not self.weights,
            "severity.weights are given, but severity.table is none: say custom",
        )
        named = [w.offence for w in self.weights]
        twice = sorted({name for name in named if named.count(name) > 1})
        _require(not twice, f"severity.weights name {', '.join(twice)} more than once")
        lacks = [] if self.table == "none" else self._unweighed()
        _require(not lacks, f"severity.table {self.table} lacks weights for {', '.join(lacks)}")

    @property
    def weight_of(self) -> dict[str, float]:
        """Weight by offence class; a class without its own has that of its group's name."""
        own = {w.offence: w.weight for w in self.weights}
        return {
            name: own[name] if name in own else own[group]
            for name, group in OFFENCE_GROUP_OF.items()
            if name in own or group in own
        }

    def _unweighed(self) -> list[str]:
        # What police find weighs 0 whatever the table, so it need not be named (H4).
        street = set(STREET_GROUPS) - set(POLICE_GROUPS)
        known = self.weight_of
        return [n for n, group in OFFENCE_GROUP_OF.items() if group in street and n not in known]


@dataclass(frozen=True)
class HotSpots:
    """When a cluster of incidents is called a hot spot."""

    reach_m: float = 75.0  # two incidents are near within this much walking ...
    reach_min: float = 30.0  # ... and this much time of day
    level: float = 0.05  # share of pure-noise maps that may show any hot spot
    simulations: int = 999
    bootstraps: int = 200
    stable_share: float = 0.8  # of bootstraps in which a stable hot spot stays (D.7)

    def __post_init__(self) -> None:
        _require(self.reach_m > 0 and self.reach_min > 0, "hot_spots reaches must be > 0")
        _require(0 < self.level < 1, "hot_spots.level must be between 0 and 1")
        _require(
            self.simulations >= 1 / self.level - 1,
            "hot_spots.simulations are too few to reach hot_spots.level",
        )
        _require(self.bootstraps >= 1, "hot_spots.bootstraps must be >= 1")
        _require(0 <= self.stable_share <= 1, "hot_spots.stable_share must be 0 to 1")


@dataclass(frozen=True)
class Guards:
    """Limits that keep the plan from feeding on itself (D.7)."""

    use_discovered: bool = False  # count what police found, by inverse visits; else it weighs 0
    visit_reference_share: float = 0.2  # of window-days; streets visited more weigh less
    dosage_days: int = 15  # most patrol-days a segment may have ...
    dosage_minutes: float = 1800.0  # ... or minutes ...
    dosage_weeks: int = 4  # ... in so many weeks; then it rests
    top_share: float = 0.05  # of street length that the agreement of two maps is measured on
    agreement: float = 0.7  # two maps that share less (Jaccard) are told
    permutations: int = 49  # of incident times

    def __post_init__(self) -> None:
        _require(
            0 < self.visit_reference_share <= 1, "guards.visit_reference_share must be in (0, 1]"
        )
        _require(
            self.dosage_days >= 1 and self.dosage_minutes > 0 and self.dosage_weeks >= 1,
            "guards.dosage_days, dosage_minutes and dosage_weeks must be positive",
        )
        _require(0 < self.top_share < 1, "guards.top_share must be between 0 and 1")
        _require(0 <= self.agreement <= 1, "guards.agreement must be 0 to 1")
        _require(self.permutations >= 1, "guards.permutations must be >= 1")


@dataclass(frozen=True)
class KoperPoint:
    """A stand of ``dwell_min`` counts for ``share`` of the value that can be seen from it."""

    dwell_min: int
    share: float  # 0-1

    def __post_init__(self) -> None:
        _require(1 <= self.dwell_min <= 240, "patrols.koper: dwell_min must be 1 to 240")
        _require(0 <= self.share <= 1, "patrols.koper: share must be 0 to 1")


@dataclass(frozen=True)
class Patrols:
    """Routing. What the numbers of time of day mean is in docs/timing.md."""

    max_teams: int = 4
    round_min: int = 60  # every covered street is passed once a round
    floor_share: float = 0.6  # of each corridor's value that its patrols must cover
    stand_dwell_min: int = 10
    stands_per_corridor: int = 2
    stand_reach_m: float = 60.0
    gate_clear_m: float = 50.0  # no police stand point nearer to a gate (A9)
    apart: bool = True  # two teams are never on one street at the same time
    bus_stop_from_min: int = 10  # after the bell; a team begins to stand at a bus stop then ...
    bus_stop_to_min: int = 30  # ... or until then
    presence_half_life_min: int = 0  # of what a team leaves behind; 0: nothing
    koper: tuple[KoperPoint, ...] = ()  # empty: standing counts for no street
    repeat_worth: float = 0.7  # share that a street is worth the day after it was covered ...
    recovery_days: int = 2  # ... and in so many days more it is worth all again
    vary_share: float = 0.1  # of what a day's walks meet that may be lost so that days differ
    iterations: int = 200
    max_seconds: float = 120.0  # of the processor: safety stop of a ward's whole search, told
    days_share: float = 1.0  # of the weeks, on which each weekday is patrolled, by lot; 1: all

    def __post_init__(self) -> None:
        _require(1 <= self.max_teams <= 12, "patrols.max_teams must be 1 to 12")
        _require(0 < self.days_share <= 1, "patrols.days_share must be over 0, up to 1")
        _require(20 <= self.round_min <= 240, "patrols.round_min must be 20 to 240")
        _require(0 <= self.floor_share <= 1, "patrols.floor_share must be 0 to 1")
        _require(0 < self.repeat_worth <= 1, "patrols.repeat_worth must be over 0, up to 1")
        _require(1 <= self.recovery_days <= 30, "patrols.recovery_days must be 1 to 30")
        _require(0 <= self.vary_share <= 1, "patrols.vary_share must be 0 to 1")
        _require(self.iterations >= 1, "patrols.iterations must be >= 1")
        _require(self.max_seconds > 0, "patrols.max_seconds must be over 0")
        _require(
            0 <= self.bus_stop_from_min <= self.bus_stop_to_min <= 240,
            "patrols.bus_stop_from_min must be 0 to bus_stop_to_min, and that at most 240",
        )
        _require(
            0 <= self.presence_half_life_min <= 240,
            "patrols.presence_half_life_min must be 0 (off) to 240",
        )
        _require(
            all(a.dwell_min < b.dwell_min and a.share <= b.share for a, b in pairwise(self.koper)),
            "patrols.koper must grow in dwell_min and never fall in share",
        )


@dataclass(frozen=True)
class RoleNeed:
    """At least ``minimum`` and at most ``maximum`` people from ``roles``."""

    roles: tuple[str, ...]
    minimum: int
    maximum: int

    def __post_init__(self) -> None:
        unknown = sorted(set(self.roles) - set(ROLES))
        _require(not unknown, f"unknown role {', '.join(unknown)}; known: {', '.join(ROLES)}")
        _require(0 <= self.minimum <= self.maximum, "a role needs 0 <= minimum <= maximum")


@dataclass(frozen=True)
class Mix:
    """One way to staff an aim: who walks and how near the police are."""

    police_level: str
    needs: tuple[RoleNeed, ...]
    police_part: str = ""  # "lead" or "support" where police walk; empty: not recorded (B10)
    leaning: str = ""  # "community_support" or "enforcement"; empty: not recorded (B10)

    def __post_init__(self) -> None:
        _require(
            self.police_part in ("", *POLICE_PARTS),
            f"police_part {self.police_part!r} is not one of {', '.join(POLICE_PARTS)} (B10)",
        )
        _require(
            self.leaning in ("", *LEANINGS),
            f"leaning {self.leaning!r} is not one of {', '.join(LEANINGS)} (B10)",
        )
        _require(
            not self.police_part or self.police_walk,
            f"a mix at {self.police_level} has no police, so police_part has no meaning (B10)",
        )
        _require(
            self.police_level in POLICE_LEVELS,
            f"police_level {self.police_level} is not one of {', '.join(POLICE_LEVELS)}",
        )
        _require(
            self.police_walk == any(set(n.roles) & set(POLICE_ROLES) for n in self.needs),
            f"a mix at {self.police_level} and its roles disagree about police",
        )

    @property
    def police_walk(self) -> bool:
        """Whether police are on the corridor at all."""
        return self.police_level in ("nearby_not_joint", "joint_visible")

    @property
    def may_be_police_alone(self) -> bool:
        """Whether a team of police only fits: it needs a written reason (B8)."""
        return self.police_walk and all(
            need.minimum == 0 for need in self.needs if not set(need.roles) & set(POLICE_ROLES)
        )


@dataclass(frozen=True)
class Aim:
    """A primary aim (A1) with its outcome and force-wide commitment (A2)."""

    key: str
    title: str
    outcome: str
    commitment: str
    mixes: tuple[Mix, ...]  # in order of preference
    policing_purpose: str = ""  # required where any mix has police (B11)

    def __post_init__(self) -> None:
        _require(bool(self.mixes), f"aim {self.key} has no mix")
        _require(
            bool(self.outcome and self.commitment), f"aim {self.key} lacks outcome or commitment"
        )
        _require(
            bool(self.policing_purpose) or not any(m.police_walk for m in self.mixes),
            f"aim {self.key} puts police on the street without a policing purpose (B11)",
        )


@dataclass(frozen=True)
class AimRule:
    """Suggests ``aim`` where ``groups`` make up at least ``share`` of a corridor's evidence."""

    aim: str
    groups: tuple[str, ...]
    share: float
    needs_times: bool = False  # only where the source has times of day
    needs_hot_spot: bool = False  # only where a stable hot spot lies on the corridor (D.7)


@dataclass(frozen=True)
class RoleCard:
    """What a role is called and does, in plain words (B6, E2), and its tasks (B12)."""

    role: str
    title: str
    does: str
    looks: str
    tasks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_known(f"tasks of {self.role}", self.tasks, tuple(TASKS))
        barred = _SCHOOL_WORK if self.role in POLICE_ROLES else _POLICE_WORK
        blurred = [TASKS[task] for task in self.tasks if task in barred]
        _require(
            not blurred,
            f"{self.role} is given the task to {', to '.join(blurred)}: roles are not blurred. "
            "Enforcement and intelligence are for police alone, pupils' behaviour never is (B12)",
        )


@dataclass(frozen=True)
class TrainingNeed:
    """Training that people of ``roles`` are to hold (B13): asked for, or demanded."""

    roles: tuple[str, ...]
    training: tuple[str, ...]
    is_rule: bool = False  # True: without it nobody walks; False: told only

    def __post_init__(self) -> None:
        _require_known("teams.training roles", self.roles, ROLES)
        _require_known("teams.training", self.training, TRAININGS)


@dataclass(frozen=True)
class Teams:
    """Aims, mixes and limits on people."""

    aims: tuple[Aim, ...]
    aim_rules: tuple[AimRule, ...]  # first match wins
    default_aim: str
    role_cards: tuple[RoleCard, ...]
    min_adults: int = 2
    max_patrols_per_person: int = 5
    schools_per_officer: int = 2
    officer_for_every_school: bool = False  # a school without one is told as a violation (C2)
    max_days_per_person: int = 5  # in a week: rest
    travel_min: int = 15  # between two patrols of one person that share neither school nor ward
    training: tuple[TrainingNeed, ...] = ()
    vetting: str = "told"  # people without a vetting date: "off", "told" or "rule" (B18)
    barred_postings: tuple[str, ...] = ("response", "public_order")  # never stand in (B14)

    def __post_init__(self) -> None:
        _require(1 <= self.max_days_per_person <= 5, "teams.max_days_per_person must be 1 to 5")
        _require(0 <= self.travel_min <= 120, "teams.travel_min must be 0 to 120")
        _require(self.vetting in VETTING, f"teams.vetting must be one of {', '.join(VETTING)}")
        _require_known("teams.barred_postings", self.barred_postings, POSTINGS)
        keys = [a.key for a in self.aims]
        _require(len(set(keys)) == len(keys), "two aims have the same key")
        named = {self.default_aim, *(r.aim for r in self.aim_rules)}
        _require(named <= set(keys), f"unknown aim {', '.join(sorted(named - set(keys)))}")
        missing = sorted(set(ROLES) - {c.role for c in self.role_cards})
        _require(not missing, f"no role card for {', '.join(missing)} (B6)")

    def aim(self, key: str) -> Aim:
        """The aim with this key; the profile has checked that its own keys exist."""
        for aim in self.aims:
            if aim.key == key:
                return aim
        known = ", ".join(a.key for a in self.aims)
        raise ProfileError(f"there is no aim {key!r}", fix=f"Known aims: {known}")

    def card(self, role: str) -> RoleCard:
        """The role card of ``role``."""
        return next(c for c in self.role_cards if c.role == role)


@dataclass(frozen=True)
class Notice:
    """What families are told (E1-E6)."""

    partnership: str
    lead_school_days: int = 5
    band_min: int = 30
    contact: str = ""
    youth_contact: str = ""  # a way to complain that is not the police (E6)
    services: tuple[str, ...] = ()
    about: str = ""  # who the partnership is and what it wants, in general (E10)
    languages: tuple[str, ...] = ("en",)  # English first; it is the one that counts

    def __post_init__(self) -> None:
        _require(self.band_min >= 30, "notice.band_min must be at least 30")
        _require(self.languages[:1] == ("en",), 'notice.languages must begin with "en"')
        _require(len(set(self.languages)) == len(self.languages), "notice.languages: one is twice")
        unknown = [c for c in self.languages if not _LANGUAGE.fullmatch(c)]
        _require(not unknown, f"notice.languages: {', '.join(unknown)} is no code such as cy")
        _require(bool(self.partnership), "notice.partnership must be named")


# One host without user name, then a path; braces are looked at on their own.
_TILES = re.compile(
    r"(https?://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?)"
    r"/[A-Za-z0-9._~!$&()*+,;=:@%/?{}-]*"
)


@dataclass(frozen=True)
class MapTiles:
    """A tile server of the partnership's own, as ground of the working map.

    A public one would be told which streets are looked at. Without one nothing is asked.
    """

    tiles: str = ""  # such as https://maps.example/{z}/{x}/{y}.png; empty: none
    tiles_credit: str = ""  # whom the pictures are from, as the map says it

    def __post_init__(self) -> None:
        if not self.tiles:
            return
        _require(
            _TILES.fullmatch(self.tiles) is not None,
            "map.tiles must be http:// or https://, one host without user name, and a path",
        )
        named = sorted(re.findall(r"\{[^{}]*\}", self.tiles))
        bare = re.sub(r"\{[^{}]*\}", "", self.tiles)
        _require(
            named == ["{x}", "{y}", "{z}"] and not set("{}") & set(bare),
            "map.tiles must hold {z}, {x} and {y}, each once, and no other braces",
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port: what the page may ask for pictures; empty if there are none."""
        found = _TILES.fullmatch(self.tiles)
        return found[1] if found else ""


@dataclass(frozen=True)
class Governance:
    """What a partnership agreed on before it plans; its corridors.toml says the first three.

    References and dates in words, such as ``ISA-2026-014, agreed 12/01/2026``; no contents.
    """

    data_sharing_agreement: str = ""  # without it nothing is published (F6)
    terms_of_reference: str = ""  # of the school-linked role (F4)
    education_authority: str = ""  # who was told of the schools that take part (C6)
    routines: tuple[str, ...] = ()  # meetings and reviews, a sentence each (C12)
    require_reason: bool = False  # commands that read records must be told why (s.62 DPA 2018)


@dataclass(frozen=True)
class Retention:
    """How long copies may stay that are not the record itself; ``corridors purge`` removes them."""

    incidents_days: int = 0  # incident files in the workspace: gone after the run unless told
    derived_days: int = 365  # working folders of a week, which hold weights derived from them

    def __post_init__(self) -> None:
        for name, days in (
            ("incidents_days", self.incidents_days), ("derived_days", self.derived_days),
        ):  # fmt: skip
            _require(0 <= days <= 3650, f"retention.{name} must be 0 to 3650 days, not {days}")


@dataclass(frozen=True)
class Indicator:
    """Something that is looked at after the patrols, because of an aim (G2).

    An aim says which outcome it wants; an indicator of impact belongs to one aim and so to its
    outcome. Other kinds may be about all aims.
    """

    key: str
    title: str  # plain English, for public pages
    kind: str  # one of INDICATOR_KINDS
    aim: str  # key of an aim, or "all"
    measure: str  # one of MEASURES
    every_months: int  # how often it is evaluated (G3)
    better: str = ""  # one of BETTER; empty: neither is better in itself

    def __post_init__(self) -> None:
        at = f"evaluation.indicators {self.key}"
        _require(
            _INDICATOR.fullmatch(self.key) is not None,
            f"evaluation.indicators: key {self.key!r} must be lower-case letters, digits and _",
        )
        _require(
            bool(self.title.strip()) and self.title.isprintable() and len(self.title) <= 120,
            f"{at}: title must be one line of 1 to 120 characters",
        )
        _require(
            self.kind in INDICATOR_KINDS,
            f"{at}: kind {self.kind!r} is not one of {', '.join(INDICATOR_KINDS)}",
        )
        near = get_close_matches(self.measure, MEASURES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(MEASURES)}"
        _require(self.measure in MEASURES, f"{at}: unknown measure {self.measure!r}; {hint}")
        own = MEASURES[self.measure]
        _require(
            own != "activity" or (self.kind == own and not self.better),
            f"{at}: {self.measure} counts what was done, not what came of it; it can only be "
            'kind = "activity", without better, and is never a success (G1)',
        )
        _require(self.kind == own, f'{at}: {self.measure} is of kind = "{own}", not {self.kind!r}')
        _require(
            self.kind != "impact" or self.aim != ALL_AIMS,
            f"{at}: name the one aim whose outcome it measures; all is no aim (G2)",
        )
        _require(
            1 <= self.every_months <= 24,
            f"{at}: every_months must be 1 to 24: it has to be regular",
        )
        _require(self.better in BETTER, f"{at}: better must be fewer, more, or left out")


@dataclass(frozen=True)
class Evaluation:
    """What is measured after the patrols, and when a figure has to be explained or hidden (D.6)."""

    explain_low: float = 0.8  # a ratio outside these two is explained ...
    explain_high: float = 1.25
    review_ratio: float = 1.5  # ... and one over this is reviewed before anything is published
    not_recorded_share: float = 0.10  # over this a ratio is called unreliable (G8)
    claim_share: float = 0.5  # if only a larger change could have been seen, no effect is claimed
    near_m: float = 200.0  # walking distance of the ring in which displacement is looked for ...
    far_m: float = 600.0  # ... and of the one beyond; controls lie outside both
    smallest_count: int = 5  # smaller counts, but for zero, are hidden
    smallest_group: int = 30  # no rate or ratio of a group of fewer people is shown
    indicators: tuple[Indicator, ...] = ()

    def __post_init__(self) -> None:
        _require(
            0 < self.explain_low < 1 < self.explain_high <= self.review_ratio <= 10,
            "evaluation: explain_low must be over 0 and below 1, explain_high over 1, and "
            "review_ratio at least explain_high, up to 10",
        )
        _require(
            0 < self.not_recorded_share < 1, "evaluation.not_recorded_share must be between 0 and 1"
        )
        _require(
            0 < self.claim_share <= 0.5,
            "evaluation.claim_share must be over 0, up to 0.5: where only a larger change could "
            "have been seen, nothing is called an effect (D.4)",
        )
        _require(
            0 < self.near_m < self.far_m <= 5000,
            "evaluation.near_m must be over 0 and below far_m, which is at most 5000",
        )
        _require(
            5 <= self.smallest_count <= 100,
            "evaluation.smallest_count must be 5 to 100: fewer than 5 children can be recognised",
        )
        _require(
            30 <= self.smallest_group <= 10_000,
            "evaluation.smallest_group must be 30 to 10000: rates of fewer people say nothing",
        )
        keys = [indicator.key for indicator in self.indicators]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        _require(not twice, f"evaluation.indicators name {', '.join(twice)} more than once")
        kinds = {indicator.kind for indicator in self.indicators}
        _require(
            "impact" not in kinds or "harm" in kinds,
            "evaluation.indicators hold impact but no harm: harm stands next to benefit (G6)",
        )
        measures = {indicator.measure for indicator in self.indicators}
        _require(
            "need_adjusted_ratio" not in measures or "exposure_ratio" in measures,
            "evaluation.indicators: need_adjusted_ratio never stands without exposure_ratio (D.6)",
        )


@dataclass(frozen=True)
class Origin:
    """Where a number or rule of the profile comes from; all others are this project's proposals."""

    key: str  # such as "teams.schools_per_officer"
    source: str  # such as "section 3"


@dataclass(frozen=True)
class Profile:
    """A policy profile. ``name`` and ``source`` are printed on every output."""

    name: str
    source: str
    teams: Teams
    notice: Notice
    scope: Scope = Scope()
    window: Window = Window()
    streets: Streets = Streets()
    flow: Flow = Flow()
    risk: Risk = Risk()
    severity: Severity = Severity()
    hot_spots: HotSpots = HotSpots()
    guards: Guards = Guards()
    patrols: Patrols = Patrols()
    governance: Governance = Governance()
    retention: Retention = Retention()
    evaluation: Evaluation = Evaluation()
    map: MapTiles = MapTiles()
    origins: tuple[Origin, ...] = ()
    seed: int = 2024

    def __post_init__(self) -> None:
        known_aims = {aim.key for aim in self.teams.aims}
        for indicator in self.evaluation.indicators:
            _require(
                indicator.aim in known_aims | {ALL_AIMS},
                f"evaluation.indicators {indicator.key}: there is no aim {indicator.aim!r}; an "
                f"indicator is drawn from one of {', '.join(sorted(known_aims))}, or all (G2)",
            )
        for origin in self.origins:
            at: object = self
            for key in origin.key.split("."):
                known = {f.name for f in fields(at)} if is_dataclass(at) else set()
                near = get_close_matches(key, known, n=1)
                hint = f" Did you mean {near[0]}?" if near else ""
                _require(key in known, f"origins: there is no {origin.key!r}.{hint}")
                at = getattr(at, key)


def from_mapping(data: Mapping[str, Any]) -> Profile:
    """Build a profile from parsed TOML.

    Raises
    ------
    ProfileError
        For an unknown key (with the nearest known one), a wrong type, or a broken rule.
    """
    made = built(Profile, data, "profile")
    assert isinstance(made, Profile)
    return made


def built(kind: type, data: object, path: str) -> object:
    """Frozen dataclasses from parsed TOML, by their fields and types.

    Raises
    ------
    ProfileError
        For an unknown key (with the nearest known one), a missing one, a wrong type, or what the
        dataclass itself refuses.
    """
    if not isinstance(data, Mapping):
        raise ProfileError(f"{path} must be a table, not {type(data).__name__}")
    hints = get_type_hints(kind)
    for key in data:
        if key not in hints:
            near = get_close_matches(str(key), hints, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(hints)}"
            raise ProfileError(f"unknown key {path}.{key}", fix=hint)
    values = {key: _value(hints[key], value, f"{path}.{key}") for key, value in data.items()}
    required = {f.name for f in fields(kind) if f.default is MISSING}
    missing = sorted(required - set(values))
    if missing:
        raise ProfileError(f"{path} lacks {', '.join(missing)}")
    made: object = kind(**values)
    return made


def _value(hint: Any, value: object, path: str) -> object:
    if is_dataclass(hint):
        return built(hint, value, path)  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        if not isinstance(value, (list, tuple)):
            raise ProfileError(f"{path} must be a list, not {value!r}")
        return tuple(_value(get_args(hint)[0], v, f"{path}[{i}]") for i, v in enumerate(value))
    if isinstance(hint, UnionType):
        hint = next(h for h in get_args(hint) if h is not NoneType)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise ProfileError(f"{path} must be {hint.__name__}, not {value!r}")
    return value
