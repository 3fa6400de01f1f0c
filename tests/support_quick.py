"""The demo workspace with short searches and an empty log of approvals, for the commands."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from support_plans import write_demo

QUICK = "\n[patrols]\niterations = 5\n"
HEADERS = {
    "approvals": "ward,week,urn,state,remit,by,organisation,on,chain",
    "absences": "person_id,first,last,reason_code,told_on",
}


def quick_demo(folder: Path) -> Path:
    """Written anew: the profile is a copy whose searches are short; nothing is agreed."""
    write_demo(folder)
    shipped = (files("corridors.profiles") / "hackney_2024.toml").read_text(encoding="utf-8")
    (folder / "quick.toml").write_text(shipped + QUICK, encoding="utf-8")
    config = folder / "corridors.toml"
    text = config.read_text(encoding="utf-8")
    assert '"hackney_2024"' in text
    text = text.replace('"hackney_2024"', '"quick.toml"')
    for kind, header in HEADERS.items():
        start = text.find(f"[{kind}]")
        if start >= 0:  # the demo's own: put an empty one in its place
            end = text.find("\n[", start + 1)
            text = text[:start] + (text[end + 1 :] if end >= 0 else "")
        (folder / f"data/people/{kind}.csv").write_text(header + "\n", encoding="utf-8")
        text += f'\n[{kind}]\nfile = "data/people/{kind}.csv"\n'
    config.write_text(text, encoding="utf-8")
    return folder
