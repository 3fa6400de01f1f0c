"""What files hold, cut to a borough and to a ward: a ward's tables follow from what is near it.

Rows keep their order and are numbered anew, so that a row elsewhere changes nothing here. Only the
incidents keep the borough's numbers: the ward's are looked up among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridors.arrays import BoolArray, FloatArray
from corridors.days import record_span
from corridors.model import (
    AreaInputs,
    Borough,
    Calendar,
    RecordSpan,
    SourceRecord,
    StreetExtract,
    Ward,
)
from corridors.network.links import meets, vertices_of, way_bounds
from corridors.sources.boundaries import bounds_of, ward_of
from corridors.sources.positions import Bounds
from corridors.sources.schools import schools_inside
from corridors.tables import (
    Absences,
    Approvals,
    Consents,
    FrameT,
    GateOverrides,
    Incidents,
    People,
    Schools,
    TermDates,
    ToolkitEntries,
    Ways,
)


@dataclass(frozen=True)
class Files:
    """All that the files hold, of every ward that is asked for."""

    made_on: date
    streets: StreetExtract
    register: tuple[pd.DataFrame, SourceRecord]
    tables: Mapping[str, pd.DataFrame]  # record files by kind
    calendar: Calendar
    incidents: pd.DataFrame  # tables.Incidents
    homes: gpd.GeoDataFrame | None
    sources_before: tuple[SourceRecord, ...]  # in the order in which pages tell them
    sources_after: tuple[SourceRecord, ...]  # those of the ward's schools come between

    @cached_property
    def span(self) -> RecordSpan:
        """The time that the incident files cover."""
        return record_span(self.incidents)

    @cached_property
    def way_bounds(self) -> FloatArray:
        """(ways, 4) the box of each way."""
        return way_bounds(self.streets)

    @cached_property
    def place_bounds(self) -> FloatArray:
        """(places, 4) the box of each place."""
        return _bounds_of_places(self.streets)

    @cached_property
    def wards_of_people(self) -> pd.Series[str]:
        """A row for each person and ward they are bound to, by position in the people file."""
        wards = self.tables["people"][People.wards].str.split().reset_index(drop=True)
        return wards.explode().dropna()


def cut_borough(
    files: Files, wards: gpd.GeoDataFrame, visits: pd.DataFrame | None, margin_m: float
) -> Borough:
    """A borough with what lies within ``margin_m`` of it.

    Parameters
    ----------
    wards : its rows of the boundary table. visits : tables.Visits, of whatever place.
    """
    box_m = bounds_of(shapely.box(*wards.total_bounds), margin_m)
    incidents = _inside(files.incidents, box_m)
    return Borough(
        wards=tuple(ward_of(wards, code) for code in wards.index),
        streets=_streets_near(files, box_m),
        incidents=incidents,
        span=files.span,
        child_areas=_meeting(files.homes, box_m),
        visits=None if visits is None else _inside(visits, box_m),
    )


def cut_area(files: Files, borough: Borough, ward: Ward, margin_m: float) -> AreaInputs:
    """What a ward's area holds: places, incidents and schools near it, and their records."""
    box_m = bounds_of(ward.boundary, margin_m)
    schools, school_record = schools_inside(*files.register, box_m)
    incidents = borough.incidents
    return AreaInputs(
        ward=ward,
        made_on=files.made_on,
        streets=_places_near(borough.streets, _bounds_of_places(borough.streets), box_m),
        schools=schools,
        gate_overrides=of_schools(files.tables["gates"], GateOverrides.urn, schools),
        calendar=replace(files.calendar, terms=_terms_of(files.calendar, schools)),
        incidents=incidents[_within(incidents, box_m)],
        agreements=about(files.tables["agreements"], schools),
        sources=(*files.sources_before, school_record, *files.sources_after),
        child_areas=_meeting(files.homes, box_m),
        span=files.span,
    )


def by_schools(files: Files, wards: gpd.GeoDataFrame) -> list[str]:
    """Ward codes, those with the most schools that agreed to take part first, then by code."""
    agreed = about(files.register[0], files.tables["agreements"])
    at = (agreed[name].to_numpy() for name in (Schools.x_m, Schools.y_m))
    points = shapely.points(*at)
    count = {
        str(code): int(shapely.contains(shape, points).sum())
        for code, shape in wards.geometry.items()
    }
    return sorted(count, key=lambda code: (-count[code], code))


