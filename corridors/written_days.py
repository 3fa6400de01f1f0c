"""A day as people write it, for options and for cells alike; light, so that commands start fast."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099


def day_of(text: str) -> date | None:
    """The date in one cell (``dd/mm/yyyy``, ``dd-mm-yyyy`` or ISO), or None if not one."""
    plain = re.sub(r"[T ]00:00(:00)?$", "", text)
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y"):
        try:
            # A calendar date has no time zone.
            found = datetime.strptime(plain, pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None
