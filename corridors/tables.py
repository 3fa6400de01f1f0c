"""One schema per table: column, dtype, unit, range.

Tables validate and never coerce: a reader that hands over the wrong dtype has a bug, and a file
that holds a wrong value was to be caught by its reader, which knows the row number.
``Column.__get__`` returns the column's own name, so ``Segments.length_m == "length_m"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar

import pandas as pd

from corridors.crs import require_metric
from corridors.errors import ColumnError

# Text is kept in Python's way, whether pyarrow is installed (for Parquet) or not: same input, same
# bytes, on every machine.
pd.set_option("mode.string_storage", "python")

INT: Final = "int64"
FLOAT: Final = "float64"
BOOL: Final = "bool"
TEXT: Final = "text"
UTC: Final = "datetime64[us, UTC]"
DATE: Final = "datetime64[us]"

FrameT = TypeVar("FrameT", bound=pd.DataFrame)


class Column:
    """One column: its dtype, unit, meaning and range."""

    def __init__(
        self,
        dtype: str,
        unit: str,
        meaning: str,
        *,
        low: float | None = None,
        high: float | None = None,
        values: tuple[str, ...] | None = None,
        nullable: bool = False,
    ) -> None:
        self.dtype = dtype
        self.unit = unit
        self.meaning = meaning
        self.low = low
        self.high = high
        self.values = values
        self.nullable = nullable
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> str:
        return self.name

    def problem(self, values: pd.Series[Any]) -> str | None:
        """What breaks this column's rules, or None."""
        if not self._right_dtype(values):
            return f"is {values.dtype}, not {self.dtype}"
        if not self.nullable and values.isna().any():
            return "has empty values"
        known = values.dropna()
        if self.low is not None and (known < self.low).any():
            return f"has values below {self.low:g} {self.unit}"
        if self.high is not None and (known > self.high).any():
            return f"has values above {self.high:g} {self.unit}"
        if self.values is not None and not known.isin(self.values).all():
            return f"has values other than {', '.join(self.values)}"
        return None

    def _right_dtype(self, values: pd.Series[Any]) -> bool:
        if self.dtype == TEXT:
            return bool(pd.api.types.is_string_dtype(values)) or len(values) == 0
        return str(values.dtype) == self.dtype


class Table:
    """Base of the schemas; never instantiated, the data stays a plain (Geo)DataFrame."""

    index: ClassVar[str]
    geometry: ClassVar[str | None] = None

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """The schema's columns by name, in order of definition."""
        return {name: c for name, c in vars(cls).items() if isinstance(c, Column)}

    @classmethod
    def validate(cls, frame: FrameT) -> FrameT:
        """Return ``frame`` unchanged, or raise.

        Raises
        ------
        ColumnError
            If the index or a column is missing, of the wrong dtype, or out of range.
        CrsError
            If the table has a geometry and it is not in EPSG:27700.
        """
        if frame.index.name != cls.index or not frame.index.is_unique:
            raise ColumnError(
                f"{cls.__name__} wants the unique index {cls.index}, not {frame.index.name}"
            )
        for name, column in cls.columns().items():
            problem = "is missing" if name not in frame else column.problem(frame[name])
            if problem:
                raise ColumnError(f"{cls.__name__}.{name} {problem}", column=name)
        if cls.geometry is not None:
            require_metric(getattr(frame, "crs", None), cls.__name__)
            kinds = set(frame.geometry.geom_type) - set(cls.geometry.split("|"))
            if kinds:
                raise ColumnError(f"{cls.__name__} holds {', '.join(sorted(kinds))}")
        return frame


