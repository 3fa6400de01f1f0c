"""All inputs of a ward's week, or of an area's back-test, read and checked together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from corridors.errors import WardError
from corridors.model import AreaInputs, Calendar, Inputs, SourceRecord, StreetExtract, Ward
from corridors.sources.bank_holidays import read_published
from corridors.sources.boundaries import bounds_of, find_ward, read_wards, ward_of
from corridors.sources.calendar import bank_holidays, parse_week, published_record, read_calendar
from corridors.sources.consents import KnownPeople, known_people, read_absences, read_consents
from corridors.sources.cutting import (
    Files,
    about,
    absences_of,
    approvals_of,
    by_schools,
    consents_of,
    cut_area,
    cut_borough,
    neighbours_of,
    people_of,
    points_near,
    toolkit_of,
)
from corridors.sources.drafts import OnDropped
from corridors.sources.homes import read_homes
from corridors.sources.incidents import read_incidents
from corridors.sources.logs import read_approvals, read_toolkit
from corridors.sources.named import NamedFile
from corridors.sources.no_go import read_no_go
from corridors.sources.people import (
    empty,
    read_agreements,
    read_aims,
    read_gates,
    read_people,
    read_protocol,
    read_starts,
    require_known_schools,
)
from corridors.sources.positions import Bounds
from corridors.sources.protocol_terms import read_protocol_terms
from corridors.sources.schools import read_schools
from corridors.sources.stops import add_stops, read_stops
from corridors.sources.streets import read_streets
from corridors.sources.term_ical import read_term_ical
from corridors.sources.translations import read_translations
from corridors.sources.visits import read_visits
from corridors.sources.workspace import Workspace
from corridors.tables import Absences, Incidents, TermDates

# Streets are read a little wider than they are used, so that none ends at the edge by being read.
EXTRA_M: Final = 200.0
# Records whose every URN must be a school of the register: a slip would leave the school out.
OF_SCHOOLS: Final = (
    "agreements", "aims", "starts", "gates", "consents", "approvals", "toolkit",
)  # fmt: skip
# Records that say where schools' pupils come out, and so all that a back-test may open.
OF_AREA: Final = ("agreements", "gates")
# Records that are either kept or not: without a file there is no table, not an empty one.
KEPT: Final = ("consents", "absences", "protocol_terms", "approvals", "toolkit")
ALL_WARDS: Final = "all"

Read = tuple[pd.DataFrame, SourceRecord]
Tables = Mapping[str, pd.DataFrame]  # by kind


@dataclass(frozen=True)
class RecordFile:
    """A record file kept by hand: its kind, where it is (None: not named), and its reader."""

    kind: str
    named: NamedFile | None
    reader: Callable[[Path, str, Tables], Read]

    def read(self, others: Tables) -> tuple[pd.DataFrame, SourceRecord | None]:
        """Its table and record; an empty table if the workspace does not name it.

        Parameters
        ----------
        others : tables read before this one, by kind; consents and absences name people.
        """
        if self.named is None:
            return empty(self.kind), None
        return self.reader(self.named.require(), self.named.file, others)


def load_inputs(
    workspace: Workspace,
    ward_code: str,
    week: str,
    made_on: date,
    *,
    on_dropped: OnDropped | None = None,
) -> Inputs:
    """Read everything that a plan of one ward's week needs.

    Parameters
    ----------
    workspace : from ``open_workspace``.
    ward_code : nine-character code, or a ward's name if only one has it.
    week : ISO week as ``2026-W10``.
    made_on : the day the plan is made; later incidents are left out.
    on_dropped : told of every incident row that is left out.

    Returns
    -------
    Validated tables in EPSG:27700, cut to what lies within the profile's margin and 200 m of the
    ward, or has to do with its schools; and the ward's borough, uncut.

    Raises
    ------
    InputError
        For the first input that is wrong; ``check`` tells all at once.
    """
    return next(load_wards(workspace, [ward_code], week, made_on, on_dropped=on_dropped))


def load_wards(
    workspace: Workspace,
    wanted: Iterable[str],
    week: str,
    made_on: date,
    *,
    on_dropped: OnDropped | None = None,
) -> Iterator[Inputs]:
    """Read everything that plans of several wards need, each file once.

    Parameters
    ----------
    wanted : codes, or names that only one ward has. The others are as for ``load_inputs``.

    Yields
    ------
    What ``load_inputs`` gives for each ward, borough by borough; wards of one borough share it.
    The ward with the most schools comes first, since it takes longest, then by code.

    Raises
    ------
    InputError
        As ``load_inputs``, before the first ward.
    """
    span = parse_week(week)
    named, (wards, boundaries) = workspace.boundaries, _read_boundaries(workspace)
    codes = {find_ward(wards, ward, file=named.file).code for ward in wanted}
    groups = [group for _, group in wards.groupby("borough", sort=True) if codes & set(group.index)]
    scope = _Scope(made_on, span.days, on_dropped=on_dropped)
    files = _read_files(workspace, wards, boundaries, pd.concat(groups), scope)
    visits = _read_visits(workspace.visits)
    translations, catalogues = read_translations(workspace.root, workspace.profile.notice.languages)
    reach_m = _reach_m(workspace)
    for group in groups:
        borough = cut_borough(files, group, None if visits is None else visits[0], reach_m)
        people = people_of(files, group.index)
        for code in by_schools(files, group[group.index.isin(codes)]):
            ward = ward_of(wards, code)
            area = cut_area(files, borough, ward, reach_m)
            yield Inputs(
                ward=area.ward,
                week=span,
                made_on=made_on,
                streets=area.streets,
                schools=area.schools,
                gate_overrides=area.gate_overrides,
                calendar=area.calendar,
                incidents=area.incidents,
                people=people,
                agreements=area.agreements,
                protocol=files.tables["protocol"],
                aims=about(files.tables["aims"], area.schools),
                starts=about(files.tables["starts"], area.schools),
                sources=(*area.sources, *([visits[1]] if visits else []), *catalogues),
                child_areas=area.child_areas,
                visits=points_near(borough.visits, ward, reach_m),
                no_go=points_near(files.tables["no_go"], ward, reach_m),
                consents=consents_of(files.tables.get("consents"), people),
                absences=absences_of(files.tables.get("absences"), people),
                protocol_terms=files.tables.get("protocol_terms"),
                approvals=approvals_of(files.tables.get("approvals"), ward),
                toolkit=toolkit_of(files.tables.get("toolkit"), area.schools),
                data_sharing=workspace.profile.governance.data_sharing_agreement,
                translations=translations,
                neighbours=neighbours_of(ward, wards, reach_m),
                borough=borough,
            )


def ward_codes(workspace: Workspace) -> tuple[str, ...]:
    """Codes of all wards of the boundary file, sorted."""
    return tuple(map(str, _read_boundaries(workspace)[0].index))


def find_codes(workspace: Workspace, wanted: Iterable[str]) -> dict[str, str | WardError]:
    """The code of each ward that was given by its code or name; or why there is none."""
    wards, _ = _read_boundaries(workspace)
    found: dict[str, str | WardError] = {}
    for text in wanted:
        try:
            found[text] = find_ward(wards, text, file=workspace.boundaries.file).code
        except WardError as error:
            found[text] = error
    return found


def find_ward_code(workspace: Workspace, ward: str) -> str:
    """The code of a ward that was given by its code or name.

    Raises
    ------
    WardError
        If the boundary file has no such ward, or several.
    """
    wards, _ = _read_boundaries(workspace)
    return find_ward(wards, ward, file=workspace.boundaries.file).code


def person_ids(workspace: Workspace) -> tuple[str, ...]:
    """Ids of the people file, sorted."""
    people, _ = read_people(workspace.people.require(), file=workspace.people.file)
    return tuple(sorted(map(str, people.index)))


def knows_absence(workspace: Workspace, person_id: str, first: date, last: date) -> bool:
    """Whether the absences file has this person away on just these days."""
    named = workspace.absences
    if named is None or not named.path.is_file():
        return False
    rows, _ = read_absences(named.path, file=named.file)
    days = (pd.Timestamp(first), pd.Timestamp(last))
    mine = rows[rows[Absences.person_id] == person_id]
    return bool(((mine[Absences.first] == days[0]) & (mine[Absences.last] == days[1])).any())


def load_area(workspace: Workspace, ward_code: str | None, made_on: date) -> AreaInputs:
    """Read everything that a back-test needs; the files of people and of patrols stay closed.

    Parameters
    ----------
    workspace : from ``open_workspace``.
    ward_code : a ward's code or name as in ``load_inputs``; None for all wards of the boundary
        file together.
    made_on : decides which agreements are in force; later incidents are left out.

    Returns
    -------
    Validated tables in EPSG:27700, with the same reach as those of ``load_inputs``. The calendar
    knows the bank holidays of every year that has incidents.

    Raises
    ------
    InputError
        For the first input that is wrong; ``check`` tells all at once.
    """
    wards, boundaries = _read_boundaries(workspace)
    reach_m = _reach_m(workspace)
    if ward_code is None:
        ward, group = Ward(ALL_WARDS, workspace.name, wards.union_all()), wards
    else:
        ward = find_ward(wards, ward_code, file=workspace.boundaries.file)
        group = wards[wards["borough"] == wards.at[ward.code, "borough"]]
    files = _read_files(workspace, wards, boundaries, group, _Scope(made_on, kinds=OF_AREA))
    return cut_area(files, cut_borough(files, group, None, reach_m), ward, reach_m)


def load_reports(
    workspace: Workspace, made_on: date
) -> tuple[pd.DataFrame, Calendar, tuple[SourceRecord, ...]]:
    """All incidents and the calendar of their years, and nothing else: for an evaluation.

    Returns
    -------
    tables.Incidents, the calendar, and where they came from.

    Raises
    ------
    InputError
        For the first input that is wrong; ``check`` tells all at once.
    """
    wards, _ = _read_boundaries(workspace)
    calendar, calendar_records = read_terms(workspace)
    incidents, records = read_incidents(
        workspace.incidents, near_m=near_wards(wards), made_on=made_on
    )
    dated = _with_years(calendar, workspace, incidents, ())
    return incidents, dated, (*records, *calendar_records)


def wards_by_code(workspace: Workspace, wanted: Iterable[str]) -> dict[str, Ward]:
    """The wards with these codes.

    Raises
    ------
    WardError
        If the boundary file has no such ward.
    """
    wards, _ = _read_boundaries(workspace)
    file = workspace.boundaries.file
    return {code: find_ward(wards, code, file=file) for code in sorted(set(wanted))}


@dataclass(frozen=True)
class _Scope:
    """What to read: until when, for which days, which record files (None: all); whom to tell."""

    made_on: date
    days: tuple[date, ...] = ()
    kinds: tuple[str, ...] | None = None
    on_dropped: OnDropped | None = None


def _read_boundaries(workspace: Workspace) -> tuple[gpd.GeoDataFrame, SourceRecord]:
    return read_wards(workspace.boundaries.locate(), file=workspace.boundaries.file)


def _reach_m(workspace: Workspace) -> float:
    """How far beyond a ward, or all wards, what is near is read."""
    return workspace.profile.streets.margin_m + EXTRA_M


def _read_files(
    workspace: Workspace,
    wards: gpd.GeoDataFrame,
    boundaries: SourceRecord,
    wanted: gpd.GeoDataFrame,
    scope: _Scope,
) -> Files:
    """Every file that plans of some wards need, once.

    Parameters
    ----------
    wards : all of the boundary file. wanted : those whose streets are read.
    """
    register, register_record = read_schools(
        workspace.schools.locate(), file=workspace.schools.file
    )
    tables, record_records = _read_records(workspace, register, scope.kinds)
    calendar, calendar_records = read_terms(workspace)
    incidents, incident_records = read_incidents(
        workspace.incidents,
        near_m=near_wards(wards),
        made_on=scope.made_on,
        on_dropped=scope.on_dropped,
    )
    box_m = bounds_of(shapely.box(*near_wards(wanted)), _reach_m(workspace))
    streets, street_records = _read_ground(workspace, box_m)
    homes = None if workspace.homes is None else _read_homes(workspace.homes)
    return Files(
        made_on=scope.made_on,
        streets=streets,
        register=(register, register_record),
        tables=tables,
        calendar=_with_years(calendar, workspace, incidents, scope.days),
        incidents=incidents,
        homes=homes[0] if homes else None,
        sources_before=(street_records[0], boundaries),
        sources_after=(
            *incident_records,
            *street_records[1:],
            *record_records,
            *calendar_records,
            *([homes[1]] if homes else []),
        ),
    )


def _read_ground(
    workspace: Workspace, area_m: Bounds
) -> tuple[StreetExtract, tuple[SourceRecord, ...]]:
    """Streets with the stops among their places; the streets' record, then those of the stops."""
    streets, record = read_streets(
        workspace.streets.locate(), bounds_m=area_m, file=workspace.streets.file
    )
    stops = [read_stops(n.locate(), file=n.file, bounds_m=area_m) for n in workspace.stops]
    with_stops = add_stops(streets, [places for places, _ in stops])
    return with_stops, (record, *(stop_record for _, stop_record in stops))


