"""All files of a publication pack, and their place on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from corridors import files
from corridors.model import PublicPack
from corridors.publish.folders import INDEX_FILE, PACK_FOLDER
from corridors.publish.pack.charts import charts_of
from corridors.publish.pack.page import (
    METHODS_FILE,
    SUMS_FILE,
    TRANSPARENCY_DATA,
    TRANSPARENCY_FILE,
    methods_page,
    public_page,
    transparency_page,
)
from corridors.publish.pack.standard import transparency_json
from corridors.publish.pack.tabular import DESCRIPTOR_FILE, csv_bytes, csv_name, descriptor
from corridors.publish.pack.wall import check_pack, rows_of

__all__ = ["pack_files", "write_pack"]


def pack_files(pack: PublicPack) -> dict[str, bytes]:
    """Every file of the pack by its name, such as ``index.html`` or ``data/searches.csv``.

    Same pack, same bytes.

    Raises
    ------
    TypeError, InputError, ValueError
        As ``wall.check_pack`` does.
    """
    check_pack(pack)
    tables = {csv_name(one.key): csv_bytes(one) for one in rows_of(pack)}
    charts = charts_of(pack.tables)
    made = {
        INDEX_FILE: public_page(pack, charts).encode(),
        METHODS_FILE: methods_page(pack).encode(),
        TRANSPARENCY_FILE: transparency_page(pack).encode(),
        TRANSPARENCY_DATA: transparency_json(pack),
        DESCRIPTOR_FILE: descriptor(pack, tables),
        **tables,
        **{name: svg.encode() for name, svg in charts.items()},
    }
    return {**made, SUMS_FILE: _sums(made)}


def write_pack(pack: PublicPack, root: Path) -> tuple[Path, ...]:
    """Put the pack in the place of an earlier one of its quarter, in one step.

    The page that lists all notices and packs is another's: ``publish.indexes.write_indexes``.

    Parameters
    ----------
    root : the workspace; files go to ``maps/public/pack/<quarter>`` under it, for all to read.

    Returns
    -------
    The files written.

    Raises
    ------
    TypeError, InputError, ValueError
        As ``wall.check_pack`` does.
    InputError
        If a link would lead the files out of the workspace, or another run is writing this pack.
    """
    made = pack_files(pack)
    target = files.folder_inside(root, "maps", "public", PACK_FOLDER, pack.quarter)
    lock = files.folder_inside(root, "maps") / f".{PACK_FOLDER}-{pack.quarter}.lock"
    files.replace_folder(target, made, lock, is_private=False)
    return tuple(target / name for name in sorted(made))


def _sums(made: Mapping[str, bytes]) -> bytes:
    """Lines that ``sha256sum --check`` reads."""
    return "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(made.items())
    ).encode()