PLACE_KINDS: Final = (
    "bus_stop", "station", "park", "school_site", "entrance", "address", "water", "railway",
)  # fmt: skip
ROLES: Final = (
    "school_linked_officer", "ward_officer", "pcso", "school_staff", "youth_worker", "camhs",
    "familiar_adult",
)  # fmt: skip
POLICE_ROLES: Final = ("school_linked_officer", "ward_officer", "pcso")
POLICE_LEVELS: Final = ("none", "on_call", "nearby_not_joint", "joint_visible")
# Where police work. Response and public-order officers do not stand in by default (B14).
POSTINGS: Final = ("", "schools", "neighbourhood", "response", "public_order", "other")
TRAININGS: Final = (
    "child_centred", "trauma", "send", "cultural_awareness", "bias_adultification", "restorative",
    "detached_youth_work", "first_aid", "safeguarding",
)  # fmt: skip
ABSENCE_CODES: Final = ("abstracted", "leave", "sick", "training", "court", "left", "other")
APPROVAL_STATES: Final = ("designed", "proposed", "agreed", "published", "withdrawn")
# A.11, in the order of the template.
DECISION_KINDS: Final = ("decision", "areas_fixed", "review", "pack")
CONSULTED: Final = (
    "young_people", "student_council", "youth_parliament", "youth_organisation", "parents",
    "residents", "school_staff", "businesses", "other",
)  # fmt: skip
FEEDBACK_USES: Final = ("used", "partly", "rejected")
YES_NO: Final = ("yes", "no", "")
# The nine of s.149 Equality Act 2010, in its words; the two below are looked at as well.
PROTECTED: Final = (
    "age", "disability", "gender_reassignment", "marriage_civil_partnership",
    "pregnancy_maternity", "race", "religion_belief", "sex", "sexual_orientation",
)  # fmt: skip
CHARACTERISTICS: Final = (*PROTECTED, "poverty", "care_experience")
EFFECTS: Final = ("none_expected", "positive", "negative", "unknown")
PROTOCOL_FIELDS: Final = {
    "lead_organisation": "who leads the patrols",
    "police_contact": "police contact on duty",
    "police_deputy": "the contact's deputy",
    "channel": "how they are reached: telephone or radio",
    "check_in_times": "when the team checks in",
    "call_999": "when the team calls 999",
    "call_on_call_officer": "when the team calls the officer on call",
    "call_safeguarding": "when the team calls the safeguarding lead or hub",
    "may_ask_police": "who may ask police to attend",
    "tells_young_people": "who tells young people that police will come",
    "police_unasked": "what the team does if police arrive unasked",
    "information_limits": "what may be shared: youth workers pass no intelligence",
    "stand_down": "when the patrol stands down",
    "review_on": "when the protocol is looked at again",
}
OFFENCE_WORDS: Final = {
    "violence": "violence",
    "robbery": "robbery",
    "weapons": "weapons",
    "theft_person": "theft from the person",
    "antisocial": "anti-social behaviour",
    "public_order": "public order",
    "damage": "criminal damage",
    "drugs": "drugs",
    "burglary": "burglary",
    "vehicle": "vehicle crime",
    "other": "other crime",
}
OFFENCE_GROUPS: Final = tuple(OFFENCE_WORDS)
# Subgroups of police recorded crime (Home Office), about gravest first, and the group of each. A
# class with a group's own name is for wordings that say no more; so is `sexual`. In the order of
# OFFENCE_GROUPS: of two rows of one incident the first class stays.
OFFENCE_GROUP_OF: Final[Mapping[str, str]] = {
    "homicide": "violence",
    "rape": "violence",
    "unlawful_driving": "violence",  # death or serious injury by it
    "sexual": "violence",
    "other_sexual": "violence",
    "violence_injury": "violence",
    "violence_no_injury": "violence",
    "harassment": "violence",  # and stalking, malicious communications
    "violence": "violence",
    "robbery": "robbery",
    "weapons": "weapons",
    "theft_person": "theft_person",
    "antisocial": "antisocial",
    "public_order": "public_order",
    "arson": "damage",
    "criminal_damage": "damage",
    "damage": "damage",
    "drugs_trafficking": "drugs",
    "drugs_possession": "drugs",
    "drugs": "drugs",
    "burglary_residential": "burglary",
    "burglary_business": "burglary",
    "burglary": "burglary",
    "vehicle": "vehicle",
    "other_theft": "other",
    "bicycle": "other",
    "shoplifting": "other",
    "other": "other",
}
OFFENCE_CLASSES: Final = tuple(OFFENCE_GROUP_OF)
# Offences that a walk home can meet.
STREET_GROUPS: Final = (
    "violence", "robbery", "weapons", "theft_person", "antisocial", "public_order", "damage",
)  # fmt: skip
# Recorded because police looked: more police find more of them (H4).
POLICE_GROUPS: Final = ("drugs", "weapons")


