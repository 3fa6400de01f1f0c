"""A calendar for each person who walks (iCalendar, RFC 5545). OFFICIAL-SENSITIVE.

An event keeps its UID for as long as its patrol and person go together. Its SEQUENCE goes up when
what it says changes, so that a calendar program replaces what it had; an event that is no more
stays in the file as cancelled. What was told before is read from the files that stand in the
folder. They may be damaged, or of another hand: of an event's own words nothing is carried over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, Timezone, TimezoneDaylight, TimezoneStandard

from corridors.model import Patrol, Plan
from corridors.publish.cards import CARD_RULES, MARKING, Card, in_order

FOLDER: Final = "calendars"
LARGEST_BYTES: Final = 1_000_000
MOST_EVENTS: Final = 200  # a person has some ten patrols a week

_LONDON: Final = ZoneInfo("Europe/London")
_NAMESPACE: Final = UUID("6d1c2c0e-6f0b-5f3e-9a57-2c1f6d0c7b11")  # ours; no other meaning
_ENDING: Final = "_OS.ics"
_FILE: Final = re.compile(r"[A-Za-z0-9_-]{1,32}_OS\.ics")
_PLAIN_ID: Final = re.compile(r"(?!person-)[A-Za-z0-9_-]{1,32}", re.IGNORECASE)
_DEVICE: Final = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]", re.IGNORECASE)
_UID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LAST_SEQUENCE: Final = 2**31 - 1  # programs keep it in 32 bits
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100


@dataclass(frozen=True)
class _Told:
    """An event of an earlier file: its times (London), how often it changed, and what it says."""

    start: datetime
    end: datetime
    sequence: int
    stamp: datetime | None  # UTC
    words: bytes


@dataclass(frozen=True)
class _Earlier:
    """Earlier files by name: events by UID, or None where a file cannot be read."""

    files: Mapping[str, Mapping[str, _Told] | None]

    def find(self, uid: str) -> _Told | None:
        """The event as last told, in whichever file it stands."""
        found = [told[uid] for told in self.files.values() if told and uid in told]
        return max(found, key=lambda t: t.sequence, default=None)

    def is_damaged(self, name: str) -> bool:
        """Whether the file stood there, but what it told is not known."""
        return name in self.files and self.files[name] is None


def read_calendars(folder: Path) -> dict[str, bytes]:
    """Calendar files in ``folder`` by name; nothing of one that is too large, or of a link."""
    if not folder.is_dir() or folder.is_symlink():
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        if _FILE.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            is_small = path.stat().st_size <= LARGEST_BYTES
            found[path.name] = path.read_bytes() if is_small else b""
    return found


def calendar_files(
    plan: Plan, cards: Sequence[Card], earlier: Mapping[str, bytes], told_on: date
) -> dict[str, bytes]:
    """A calendar for everybody who walks, or who was told that they would.

    Parameters
    ----------
    earlier : the files that stand there, by name (`read_calendars`).
    told_on : the day of what is new or changed in them.

    Returns
    -------
    Files by name. The same plan over its own files gives the same bytes.
    """
    before = _Earlier({name: _read(data) for name, data in earlier.items()})
    events = _events(plan, cards)
    names = file_names({*plan.inputs.people.index, *events})
    live = {str(event["UID"]) for mine in events.values() for event in mine}
    made: dict[str, list[Event]] = {names[i]: mine for i, mine in events.items()}
    for name, told in _places(before, set(names.values())):
        gone = [(uid, t) for uid, t in told.items() if uid not in live]
        made.setdefault(name, []).extend(_cancelled(uid, t) for uid, t in gone)
    stamp = datetime.combine(told_on, time(), UTC)
    return {
        name: _calendar(plan, [_dated(e, before, name, stamp) for e in mine])
        for name, mine in sorted(made.items())
        if mine
    }


def file_names(person_ids: Iterable[str]) -> dict[str, str]:
    """A file name for each person id: the id itself if it is harmless and alone, else a hash.

    Alone also where a disk does not tell capitals from small letters. No id of another kind, such
    as a name or an address, gets into a file name.
    """
    ids = sorted({str(i) for i in person_ids})
    met: dict[str, int] = {}
    for person_id in ids:
        met[person_id.casefold()] = met.get(person_id.casefold(), 0) + 1
    return {
        i: f"{i if _is_plain(i) and met[i.casefold()] == 1 else _hidden(i)}{_ENDING}" for i in ids
    }


def _is_plain(person_id: str) -> bool:
    return bool(_PLAIN_ID.fullmatch(person_id)) and not _DEVICE.fullmatch(person_id)


def _hidden(person_id: str) -> str:
    digest = hashlib.sha256(person_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"person-{digest[:12]}"


def _places(before: _Earlier, taken: set[str]) -> Iterator[tuple[str, Mapping[str, _Told]]]:
    """Earlier files with what they told; one whose name is now another's under a name of its own.

    That is: one that differs from it in capitals only.
    """
    folded = {name.casefold() for name in taken}
    for name, told in before.files.items():
        is_free = name in taken or name.casefold() not in folded
        if told:
            yield (name if is_free else f"{_hidden(name)}{_ENDING}"), told


# --- events -------------------------------------------------------------------------------------


def _events(plan: Plan, cards: Sequence[Card]) -> dict[str, list[Event]]:
    """Events by person id."""
    made: dict[str, list[Event]] = {}
    for patrol, card in zip(in_order(plan.patrols), cards, strict=True):
        for position, assigned in enumerate(patrol.staffing.people):
            event = _event(plan, patrol, card, position)
            made.setdefault(assigned.person_id, []).append(event)
    return made


def _event(plan: Plan, patrol: Patrol, card: Card, position: int) -> Event:
    """The event of the person at ``position`` among the patrol's people."""
    person_id = patrol.staffing.people[position].person_id
    start, end = (
        datetime.combine(patrol.day, time()) + timedelta(minutes=m)
        for m in (patrol.start_min, patrol.end_min)
    )
    # An id that holds half a character is a str too; in a UID every id counts as it is.
    place = (plan.inputs.ward.code, plan.inputs.week.label, patrol.patrol_id, person_id)
    made = _bare(str(uuid5(_NAMESPACE, ascii(place))), start, end)
    is_settled = patrol.staffing.aim_is_confirmed and not patrol.staffing.protocol_missing
    made.add("summary", f"Safer Corridors patrol, Team {card.team}")
    made.add("location", card.start_street)
    made.add("description", "\n".join(_description(card, position)))
    made.add("status", "CONFIRMED" if is_settled else "TENTATIVE")
    return made


