"""Which area is asked for."""

from __future__ import annotations

from typing import Final

from corridors.crs import EAST_LIMIT_M, NORTH_LIMIT_M
from corridors.errors import MissingFileError
from corridors.sources.boundaries import bounds_of, find_ward, read_wards
from corridors.sources.fetch.jobs import padded
from corridors.sources.loading import EXTRA_M
from corridors.sources.positions import Bounds
from corridors.sources.workspace import Workspace

EVERYWHERE: Final[Bounds] = (0.0, 0.0, EAST_LIMIT_M, NORTH_LIMIT_M)


def area_of(workspace: Workspace, ward: str | None) -> Bounds:
    """The padded squares round all wards of the boundary file, or round one (EPSG:27700 metres).

    Raises
    ------
    MissingFileError
        If there is no boundary file yet.
    WardError
        If the ward is not in it.
    """
    named = workspace.boundaries
    if not named.path.is_file():
        raise MissingFileError(
            "is not there yet, so the area is not known", file=named.file,
            fix="Fetch boundaries first, or put the file there",
        )  # fmt: skip
    wards, _ = read_wards(named.path, file=named.file)
    shape = wards.union_all() if ward is None else find_ward(wards, ward, file=named.file).boundary
    return padded(bounds_of(shape, 0.0), workspace.profile.streets.margin_m + EXTRA_M)
