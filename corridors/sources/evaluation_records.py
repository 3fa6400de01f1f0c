"""Records about patrols that took place: read by `evaluate` and `publish-pack`, never by a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from corridors.model import EvaluationRecords, SourceRecord
from corridors.sources.boundaries import read_wards
from corridors.sources.debriefs import read_debriefs
from corridors.sources.encounters import read_encounters, read_stops_and_searches, together
from corridors.sources.logs import read_decisions
from corridors.sources.programme_records import (
    read_activities,
    read_consultation,
    read_equality,
)
from corridors.sources.pupils import read_pupils
from corridors.sources.surveys import read_surveys
from corridors.sources.workspace import EVALUATION_RECORDS, Workspace

Reader = Callable[[Path, str], tuple[pd.DataFrame, SourceRecord]]
READERS: Final[dict[str, Reader]] = {  # by kind, as EVALUATION_RECORDS
    "consultation": lambda path, file: read_consultation(path, file=file),
    "activities": lambda path, file: read_activities(path, file=file),
    "equality": lambda path, file: read_equality(path, file=file),
    "decisions": lambda path, file: read_decisions(path, file=file),
    "debriefs": read_debriefs,
    "encounters": read_encounters,
    "pupils": read_pupils,
    "surveys": read_surveys,
}


def load_records(workspace: Workspace) -> EvaluationRecords:
    """Every evaluation record that the workspace names.

    Raises
    ------
    InputError
        For the first file that is wrong; ``check`` tells all at once.
    """
    tables: dict[str, pd.DataFrame] = {}
    sources: list[SourceRecord] = []
    for kind in EVALUATION_RECORDS:
        read = read_kind(workspace, kind)
        if read is not None:
            tables[kind] = read[0]
            sources += read[1]
    return EvaluationRecords(**tables, sources=tuple(sources))


def read_kind(
    workspace: Workspace, kind: str
) -> tuple[pd.DataFrame, tuple[SourceRecord, ...]] | None:
    """The table of one kind and the files that it comes from; None where none is named.

    Raises
    ------
    InputError
        If a file of it is wrong.
    """
    named = getattr(workspace, kind)
    table: pd.DataFrame | None = None
    sources: tuple[SourceRecord, ...] = ()
    if named is not None and kind in READERS:
        table, record = READERS[kind](named.require(), named.file)
        sources = (record,)
    if kind == "encounters" and workspace.stop_and_search:
        wards = read_wards(workspace.boundaries.locate(), file=workspace.boundaries.file)[0]
        police, records = read_stops_and_searches(workspace.stop_and_search, wards)
        file = sources[0].file if sources else ""
        return together(table, police, file), (*sources, *records)
    return None if table is None else (table, sources)