def _description(card: Card, position: int) -> Iterator[str]:
    me = card.people[position]
    yield MARKING
    yield f"Team {card.team}, corridor {card.corridor_id}, {card.start} to {card.end}."
    yield f"Start on {card.start_street}."
    yield f"You walk as: {me.role}."
    others = [p for i, p in enumerate(card.people) if i != position]
    for other in others:
        yield f"With: {other.name}, {', '.join(filter(None, (other.role, other.organisation)))}"
    yield from (f"{s.time}: {s.words}" for s in card.steps if s.kind == "stand")
    yield from filter(None, (card.rounds, card.police))
    if card.protocol:
        yield f"Protocol: {card.protocol}."
    yield from card.conditions
    yield from CARD_RULES
    yield MARKING


def _cancelled(uid: str, told: _Told) -> Event:
    made = _bare(uid, told.start, told.end)
    made.add("summary", "Cancelled: Safer Corridors patrol")
    made.add("description", f"{MARKING}\nYou are no longer on this patrol.\n{MARKING}")
    made.add("status", "CANCELLED")
    made.add("transp", "TRANSPARENT")
    return made


def _bare(uid: str, start: datetime, end: datetime) -> Event:
    made = Event()
    made.add("uid", uid)
    made.add("dtstart", start.replace(tzinfo=_LONDON))
    made.add("dtend", end.replace(tzinfo=_LONDON))
    made.add("class", "CONFIDENTIAL")
    return made