class Ways(Table):
    """One row per street line as the source drew it. Vertices are in ``StreetExtract``."""

    index = "way_id"
    highway = Column(TEXT, "OSM value", "Class of way; plain lines carry their `fclass`.")
    name = Column(TEXT, "", "Name as mapped, empty if none.")
    footway = Column(TEXT, "OSM value", "`sidewalk`, `crossing`, … or empty.")
    access = Column(TEXT, "OSM value", "General access or empty.")
    foot = Column(TEXT, "OSM value", "Access on foot or empty.")
    area = Column(BOOL, "", "True if the way is the outline of a walkable area.")
    is_bridge = Column(BOOL, "", "Carried over what it crosses.")
    is_tunnel = Column(BOOL, "", "Carried under what it crosses: subways and underpasses too.")
    first_ref = Column(INT, "position", "Where its vertices begin in `StreetExtract.way_refs`.")
    ref_count = Column(INT, "vertices", "How many vertices it has.", low=2)


class Places(Table):
    """Points, lines and areas beside the streets, EPSG:27700."""

    index = "place_id"
    geometry = "Point|LineString|MultiLineString|Polygon|MultiPolygon"
    kind = Column(TEXT, "", "What it is.", values=PLACE_KINDS)
    name = Column(TEXT, "", "Name as mapped, empty if none.")


class Segments(Table):
    """One row per undirected street segment between junctions or ends, EPSG:27700."""

    index = "segment_id"
    geometry = "LineString"
    u = Column(INT, "node id", "Node at the start of the line.")
    v = Column(INT, "node id", "Node at the end of the line; may equal u (a loop).")
    length_m = Column(FLOAT, "m", "Length along the centreline.", low=0.0)
    walk_s = Column(FLOAT, "s", "Walking time end to end.", low=0.0)
    name = Column(TEXT, "", "Street name; a sidewalk has its street's. Empty if none.")
    highway = Column(TEXT, "OSM value", "Class of way.")
    is_bridge = Column(BOOL, "", "On a bridge.")
    is_tunnel = Column(BOOL, "", "In a tunnel, subway or underpass.")
    in_ward = Column(BOOL, "", "Its midpoint lies in the ward.")
    in_school_site = Column(BOOL, "", "Its midpoint lies inside a school site: no patrol (A8).")


class Nodes(Table):
    """Ends of segments, EPSG:27700."""

    index = "node_id"
    x_m = Column(FLOAT, "m", "Easting.")
    y_m = Column(FLOAT, "m", "Northing.")
    is_clipped = Column(BOOL, "", "The network was cut here: mass leaves, it does not reflect.")


class Schools(Table):
    """One row per school in the register near the ward."""

    index = "urn"
    name = Column(TEXT, "", "Establishment name.")
    phase = Column(TEXT, "GIAS value", "Phase; `Not applicable` for many KS3+ schools.")
    kind = Column(TEXT, "GIAS value", "Type of establishment, empty if not given.")
    status = Column(TEXT, "GIAS value", "`Open`, `Closed`, …")
    low_age = Column(FLOAT, "years", "Statutory low age.", low=0, high=99, nullable=True)
    high_age = Column(FLOAT, "years", "Statutory high age.", low=0, high=99, nullable=True)
    pupils = Column(FLOAT, "pupils", "Roll; empty if not published.", low=0, nullable=True)
    x_m = Column(FLOAT, "m", "Easting of the register's point (often the postcode).")
    y_m = Column(FLOAT, "m", "Northing of the register's point.")


class ChildAreas(Table):
    """Small areas with the children who live there (LSOA population), EPSG:27700."""

    index = "area_id"
    geometry = "Polygon|MultiPolygon"
    children = Column(FLOAT, "children", "Residents of school age.", low=0)


