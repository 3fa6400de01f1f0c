"""Whether the parties to the protocol have written down all that they agreed (B2, A.11)."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from corridors.tables import PROTOCOL_FIELDS, ProtocolTerms
from corridors.teams.protocol import PROTOCOL_LEVELS

REVIEW: Final = "review_on"


def terms_fault(police_level: str, terms: pd.DataFrame | None, day: date) -> str:
    """What the protocol still lacks for a patrol, in words (B2).

    Parameters
    ----------
    police_level : of the patrol; with police on the corridor nothing is needed.
    terms : tables.ProtocolTerms, or None if nothing is written down.
    day : of the patrol; the protocol's review is not to be due before it.

    Returns
    -------
    A clause without capital or full stop; empty if nothing is wrong or nothing is needed.
    """
    if police_level not in PROTOCOL_LEVELS:
        return ""
    if terms is None:
        return "what the protocol says is not written down: corridors.toml names no protocol_terms"
    blank = [words for field, words in PROTOCOL_FIELDS.items() if not term_of(terms, field)]
    if blank:
        return f"the protocol does not say yet: {'; '.join(blank)}"
    review = date.fromisoformat(term_of(terms, REVIEW))
    if review < day:
        return f"the protocol was to be looked at again by {review:%d/%m/%Y}"
    return ""


def term_of(terms: pd.DataFrame, field: str) -> str:
    """The words of a field; empty if there are none."""
    if field not in terms.index:
        return ""
    return str(terms.loc[field, ProtocolTerms.value]).strip()
