"""Records about patrols that took place: read by `evaluate` and `publish-pack`, never by a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from corridors.model import EvaluationRecords, SourceRecord
from corridors.sources.logs import read_decisions
from corridors.sources.programme_records import (
    read_activities,
    read_consultation,
    read_equality,
)
from corridors.sources.workspace import EVALUATION_RECORDS, Workspace

Reader = Callable[[Path, str], tuple[pd.DataFrame, SourceRecord]]
READERS: Final[dict[str, Reader]] = {  # by kind, as EVALUATION_RECORDS
    "consultation": lambda path, file: read_consultation(path, file=file),
    "activities": lambda path, file: read_activities(path, file=file),
    "equality": lambda path, file: read_equality(path, file=file),
    "decisions": lambda path, file: read_decisions(path, file=file),
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
        named = getattr(workspace, kind)
        if named is not None and kind in READERS:
            tables[kind], record = READERS[kind](named.require(), named.file)
            sources.append(record)
    return EvaluationRecords(**tables, sources=tuple(sources))