class GateOverrides(Table):
    """Gates set by hand, for schools whose mapped gate is wrong or absent."""

    index = "gate_id"
    urn = Column(TEXT, "URN", "School.")
    x_m = Column(FLOAT, "m", "Easting.")
    y_m = Column(FLOAT, "m", "Northing.")


class Gates(Table):
    """Where pupils leave a school, snapped to the network."""

    index = "gate_id"
    urn = Column(TEXT, "URN", "School.")
    segment_id = Column(INT, "segment id", "Segment it opens on.")
    offset_m = Column(FLOAT, "m", "Distance from the segment's u end.", low=0.0)
    x_m = Column(FLOAT, "m", "Easting of the gate.")
    y_m = Column(FLOAT, "m", "Northing of the gate.")
    source = Column(TEXT, "", "How it was found.", values=("override", "mapped", "nearest"))


class Incidents(Table):
    """One row per reported incident: place, time and class, nothing else (H6)."""

    index = "incident_id"
    x_m = Column(FLOAT, "m", "Easting.")
    y_m = Column(FLOAT, "m", "Northing.")
    from_utc = Column(UTC, "UTC", "Earliest time; empty if only a month is known.", nullable=True)
    to_utc = Column(UTC, "UTC", "Latest time; equals from_utc if exact.", nullable=True)
    month = Column(DATE, "month", "First day of the month of from_utc or of the source.")
    offence = Column(TEXT, "", "Offence class.", values=OFFENCE_CLASSES)
    group = Column(TEXT, "", "Offence group; follows from the class.", values=OFFENCE_GROUPS)
    is_police_generated = Column(BOOL, "", "Found by police activity: set apart (H4).")
    is_school_premises = Column(BOOL, "", "On a school's premises: set apart (H5).")

    @classmethod
    def validate(cls, frame: FrameT) -> FrameT:
        """Return ``frame`` unchanged, or raise.

        Raises
        ------
        ColumnError
            As every table; and if a row's group is not that of its offence class.
        """
        super().validate(frame)
        follows = frame[cls.offence].map(OFFENCE_GROUP_OF).to_numpy(dtype=object)
        if (follows != frame[cls.group].to_numpy(dtype=object)).any():
            raise ColumnError(
                "Incidents.group does not follow from Incidents.offence", column=cls.group,
                fix="Take it from OFFENCE_GROUP_OF",
            )  # fmt: skip
        return frame


class People(Table):
    """One row per person who may walk. No reason for a refusal is ever stored."""

    index = "person_id"
    name = Column(TEXT, "", "Name, for the roster only.")
    organisation = Column(TEXT, "", "Whom they work or volunteer for.")
    role = Column(TEXT, "", "Role.", values=ROLES)
    statutory = Column(TEXT, "", "Recorded for youth workers (B5).", values=("yes", "no", ""))
    accepts_police = Column(
        TEXT, "level", "Highest police level this person accepts beside them.", values=POLICE_LEVELS
    )
    available = Column(TEXT, "weekdays", "Space-separated Mon Tue Wed Thu Fri.")
    urns = Column(TEXT, "URNs", "Space-separated schools they are tied to; empty: any.")
    wards = Column(TEXT, "ward codes", "Space-separated wards they work in; empty: any.")
    print_name = Column(BOOL, "", "Agreed to have their name printed (E3).")
    posting = Column(
        TEXT, "", "Where a police officer works; response and public order do not stand in (B14).",
        values=POSTINGS,
    )  # fmt: skip
    stands_in = Column(BOOL, "", "Walks only where nobody else of the role can (B14).")
    training = Column(TEXT, "training keys", "Space-separated training held (B13).")
    vetted_on = Column(DATE, "date", "When vetting was passed; no detail (B18).", nullable=True)
    languages = Column(TEXT, "ISO 639-1", "Space-separated languages spoken (B16).")
    plain_clothes_by = Column(
        TEXT, "", "Who approved that this person walks out of uniform (B15), or empty."
    )
    pay_per_hour = Column(
        FLOAT, "GBP per hour", "What the time costs; empty if not recorded (B17).",
        low=0, high=1000, nullable=True,
    )  # fmt: skip


