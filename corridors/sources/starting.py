"""What a new workspace begins with."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

_CSV_START: Final = b"\xef\xbb\xbf"  # so that Excel keeps names such as Zoë when it saves
# Where each template goes. Hidden files are not always packed, so .gitignore has another name here.
_PLACES: Final = {
    "corridors.toml": "corridors.toml",
    "README.txt": "README.txt",
    "gitignore.txt": ".gitignore",
    "people.csv": "data/people/people.csv",
    "agreements.csv": "data/people/agreements.csv",
    "protocol.csv": "data/people/protocol.csv",
    "protocol_terms.csv": "data/people/protocol_terms.csv",
    "consents.csv": "data/people/consents.csv",
    "absences.csv": "data/people/absences.csv",
    "aims.csv": "data/people/aims.csv",
    "approvals.csv": "data/people/approvals.csv",
    "decisions.csv": "data/people/decisions.csv",
    "consultation.csv": "data/programmes/consultation.csv",
    "activities.csv": "data/programmes/activities.csv",
    "equality.csv": "data/programmes/equality.csv",
    "debriefs.csv": "data/patrols/debriefs.csv",
    "encounters.csv": "data/evaluation/encounters.csv",
    "pupils.csv": "data/evaluation/pupils.csv",
    "surveys.csv": "data/evaluation/surveys.csv",
    "toolkit.csv": "data/schools/toolkit.csv",
    "starts.csv": "data/people/starts.csv",
    "gates.csv": "data/schools/gates.csv",
    "no_go.csv": "data/no_go.csv",
    "visits.csv": "data/visits.csv",
    "terms.csv": "data/calendar/terms.csv",
}


def init_files() -> dict[str, bytes]:
    """Files of a new workspace: path in it (with ``/``) -> content.

    A commented ``corridors.toml``, record files with their headers only, and a ``README.txt``
    that explains each column. Record files begin with a byte-order mark, for Excel.
    """
    folder = files("corridors.sources") / "templates"
    made = {}
    for template, place in _PLACES.items():
        content = (folder / template).read_bytes()
        made[place] = _CSV_START + content if place.endswith(".csv") else content
    return made