def _dated(event: Event, before: _Earlier, name: str, stamp: datetime) -> Event:
    """The event with SEQUENCE and DTSTAMP: as they were if it says the same, else the next."""
    told = before.find(str(event["UID"]))
    sequence = int(before.is_damaged(name))  # one that is not known may have been told as 0
    if told is not None:
        as_read = Event.from_ical(event.to_ical())  # reading may change a text, for both alike
        is_same = told.words == _words(as_read) and told.stamp is not None
        sequence = min(told.sequence + (not is_same), _LAST_SEQUENCE)
        stamp = told.stamp if is_same and told.stamp is not None else stamp
    made = event.copy()
    made.add("sequence", sequence)
    made.add("dtstamp", stamp)
    return made


def _words(event: Component) -> bytes:
    """All that an event says, but for how often and when it was changed."""
    bare = event.copy()
    for name in ("SEQUENCE", "DTSTAMP"):
        bare.pop(name, None)
    return bytes(bare.to_ical())


# --- files --------------------------------------------------------------------------------------


def _calendar(plan: Plan, events: Sequence[Event]) -> bytes:
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//corridors//Safer Corridors//EN")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")  # an event of it may be cancelled (RFC 5546, 3.2.1)
    place = f"{plan.inputs.ward.code} {plan.inputs.week.label}"
    made.add("x-wr-calname", f"{MARKING}: Safer Corridors {place}")
    made.add_component(_zone())
    for event in sorted(events, key=lambda e: (e.decoded("DTSTART"), str(e["UID"]))):
        made.add_component(event)
    return bytes(made.to_ical())


def _zone() -> Timezone:
    """Europe/London since 1996, whatever the machine's own tables say."""
    made = Timezone()
    made.add("tzid", _LONDON.key)
    parts = (
        (TimezoneDaylight(), datetime(1996, 3, 31, 1), 3, (0, 1), "BST"),  # noqa: DTZ001 - local
        (TimezoneStandard(), datetime(1996, 10, 27, 2), 10, (1, 0), "GMT"),  # noqa: DTZ001 - local
    )
    for part, start, month, (before_h, after_h), name in parts:
        part.add("dtstart", start)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        part.add("tzoffsetfrom", timedelta(hours=before_h))
        part.add("tzoffsetto", timedelta(hours=after_h))
        part.add("tzname", name)
        made.add_component(part)
    return made


def _read(data: bytes) -> dict[str, _Told] | None:
    """Events of an earlier file by UID; None if it is no calendar."""
    try:
        found = [_told(event) for event in Calendar.from_ical(data).walk("VEVENT")]
    except Exception:  # whatever a damaged file does to the parser, it is only a damaged file
        return None
    # Of two with one UID the later sequence counts.
    ours = dict(sorted(filter(None, found), key=lambda e: (e[1].start, e[0], e[1].sequence)))
    return dict(islice(ours.items(), MOST_EVENTS))


def _told(event: Any) -> tuple[str, _Told] | None:
    """An event's UID and what counts of it; None if it is none of ours."""
    uid = str(event.get("UID", ""))
    start, end = (_local(event.get(name)) for name in ("DTSTART", "DTEND"))
    if not _UID.fullmatch(uid) or start is None or end is None or end < start:
        return None
    sequence = min(max(int(event.get("SEQUENCE", 0)), 0), _LAST_SEQUENCE)
    stamp = _utc(event.get("DTSTAMP"))
    return uid, _Told(start, end, sequence, stamp, _words(event))


def _local(value: Any) -> datetime | None:
    at = _utc(value)
    return None if at is None else at.astimezone(_LONDON).replace(tzinfo=None)


def _utc(value: Any) -> datetime | None:
    """An instant within reason, to the second."""
    at = getattr(value, "dt", None)
    if not isinstance(at, datetime) or at.tzinfo is None:
        return None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return None
    return at.astimezone(UTC).replace(microsecond=0)