class Consents(Table):
    """Who agreed to which police level, where, for what and until when (A.12). No reason.

    A row can only narrow `People.accepts_police` where it applies: of that and the rows that apply
    to a person on a day, the lowest level counts, and a row of their organisation binds them too.
    """

    index = "consent_id"
    party_kind = Column(TEXT, "", "Whose consent it is.", values=("person", "organisation"))
    party = Column(TEXT, "", "`person_id`, or the organisation's name as in the people file.")
    level = Column(TEXT, "level", "Highest police level accepted.", values=POLICE_LEVELS)
    urns = Column(TEXT, "URNs", "Space-separated schools it is about; empty: all.")
    aims = Column(TEXT, "aim keys", "Space-separated aims it is about; empty: all.")
    given_by = Column(TEXT, "", "Who gave it: the person, or a job title for an organisation.")
    given_on = Column(DATE, "date", "From this day it holds.")
    expires_on = Column(DATE, "date", "Last day it holds; empty: until changed.", nullable=True)


class Absences(Table):
    """Days on which a person is not there after all: abstraction, leave (C7). Codes, no words."""

    index = "absence_id"
    person_id = Column(TEXT, "", "Who, as in the people file.")
    first = Column(DATE, "date", "First day away.")
    last = Column(DATE, "date", "Last day away, inclusive.")
    reason_code = Column(TEXT, "", "Class of reason.", values=ABSENCE_CODES)
    told_on = Column(DATE, "date", "When it was known.")


class ProtocolTerms(Table):
    """What the parties to the protocol agreed (A.11), one row a field."""

    index = "field"
    value = Column(TEXT, "", "The words agreed; empty: not yet.")


class Approvals(Table):
    """Append-only: who designed, proposed, agreed or published what, and when (B9, C9, F8)."""

    index = "entry_id"
    ward = Column(TEXT, "ward code", "Ward of the plan.")
    week = Column(TEXT, "ISO week", "Week of the plan, as 2026-W10.")
    urn = Column(TEXT, "URN", "School whose patrols it is about.")
    state = Column(TEXT, "", "What was done.", values=APPROVAL_STATES)
    remit = Column(TEXT, "", "Short hash of the days, times, aim and roles it is about.")
    by = Column(TEXT, "", "Job title of who did it.")
    organisation = Column(TEXT, "", "For whom.")
    on = Column(DATE, "date", "When.")
    chain = Column(TEXT, "", "Hash of this row and of all before it: shows if any was changed.")


class Decisions(Table):
    """Append-only: what was decided, fixed, reviewed and published, by whom and when (F8)."""

    index = "entry_id"
    kind = Column(TEXT, "", "What was done.", values=DECISION_KINDS)
    about = Column(TEXT, "", "Key of a programme, a quarter, or both.")
    words = Column(TEXT, "", "What was decided and why, for the public; no names.")
    by = Column(TEXT, "", "Job title of who did it.")
    organisation = Column(TEXT, "", "For whom.")
    sha256 = Column(TEXT, "", "SHA-256 of the file or figures it is about, or empty.")
    on = Column(DATE, "date", "When.")
    chain = Column(TEXT, "", "Hash of this row and of all before it: shows if any was changed.")


class Consultations(Table):
    """One row a group that was consulted; a gap keeps the pack back (F1-F3). No identities."""

    index = "entry_id"
    programme = Column(TEXT, "programme key", "Programme it was about.")
    kind = Column(TEXT, "", "What sort of group; a council alone speaks for few.", values=CONSULTED)
    group = Column(TEXT, "", "The group in words, for the public.")
    people = Column(
        FLOAT, "people", "How many took part; empty: not recorded.", low=1, high=100_000,
        nullable=True,
    )  # fmt: skip
    police_experience = Column(
        TEXT, "", "Whether young people with bad experience of police took part; empty: a gap.",
        values=("yes", "no", "not_asked", ""),
    )  # fmt: skip
    facilitated_by = Column(TEXT, "", "Organisation that held it.")
    non_statutory = Column(TEXT, "", "Whether that is no public authority.", values=YES_NO)
    police_present = Column(TEXT, "", "Whether police were there.", values=YES_NO)
    feedback = Column(TEXT, "", "What was said, summed up.")
    use = Column(TEXT, "", "What became of it.", values=(*FEEDBACK_USES, ""))
    how_or_why = Column(TEXT, "", "How it was used, or why not.")