def about(table: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table by URN that are about these schools."""
    return table[table.index.isin(schools.index)]


def of_schools(table: pd.DataFrame, column: str, schools: pd.DataFrame) -> pd.DataFrame:
    """The rows whose URN in ``column`` is of these schools, numbered anew."""
    return _numbered(table[table[column].isin(schools.index)])


def people_of(files: Files, wards: pd.Index) -> pd.DataFrame:
    """Who may work in one of these wards: those bound to none, or to one of them.

    People of other boroughs alone are left out; the ward's own rules decide about the rest.
    """
    people, bound = files.tables["people"], files.wards_of_people
    here = bound.index[bound.isin(wards)]
    position = pd.RangeIndex(len(people))
    return people[~position.isin(bound.index) | position.isin(here)]


def absences_of(absences: pd.DataFrame | None, people: pd.DataFrame) -> pd.DataFrame | None:
    """Absences of these people."""
    if absences is None:
        return None
    return _numbered(absences[absences[Absences.person_id].isin(people.index)])


def consents_of(consents: pd.DataFrame | None, people: pd.DataFrame) -> pd.DataFrame | None:
    """Consents of these people and of every organisation."""
    if consents is None:
        return None
    is_person = consents[Consents.party_kind] == "person"
    return _numbered(consents[~is_person | consents[Consents.party].isin(people.index)])


def approvals_of(approvals: pd.DataFrame | None, ward: Ward) -> pd.DataFrame | None:
    """What schools said to plans of this ward, in the order of the log."""
    return None if approvals is None else approvals[approvals[Approvals.ward] == ward.code]


def toolkit_of(toolkit: pd.DataFrame | None, schools: pd.DataFrame) -> pd.DataFrame | None:
    """The ledger's entries about these schools."""
    return None if toolkit is None else of_schools(toolkit, ToolkitEntries.urn, schools)


def points_near(table: pd.DataFrame | None, ward: Ward, margin_m: float) -> pd.DataFrame | None:
    """The rows with a position (``x_m``, ``y_m``) near the ward, numbered anew."""
    return None if table is None else _inside(table, bounds_of(ward.boundary, margin_m))


def neighbours_of(ward: Ward, wards: gpd.GeoDataFrame, margin_m: float) -> tuple[Ward, ...]:
    """Other wards that lie within ``margin_m`` of it, by code, of whatever borough."""
    area = ward.boundary.buffer(margin_m)
    near = wards.index[wards.sindex.query(area, predicate="intersects")]
    return tuple(ward_of(wards, code) for code in sorted(near) if code != ward.code)


def _terms_of(calendar: Calendar, schools: pd.DataFrame) -> pd.DataFrame:
    urn = calendar.terms[TermDates.urn]
    return _numbered(calendar.terms[(urn == "") | urn.isin(schools.index)])


def _streets_near(files: Files, box_m: Bounds) -> StreetExtract:
    """The ways and places whose boxes meet a box, without the vertices of others."""
    streets = _places_near(files.streets, files.place_bounds, box_m)
    ways = streets.ways[meets(files.way_bounds, box_m)]
    at = vertices_of(ways)
    refs, way_refs = np.unique(streets.way_refs[at], return_inverse=True)
    count = ways[Ways.ref_count].to_numpy(dtype=np.int64)
    first = np.cumsum(count) - count
    return replace(
        streets,
        vertex_xy_m=streets.vertex_xy_m[refs],
        way_refs=way_refs.astype(np.int64).reshape(-1),
        ways=_numbered(ways.assign(**{Ways.first_ref: first})),
    )


def _places_near(streets: StreetExtract, bounds_m: FloatArray, box_m: Bounds) -> StreetExtract:
    return replace(streets, places=_numbered(streets.places[meets(bounds_m, box_m)]))


def _bounds_of_places(streets: StreetExtract) -> FloatArray:
    out: FloatArray = shapely.bounds(streets.places.geometry.to_numpy())
    return out


def _meeting(areas: gpd.GeoDataFrame | None, box_m: Bounds) -> gpd.GeoDataFrame | None:
    if areas is None:
        return None
    return areas[shapely.intersects(areas.geometry.to_numpy(), shapely.box(*box_m))]


def _inside(table: pd.DataFrame, box_m: Bounds) -> pd.DataFrame:
    return _numbered(table[_within(table, box_m)])


def _within(table: pd.DataFrame, box_m: Bounds) -> BoolArray:
    """(k) which rows' positions lie in the box."""
    west, south, east, north = box_m
    x_m, y_m = (table[name].to_numpy() for name in (Incidents.x_m, Incidents.y_m))
    return np.asarray((x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north))


def _numbered(table: FrameT) -> FrameT:
    """The rows with a number each from 0, under the index's name."""
    found = table.reset_index(drop=True)
    found.index.name = table.index.name
    return found
