"""Places that police, or all, keep clear of (B19): their streets, and what they mean for teams.

What is said here is for staff: names of these places reach no public page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from corridors.arrays import FloatArray
from corridors.errors import InputError
from corridors.model import Corridor, Network, NoGo
from corridors.patrols.access import barred, in_force, open_part, pieces
from corridors.pipeline.aims import police_may_walk
from corridors.pipeline.ground import Ground
from corridors.tables import Nodes, NoGoPlaces, Segments


@dataclass(frozen=True)
class Limits:
    """What the teams of a corridor keep clear of; ``police`` may be with them."""

    network: Network
    no_go: tuple[NoGo, ...]
    police: bool

    @property
    def held(self) -> tuple[NoGo, ...]:
        """The places that hold for these teams."""
        return in_force(self.no_go, police=self.police)


def find_no_go(ground: Ground) -> tuple[NoGo, ...]:
    """The marked places on this ward's ground, with the segments within reach of each.

    A segment is shut from junction to junction: nobody turns back half-way along a street.
    """
    marked = ground.inputs.no_go
    if marked is None:
        return ()
    network = ground.area.network
    xy_m = network.nodes[[Nodes.x_m, Nodes.y_m]].to_numpy(dtype=float)
    ground_m = shapely.box(*xy_m.min(axis=0), *xy_m.max(axis=0))
    tree = shapely.STRtree(network.segments.geometry.to_numpy())
    found = []
    for row in marked.to_dict("records"):
        at = shapely.Point(row[NoGoPlaces.x_m], row[NoGoPlaces.y_m])
        if at.within(ground_m):
            near = tree.query(at, predicate="dwithin", distance=row[NoGoPlaces.reach_m])
            ids = tuple(np.sort(near).tolist())
            found.append(NoGo(row[NoGoPlaces.name], row[NoGoPlaces.holds_for], ids))
    return tuple(found)


def limits_of(ground: Ground, corridor: Corridor, no_go: tuple[NoGo, ...]) -> Limits:
    """What the teams of a corridor keep clear of."""
    return Limits(ground.area.network, no_go, police_may_walk(ground, corridor))


def walkable(limits: Limits, corridor: Corridor) -> Corridor:
    """The corridor with only those segments that one of its teams can walk."""
    shut = barred(limits.network, limits.no_go, police=limits.police)
    return replace(corridor, segment_ids=open_part(limits.network, corridor.segment_ids, shut))


def clear_places(ground: Ground, *, police: bool) -> gpd.GeoDataFrame:
    """Stops, stations and parks, without the stops and stations within reach of a marked place.

    A park may be large: where its street may be walked, a team may stand.
    """
    places, marked = ground.inputs.streets.places, ground.inputs.no_go
    if marked is None:
        return places
    held = marked[police | (marked[NoGoPlaces.holds_for] == "all")]
    xy_m = held[[NoGoPlaces.x_m, NoGoPlaces.y_m]].to_numpy(dtype=float)
    reach_m = held[NoGoPlaces.reach_m].to_numpy(dtype=float)
    around = shapely.union_all(shapely.buffer(shapely.points(xy_m), reach_m))
    is_point = places.geometry.geom_type == "Point"
    return places[~(is_point & places.geometry.intersects(around))]


def why_shut(limits: Limits, corridor: Corridor) -> str:
    """Why a corridor that no team can walk has no patrol."""
    held = [p for p in limits.held if set(p.segment_ids) & set(corridor.segment_ids)]
    return f"all streets of its corridor are within reach of {_told(held)}"


def no_go_notes(limits: Limits, corridor: Corridor, value: FloatArray) -> tuple[str, ...]:
    """What the marked places keep the teams of a corridor from, in sentences for staff.

    Parameters
    ----------
    value : (n) what covering each segment is worth.
    """
    ids = set(corridor.segment_ids)
    notes = []
    for place in limits.held:
        if not place.segment_ids:
            notes.append(
                f"{place.name} is marked to be kept clear of, but no street is within its reach: "
                "check its position and reach_m."
            )
        elif here := sorted(ids & set(place.segment_ids)):
            notes.append(
                f"Corridor {corridor.corridor_id}: its teams keep clear of {_told([place])}. "
                f"That is {_share(value, here, ids)} of the corridor's value."
            )
    open_ids = walkable(limits, corridor).segment_ids
    shut = barred(limits.network, limits.no_go, police=limits.police)
    behind = sorted(s for s in ids - set(open_ids) if not shut[s])
    if behind:
        held = [p for p in limits.held if ids & set(p.segment_ids)]
        notes.append(
            f"Corridor {corridor.corridor_id}: {_share(value, behind, ids)} of its value lies "
            f"where nobody comes without passing {_told(held)}; its teams leave it out."
        )
    return tuple(notes)


def require_reach(limits: Limits, corridor: Corridor, urn: str, nodes: tuple[int, ...]) -> None:
    """Raise if a marked place keeps a team from where it was told to start or end.

    Parameters
    ----------
    corridor : its walkable part. urn : the school that the starts file names. nodes : told.

    Raises
    ------
    InputError
        Naming the place.
    """

    def reached(no_go: Iterable[NoGo]) -> bool:
        piece = pieces(limits.network, ~barred(limits.network, no_go, police=limits.police))
        inside = int(limits.network.segments[Segments.u].iloc[corridor.segment_ids[0]])
        return all(piece[node] == piece[inside] for node in nodes)

    if reached(limits.no_go) or not reached(()):
        return  # what no marked place keeps apart, the routing tells
    alone = [p for p in limits.held if reached([q for q in limits.held if q is not p])]
    raise InputError(
        f"the start or end cannot be reached without passing {_told(alone[:1] or limits.held)}",
        file="starts file",
        column="start_easting … end_northing",
        value=urn,
        fix="Move it, or give the place a shorter reach_m in the no_go file",
    )


def _told(places: Iterable[NoGo]) -> str:
    """``The Shed, where police should not go``."""
    listed = sorted({(p.name, p.holds_for) for p in places})
    return " and ".join(
        f"{name}, where {'police' if holds_for == 'police' else 'teams'} should not go"
        for name, holds_for in listed
    )


def _share(value: FloatArray, some: Iterable[int], of: Iterable[int]) -> str:
    total = float(value[list(of)].sum())
    return f"{float(value[list(some)].sum()) / total:.0%}" if total > 0 else "none"