class Activities(Table):
    """Terms of reference: what each role does, for which outcome (A2, F4, H8)."""

    index = "entry_id"
    role = Column(TEXT, "", "Who does it.", values=ROLES)
    activity = Column(TEXT, "", "What is done.")
    outcome = Column(TEXT, "", "What it is to bring about.")
    harm_reduced = Column(TEXT, "", "How it reduces a known harm.")
    agreed_on = Column(DATE, "date", "Empty until it is agreed.", nullable=True)
    agreed_by = Column(TEXT, "", "Organisations that agreed.")


class EqualityRecord(Table):
    """What a programme does to people by protected characteristic (s.149 Equality Act, H1)."""

    index = "entry_id"
    programme = Column(TEXT, "programme key", "Programme it is about.")
    characteristic = Column(TEXT, "", "Protected or other.", values=CHARACTERISTICS)
    effect = Column(TEXT, "", "What is expected or was found.", values=EFFECTS)
    evidence = Column(TEXT, "", "What that rests on.")
    action = Column(TEXT, "", "What is done about it.")
    assessed_by = Column(TEXT, "", "Job title of who assessed it.")
    assessed_on = Column(DATE, "date", "When.")
    review_on = Column(DATE, "date", "When it is looked at again.")


class ToolkitEntries(Table):
    """What a school booked from the toolkit (D1-D4). Patrols cost nothing."""

    index = "entry_id"
    urn = Column(TEXT, "URN", "School.")
    date = Column(DATE, "date", "Day of the activity: decides the school year.")
    item = Column(TEXT, "toolkit key", "What was booked.")


class LastRoster(Table):
    """Who was on which patrol of an earlier roster: last week's, or this one's before a change."""

    index = "entry_id"
    patrol_id = Column(TEXT, "", "Patrol.")
    person_id = Column(TEXT, "", "Who walked, or was to walk.")
    urns = Column(TEXT, "URNs", "Space-separated schools of the patrol.")
    day = Column(DATE, "date", "Day of the patrol.")


class Agreements(Table):
    """One row per school that agreed to take part (A7, C5, C6)."""

    index = "urn"
    head_agreed_on = Column(DATE, "date", "Headteacher's agreement.")
    police_agreed_on = Column(DATE, "date", "Police agreement.")
    spoc = Column(TEXT, "", "Single point of contact, by job title.")
    withdrawn_on = Column(DATE, "date", "Empty while the school takes part.", nullable=True)
    special_approval = Column(
        TEXT, "", "Who approved a special school, PRU or alternative provision (H7), or empty."
    )


class ProtocolParties(Table):
    """Dated agreement of each party to the protocol for patrols without police beside them."""

    index = "party"
    agreed_on = Column(DATE, "date", "Empty while the party has not agreed.", nullable=True)
    review_on = Column(DATE, "date", "When the protocol is to be looked at again.", nullable=True)


class TermDates(Table):
    """Terms, holidays, INSET and early-close days, by school."""

    index = "entry_id"
    urn = Column(TEXT, "URN", "School, or empty for all.")
    kind = Column(TEXT, "", "Kind.", values=("term", "half_term", "inset", "early_close"))
    start = Column(DATE, "date", "First day.")
    end = Column(DATE, "date", "Last day, inclusive.")
    finish_min = Column(
        FLOAT, "min after midnight", "Local finish time on these days.", low=0, high=1440,
        nullable=True,
    )  # fmt: skip


