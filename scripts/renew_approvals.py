"""Plan the demo week and agree to it anew: ``python scripts/renew_approvals.py``.

Needed when the demo's plan changes in what its schools agreed to: days, times, aim, police level
or roles. Run ``scripts/make_demo.py`` first if the demo's other files changed.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

from corridors import demo, pipeline, sources
from corridors.demo.approvals import REMITS_FILE, WEEK
from corridors.remit import remit_of, remits_of

ROOT = Path(__file__).resolve().parent.parent
WARDS = ("E05999001", "E05999002")
MADE_ON = date(2026, 2, 20)


def write(folder: Path, remits: dict[str, dict[str, str]] | None = None) -> None:
    """Write the demo's files, its approvals for ``remits``."""
    for name, content in demo.files(remits=remits).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def plan(folder: Path) -> dict[str, dict[str, str]]:
    """The remits of both wards' plans."""
    opened = sources.open_workspace(folder)
    found = {}
    for ward in WARDS:
        made = pipeline.make_plan(sources.load_inputs(opened, ward, WEEK, MADE_ON), opened.profile)
        found[ward] = {urn: remit_of(patrols) for urn, patrols in remits_of(made).items()}
        print(f"{ward}: {found[ward]}")
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), {})
        remits = plan(Path(name))
    text = json.dumps(remits, indent=2, sort_keys=True) + "\n"
    (ROOT / "corridors" / "demo" / REMITS_FILE).write_text(text, encoding="utf-8")
    write(ROOT, remits)
