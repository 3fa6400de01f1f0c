"""What the demo's schools agreed to. Its remits follow from the plan, so they are kept as data.

``python scripts/renew_approvals.py`` plans the demo week and writes ``approvals.json`` anew; a test
says so when the plan has changed and they no longer fit.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Final

from corridors.chain import chain_of
from corridors.demo.records import spoc_of
from corridors.demo.schools import School
from corridors.demo.setting import Setting

WEEK: Final = "2026-W10"
REMITS_FILE: Final = "approvals.json"
_HEADER: Final = ("ward", "week", "urn", "state", "remit", "by", "organisation", "on", "chain")

Remits = Mapping[str, Mapping[str, str]]  # by ward code and URN


def known_remits() -> Remits:
    """The remits of the demo week as they were when they were last renewed."""
    text = (files("corridors.demo") / REMITS_FILE).read_text(encoding="utf-8")
    found: Remits = json.loads(text)
    return found


def approvals(setting: Setting, schools: Sequence[School], remits: Remits) -> bytes:
    """Designed by youth workers, proposed by police, agreed by the school: a row each.

    A town with other codes than the demo's has no plan that these remits would fit: header only.
    """
    name = {s.urn: (s.key, s.name) for s in schools}
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(_HEADER)
    last = ""
    for ward in setting.ward_codes:
        for urn, remit in sorted(remits.get(ward, {}).items()):
            if urn not in name:
                continue
            for state, by, organisation, day in _steps(*name[urn]):
                cells = (ward, WEEK, urn, state, remit, by, organisation)
                last = chain_of(last, (*cells, day.isoformat()))
                out.writerow((*cells, day.strftime("%d/%m/%Y"), last))
    return text.getvalue().encode()


def _steps(key: str, school: str) -> Iterator[tuple[str, str, str, date]]:
    yield "designed", "Youth project manager", "Open Door Youth Project", date(2026, 1, 26)
    yield "proposed", "Neighbourhood inspector", "Seamark Police", date(2026, 1, 29)
    yield "agreed", spoc_of(key), school, date(2026, 2, 3)