class ConfirmedAims(Table):
    """Aims that a person has confirmed for a school's corridor (A1)."""

    index = "urn"
    aim = Column(TEXT, "aim key", "Primary aim.")
    confirmed_by = Column(TEXT, "", "Job title of who confirmed it.")
    police_alone_reason = Column(
        TEXT, "", "Why police may walk there with nobody else (B8), or empty."
    )
    starts_on = Column(DATE, "date", "First day of the programme (C13).", nullable=True)
    ends_on = Column(DATE, "date", "Last day of the programme (C13).", nullable=True)
    review_on = Column(DATE, "date", "When it is looked at again (C13).", nullable=True)


class StartPoints(Table):
    """Where a school's patrols start and end, where told."""

    index = "urn"
    start_x_m = Column(FLOAT, "m", "Easting of the start.")
    start_y_m = Column(FLOAT, "m", "Northing of the start.")
    end_x_m = Column(FLOAT, "m", "Easting of the end.")
    end_y_m = Column(FLOAT, "m", "Northing of the end.")


NO_GO_FOR: Final = ("police", "all")


class NoGoPlaces(Table):
    """Places that police, or all teams, keep clear of (B19). Never published."""

    index = "place_id"
    name = Column(TEXT, "", "What the place is called; for staff only.")
    x_m = Column(FLOAT, "m", "Easting.")
    y_m = Column(FLOAT, "m", "Northing.")
    reach_m = Column(FLOAT, "m", "Streets nearer than this are kept clear of.", low=1, high=500)
    holds_for = Column(TEXT, "", "Whom it holds for.", values=NO_GO_FOR)


class Visits(Table):
    """One row per day and place where a patrol has been. Who walked is not in it."""

    index = "visit_id"
    date = Column(DATE, "date", "Day of the patrol.")
    x_m = Column(FLOAT, "m", "Easting.")
    y_m = Column(FLOAT, "m", "Northing.")
    minutes = Column(
        FLOAT, "min", "How long; empty if not written down.", low=0, high=1440, nullable=True
    )


DEBRIEF_STATES: Final = ("done", "shortened", "cancelled")
DEBRIEF_REASONS: Final = (
    "", "weather", "abstraction", "incident", "no_team", "school_asked", "other",
)  # fmt: skip
CONTACTS: Final = (
    "talks", "help_given", "signposted", "safeguarding", "stop_search", "arrests",
    "crimes_recorded", "complaints",
)  # fmt: skip
_MOST_PEOPLE: Final = 50
_MOST_CONTACTS: Final = 1000


def _people(role: str) -> Column:
    return Column(INT, "people", f"Who came as {role}.", low=0, high=_MOST_PEOPLE)


def _contacts(meaning: str) -> Column:
    return Column(INT, "count", meaning, low=0, high=_MOST_CONTACTS)


class Debriefs(Table):
    """What became of a planned patrol, in counts and codes. No names, no free text."""

    index = "entry_id"
    ward = Column(TEXT, "ward code", "Ward of the plan.")
    week = Column(TEXT, "ISO week", "Week of the plan, as 2026-W10.")
    patrol_id = Column(TEXT, "", "Patrol, as the plan names it.")
    date = Column(DATE, "date", "Day of the patrol.")
    state = Column(TEXT, "", "Whether it took place.", values=DEBRIEF_STATES)
    reason_code = Column(
        TEXT, "", "Why it was shortened or cancelled; empty if done.", values=DEBRIEF_REASONS
    )
    start_min = Column(
        FLOAT, "min after midnight", "When it began, local time.", low=0, high=1440, nullable=True
    )
    end_min = Column(
        FLOAT, "min after midnight", "When it ended, local time.", low=0, high=1440, nullable=True
    )
    school_linked_officer = _people("school-linked officer")
    ward_officer = _people("ward officer")
    pcso = _people("PCSO")
    school_staff = _people("school staff")
    youth_worker = _people("youth worker")
    camhs = _people("CAMHS practitioner")
    familiar_adult = _people("familiar adult")
    police_level = Column(TEXT, "", "How near police were.", values=POLICE_LEVELS)
    talks = _contacts("Young people talked with.")
    help_given = _contacts("Times that somebody was helped.")
    signposted = _contacts("Times that somebody was shown a service.")
    safeguarding = _contacts("Safeguarding concerns passed on.")
    stop_search = _contacts("Stops and searches by the team.")
    arrests = _contacts("Arrests by the team.")
    crimes_recorded = _contacts("Crimes recorded against young people under 18.")
    complaints = _contacts("Complaints about the patrol.")
    logged_on = Column(DATE, "date", "Day on which it was written down.")


