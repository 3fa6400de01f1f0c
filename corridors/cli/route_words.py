"""Words that `corridors score` and `corridors explain` share, and the file that they may write.

Value is told in parts of 1,000: all streets of the session's corridors together. It weighs
reports of the past by pupils on the street, and says nothing about what a patrol prevents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from corridors.model import WalkStyle
    from corridors.patrols.explain import StreetPart
    from corridors.pipeline.edit import Place

WHOLE: Final = 1000
MEANING: Final = (
    "1,000 is all there is on the corridors of these patrols that day: reports of the past, "
    "weighed by the pupils on the street. It does not say what a patrol would prevent."
)
_MOST_STREETS: Final = 12


def parts(value: float, total: float) -> str:
    """``value`` of ``total`` in parts of 1,000: ``412``."""
    return f"{round(WHOLE * value / total) if total else 0:,}"


def minutes(seconds: float) -> str:
    """``1 minute``, ``12 minutes``; a part of a minute counts as one."""
    count = -(-int(seconds) // 60)
    return f"{count} minute{'' if count == 1 else 's'}"


def metres(length_m: float) -> str:
    """``85 m``, ``1.9 km``."""
    return f"{length_m:.0f} m" if length_m < 1000 else f"{length_m / 1000:.1f} km"


def street_name(name: str) -> str:
    """A street's name, safe to print; those without one say so."""
    from corridors.publish.wording import clean_name

    return clean_name(name) or "a path without a name"


def walked(streets: Iterable[StreetPart], most: int | None = None) -> str:
    """Streets in walking order with their lengths: ``High Street (320 m), Mill Lane (85 m)``."""
    told = [f"{street_name(s.name)} ({metres(s.length_m)})" for s in streets]
    shown = told if most is None else told[:most]
    more = f" and {len(told) - len(shown)} more" if len(told) > len(shown) else ""
    return ", ".join(shown) + more


def once_each(streets: Iterable[StreetPart]) -> str:
    """Streets in the order in which they are first walked, each once, without those unnamed."""
    names = list(dict.fromkeys(street_name(s.name) for s in streets if s.name))
    shown = names[:_MOST_STREETS]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more if names else "paths without names"


def corridor_words(place: Place, corridor_id: str) -> str:
    """``corridor C1 (High Street, Mill Lane, …)``."""
    from corridors.publish.wording import clean_name

    corridor = next((c for c in place.corridors if c.corridor_id == corridor_id), None)
    names = [clean_name(n) for n in corridor.street_names[:3]] if corridor else []
    more = ", …" if corridor and len(corridor.street_names) > 3 else ""
    return f"corridor {corridor_id}" + (f" ({', '.join(names)}{more})" if names else "")


def place_words(place: Place) -> str:
    """``Session 1, Mon 2 Mar from 15:00``."""
    from corridors.model import local_time

    return f"Session {place.number}, {day_name(place)} from {local_time(place.session.start_min)}"


def day_name(place: Place) -> str:
    """``Mon 2 Mar``."""
    from corridors.publish.wording import MONTHS, WEEKDAYS

    day = place.day
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"


def style_data(style: WalkStyle) -> dict[str, Any]:
    """How a walk looks, for scripts. The share is 0-1; each street counts by its pupils."""
    share = style.with_pupils_share
    return {
        "about_turns": style.about_turns,
        "zigzags": style.zigzags,
        "with_pupils_share": None if share is None else round(share, 4),
    }


def place_data(place: Place) -> dict[str, Any]:
    """The same for scripts."""
    return {"session": place.number, "day": place.day.isoformat()}


def street_data(streets: Iterable[StreetPart]) -> list[dict[str, Any]]:
    """Names are empty for paths without one."""
    from corridors.publish.wording import clean_name

    return [
        {"name": clean_name(s.name), "length_m": round(s.length_m, 1), "value": s.value}
        for s in streets
    ]


def tell(data: dict[str, Any], lines: list[str], *, as_json: bool, out: Path | None) -> None:
    """Print lines or JSON, and write the JSON where asked for."""
    from corridors.files import write_text_atomically
    from corridors.publish.cards import MARKING

    text = json.dumps({"marking": MARKING, **data}, indent=2, sort_keys=True)
    if out is not None:
        write_text_atomically(out, f"{text}\n".encode())
    click.echo(text if as_json else "\n".join(lines))
    if out is not None and not as_json:
        click.echo(str(out))