def _read_visits(named: NamedFile | None) -> tuple[pd.DataFrame, SourceRecord] | None:
    return None if named is None else read_visits(named.require(), file=named.file)


def _read_homes(named: NamedFile) -> tuple[gpd.GeoDataFrame, SourceRecord]:
    return read_homes(named.locate(), file=named.file)


def read_terms(workspace: Workspace) -> tuple[Calendar, tuple[SourceRecord, ...]]:
    """The calendar that the workspace names, with those that schools publish; a record a file."""
    named = workspace.calendar
    read = [read_term_ical(n.require(), urn, file=n.file) for urn, n in workspace.term_icals]
    published = read_published(workspace.root, workspace.bank_holidays)
    calendar, record = read_calendar(
        named.require(), file=named.file, division=workspace.bank_holidays,
        more=[entry for entries, _ in read for entry in entries], published=published,
    )  # fmt: skip
    records = [record, *(ical_record for _, ical_record in read)]
    if published is not None:
        records.append(published_record(published, workspace.bank_holidays, calendar.terms))
    return calendar, tuple(records)


def record_files(workspace: Workspace) -> tuple[RecordFile, ...]:
    """The record files kept by hand, in the order of corridors.toml."""
    aims = tuple(aim.key for aim in workspace.profile.teams.aims)
    readers: dict[str, Callable[[Path, str, Tables], Read]] = {
        "people": lambda p, f, _: read_people(p, file=f),
        "agreements": lambda p, f, _: read_agreements(p, file=f),
        "protocol": lambda p, f, _: read_protocol(p, file=f),
        "protocol_terms": lambda p, f, _: read_protocol_terms(p, file=f),
        "consents": lambda p, f, others: read_consents(p, file=f, aims=aims, known=_known(others)),
        "absences": lambda p, f, others: read_absences(p, file=f, known=_known(others)),
        "aims": lambda p, f, _: read_aims(p, file=f, known=aims),
        "starts": lambda p, f, _: read_starts(p, file=f),
        "gates": lambda p, f, _: read_gates(p, file=f),
        "no_go": lambda p, f, _: read_no_go(p, file=f),
        "approvals": lambda p, f, _: read_approvals(p, file=f),
        "toolkit": lambda p, f, _: read_toolkit(p, file=f),
    }
    return tuple(
        RecordFile(kind, getattr(workspace, kind), reader) for kind, reader in readers.items()
    )