ENCOUNTERS: Final = (
    "stop_search", "arrest", "crime_recorded", "exclusion", "suspension", "complaint",
)  # fmt: skip
AGE_BANDS: Final = ("under_10", "10_17", "18_24", "25_34", "over_34", "not_recorded")
ETHNIC_GROUPS: Final = ("asian", "black", "mixed", "white", "other", "not_recorded")
SEND_STATES: Final = ("yes", "no", "not_recorded")
_MOST_COUNTED: Final = 1_000_000


class Encounters(Table):
    """How often whom police or schools acted on: for harm and fairness alone, never risk (H4)."""

    index = "entry_id"
    quarter = Column(TEXT, "calendar quarter", "As 2026-Q1.")
    ward = Column(TEXT, "ward code", "Ward where it was.")
    kind = Column(TEXT, "", "What happened.", values=ENCOUNTERS)
    age_band = Column(TEXT, "", "Age.", values=AGE_BANDS)
    ethnicity = Column(TEXT, "", "Ethnic group.", values=ETHNIC_GROUPS)
    send = Column(TEXT, "", "Special educational needs or disability.", values=SEND_STATES)
    count = Column(INT, "count", "How often.", low=0, high=_MOST_COUNTED)
    no_further_action = Column(
        FLOAT, "count", "Of these, how many led to nothing; empty if not known.", low=0,
        high=_MOST_COUNTED, nullable=True,
    )  # fmt: skip
    repeat = Column(
        FLOAT, "count", "Of these, how many were of somebody already counted; empty if not known.",
        low=0, high=_MOST_COUNTED, nullable=True,
    )  # fmt: skip


PUPIL_GROUPS: Final = {
    "fsm": ("fsm", "not_fsm"),
    "ethnicity": ETHNIC_GROUPS,
    "sen": ("sen", "not_sen"),
    "language": ("english", "other", "not_recorded"),
}


class PupilGroups(Table):
    """Pupils of a school by group: what fairness compares with, never a weight (H2)."""

    index = "entry_id"
    urn = Column(TEXT, "URN", "School.")
    dimension = Column(TEXT, "", "What the pupils are grouped by.", values=tuple(PUPIL_GROUPS))
    group = Column(TEXT, "", "Group, one of the dimension's.")
    pupils = Column(
        FLOAT, "pupils", "How many; empty where the source does not say.", low=0, high=20_000,
        nullable=True,
    )  # fmt: skip


SURVEY_QUESTIONS: Final = (
    "feels_safer", "knows_who", "would_approach", "trusts_police", "avoids_corridor",
)  # fmt: skip
YES_NO_QUESTIONS: Final = ("knows_who", "would_approach", "avoids_corridor")
SURVEY_GROUPS: Final = (
    "all", "fsm", "not_fsm", "asian", "black", "mixed", "white", "other", "girls", "boys", "send",
)  # fmt: skip


def _answers(meaning: str) -> Column:
    return Column(INT, "answers", meaning, low=0, high=_MOST_COUNTED)


class SurveyAnswers(Table):
    """Answers to one question by one group. Each answer is kept apart: no net figure (G7)."""

    index = "entry_id"
    quarter = Column(TEXT, "calendar quarter", "As 2026-Q1.")
    programme = Column(TEXT, "programme key", "Programme that was asked about.")
    question = Column(TEXT, "", "What was asked.", values=SURVEY_QUESTIONS)
    group = Column(TEXT, "", "Who answered.", values=SURVEY_GROUPS)
    better = _answers("Better; yes to a question of yes or no.")
    same = _answers("The same; none to a question of yes or no.")
    worse = _answers("Worse; no to a question of yes or no.")
    no_answer = _answers("Asked, and did not answer.")