def _known(others: Tables) -> KnownPeople | None:
    return known_people(others["people"]) if "people" in others else None


def near_wards(wards: gpd.GeoDataFrame) -> Bounds:
    """Bounds of all wards of the file, metres."""
    west, south, east, north = (float(edge) for edge in wards.total_bounds)
    return west, south, east, north


def _read_records(
    workspace: Workspace, register: pd.DataFrame, kinds: tuple[str, ...] | None
) -> tuple[dict[str, pd.DataFrame], list[SourceRecord]]:
    tables: dict[str, pd.DataFrame] = {}
    records: list[SourceRecord] = []
    for entry in record_files(workspace):
        if kinds is not None and entry.kind not in kinds:
            continue
        table, record = entry.read(tables)
        if record is not None or entry.kind not in KEPT:
            tables[entry.kind] = table
        if record is None:
            continue
        if entry.kind in OF_SCHOOLS:
            require_known_schools(tables[entry.kind], set(register.index), file=record.file)
        records.append(record)
    return tables, records


def _with_years(
    calendar: Calendar, workspace: Workspace, incidents: pd.DataFrame, extra: Iterable[date]
) -> Calendar:
    """The calendar with the bank holidays of every year that terms, days or incidents touch."""
    days = [
        calendar.terms[TermDates.start].min(),
        calendar.terms[TermDates.end].max(),
        *(pd.Timestamp(day) for day in extra),
        *incidents[Incidents.month].agg(["min", "max"]).dropna(),
    ]
    years = range(min(days).year, max(days).year + 1)
    division = workspace.bank_holidays
    published = read_published(workspace.root, division)
    return replace(calendar, bank_holidays=bank_holidays(division, years, published))
