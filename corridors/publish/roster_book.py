"""The week's roster as a workbook: what a sergeant opens, filters and prints. OFFICIAL-SENSITIVE.

Types of cells are told, never guessed from text: dates are dates, times are times, and all other
text is text. It is quoted all the same as in the CSV (`cells.safe_cell`), for a sheet that is
saved as CSV and opened again has lost its types.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

import xlsxwriter

from corridors.model import Patrol, Plan
from corridors.publish.cards import MARKING, Card, Person, in_order
from corridors.publish.cells import safe_cell
from corridors.publish.roster import COLUMNS, roster_rows
from corridors.publish.wording import WEEKDAYS, clean_name, joined, slash_date

_HEAD_ROW: Final = 2  # below the marking and the title
_A4: Final = 9
_CELL_LIMIT: Final = 32_000  # Excel takes 32,767 characters
_MINUTES_A_DAY: Final = 1440

_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LOOK: Final = {"valign": "top", "text_wrap": True, "bottom": 1, "bottom_color": "#b1b4b6"}
_FORMATS: Final[dict[str, dict[str, Any]]] = {
    "marking": {"bold": True, "font_size": 12},
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bg_color": "#f3f2f1", "bottom": 2, "text_wrap": True, "valign": "top"},
    "text": _LOOK,
    "number": {**_LOOK, "align": "left"},
    "date": {**_LOOK, "num_format": "dd/mm/yyyy", "align": "left"},
    "time": {**_LOOK, "num_format": "hh:mm", "align": "left"},
}
_WIDTHS: Final = {
    "marking": 11, "date": 11, "day": 11, "start": 7, "end": 7, "patrol": 12, "team": 6,
    "corridor": 9, "start_street": 15, "schools": 17, "school_contact": 15, "aim": 15,
    "aim_state": 11, "police_level": 15, "name": 16, "role": 15, "organisation": 15,
    "stand_points": 26, "protocol": 14, "public_notice": 14, "notes": 28,
}  # fmt: skip


@dataclass(frozen=True)
class _Minutes:
    """A time of day, in minutes after midnight."""

    minutes: int


_Cell = str | int | date | _Minutes


@dataclass(frozen=True)
class _Sheet:
    """A table with a name; ``widths`` in characters."""

    name: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[_Cell, ...], ...]
    is_grid: bool = False  # with heads on its left too, and nothing to filter


@dataclass(frozen=True)
class _Shift:
    """One person on one patrol."""

    person_id: str
    person: Person
    patrol: Patrol
    card: Card

    @property
    def partners(self) -> str:
        """Who else walks."""
        people = zip(self.patrol.staffing.people, self.card.people, strict=True)
        return joined(
            f"{p.name} ({p.role})" for assigned, p in people if assigned.person_id != self.person_id
        )


def roster_book(plan: Plan, cards: Sequence[Card]) -> bytes:
    """An XLSX file with the roster by row, by day and by person, and the stand points.

    Its only date is the day the plan was made; the same plan gives the same bytes.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _OPTIONS)
    _describe(book, plan)
    formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
    pairs = list(zip(in_order(plan.patrols), cards, strict=True))
    sheets = (
        _by_row(plan, cards),
        _by_day(plan, pairs),
        _by_person(pairs),
        _stand_points(pairs),
    )
    for sheet in sheets:
        _add(book, formats, sheet, plan)
    book.close()
    return out.getvalue()


def _describe(book: Any, plan: Plan) -> None:
    made = datetime.combine(plan.inputs.made_on, time(), UTC).replace(tzinfo=None)
    code, week = plan.inputs.ward.code, plan.inputs.week.label
    book.set_properties(
        {
            "title": f"{MARKING}: roster {code} {week}",
            "subject": MARKING,
            "category": MARKING,
            "keywords": MARKING,
            "comments": f"Made by corridors {plan.version}",
            "created": made,
        }
    )
    book.set_custom_property("Marking", MARKING, "text")


def _add(book: Any, formats: dict[str, Any], sheet: _Sheet, plan: Plan) -> None:
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, MARKING, formats["marking"])
    ward, week = plan.inputs.ward, plan.inputs.week.label
    title = f"{sheet.name}: {clean_name(ward.name)} ({ward.code}), week {week}"
    page.write_string(1, 0, title, formats["title"])
    for column, (name, width) in enumerate(zip(sheet.columns, sheet.widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(_HEAD_ROW, column, name, formats["head"])
    for number, row in enumerate(sheet.rows, start=_HEAD_ROW + 1):
        for column, cell in enumerate(row):
            _put(page, formats, (number, column), cell)
    page.freeze_panes(_HEAD_ROW + 1, int(sheet.is_grid))
    if not sheet.is_grid:
        last = _HEAD_ROW + max(len(sheet.rows), 1)
        page.autofilter(_HEAD_ROW, 0, last, len(sheet.columns) - 1)
    _print_setup(page, f"{ward.code} {week}")


def _print_setup(page: Any, place: str) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.8)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, _HEAD_ROW)
    # `place` is a checked code and week: in a header, "&" begins a command.
    page.set_header(f"&L{place}&C{MARKING}")
    page.set_footer(f"&C{MARKING}&RPage &P of &N")


def _put(page: Any, formats: dict[str, Any], at: tuple[int, int], cell: _Cell) -> None:
    if isinstance(cell, _Minutes):
        page.write_number(*at, cell.minutes / _MINUTES_A_DAY, formats["time"])
    elif isinstance(cell, date):
        page.write_datetime(*at, cell, formats["date"])
    elif isinstance(cell, int):
        page.write_number(*at, cell, formats["number"])
    else:
        page.write_string(*at, cell[:_CELL_LIMIT], formats["text"])


def _when(patrol: Patrol) -> tuple[_Cell, ...]:
    """Date, day, start and end."""
    return (
        patrol.day,
        WEEKDAYS[patrol.day.weekday()],
        _Minutes(patrol.start_min),
        _Minutes(patrol.end_min),
    )


# --- sheets -------------------------------------------------------------------------------------


def _by_row(plan: Plan, cards: Sequence[Card]) -> _Sheet:
    rows: list[tuple[_Cell, ...]] = []
    for patrol, texts in roster_rows(plan, cards):
        typed: dict[str, _Cell] = {
            "date": patrol.day,
            "start": _Minutes(patrol.start_min),
            "end": _Minutes(patrol.end_min),
            "team": patrol.route.team,
        }
        cells = zip(COLUMNS, texts, strict=True)
        rows.append(tuple(typed.get(name, safe_cell(text)) for name, text in cells))
    return _Sheet("Roster", COLUMNS, tuple(_WIDTHS[name] for name in COLUMNS), tuple(rows))


def _by_day(plan: Plan, pairs: Sequence[tuple[Patrol, Card]]) -> _Sheet:
    """A line for each team, or for each of its patrols where it has several a day; days across."""
    days = plan.inputs.week.days
    grid: dict[tuple[int, int], dict[date, str]] = {}
    met: dict[tuple[int, date], int] = {}
    for patrol, card in pairs:
        team = patrol.route.team
        turn = met[team, patrol.day] = met.get((team, patrol.day), 0) + 1
        grid.setdefault((team, turn), {})[patrol.day] = _patrol_words(card)
    rows = tuple(
        (
            f"Team {team}" if turn == 1 else f"Team {team}, patrol {turn} of the day",
            *(row.get(day, "") for day in days),
        )
        for (team, turn), row in sorted(grid.items())
    )
    heads = ("Team", *(f"{WEEKDAYS[d.weekday()]} {slash_date(d)}" for d in days))
    return _Sheet("By day", heads, (10, *(28 for _ in days)), rows, is_grid=True)


def _patrol_words(card: Card) -> str:
    """A patrol in a few lines; the first begins with its time, so no line of it is a formula."""
    if not card.people:
        return f"{card.start} to {card.end}\nNot staffed. {card.reason}".strip()
    who = (f"{p.name} ({p.role})" for p in card.people)
    where = (f"From {card.start_street}, corridor {card.corridor_id}", *_stands(card))
    return "\n".join((f"{card.start} to {card.end}", *where, *who))


def _stands(card: Card) -> Iterator[str]:
    return (f"{s.time} {s.words}" for s in card.steps if s.kind == "stand")


def _by_person(pairs: Iterable[tuple[Patrol, Card]]) -> _Sheet:
    shifts = [
        _Shift(assigned.person_id, person, patrol, card)
        for patrol, card in pairs
        for assigned, person in zip(patrol.staffing.people, card.people, strict=True)
    ]
    # Sorting keeps the order of patrols within a person's week.
    shifts.sort(key=lambda s: (s.person.name.casefold(), s.person_id))
    rows = tuple(
        (
            safe_cell(s.person.name), safe_cell(s.person.role), safe_cell(s.person.organisation),
            *_when(s.patrol), s.patrol.route.team, safe_cell(s.card.start_street),
            safe_cell(s.card.stands), safe_cell(s.partners),
        )
        for s in shifts
    )  # fmt: skip
    columns = (
        "Name", "Role", "Organisation", "Date", "Day", "Start", "End", "Team", "Start street",
        "Stand points", "Partners",
    )  # fmt: skip
    widths = (18, 16, 18, 11, 11, 7, 7, 6, 18, 30, 34)
    return _Sheet("By person", columns, widths, rows)


def _stand_points(pairs: Iterable[tuple[Patrol, Card]]) -> _Sheet:
    rows = tuple(
        (
            *_when(patrol), patrol.route.team, safe_cell(step.time), safe_cell(step.words),
            safe_cell(joined(p.name for p in card.people) or "Not staffed"),
        )
        for patrol, card in pairs
        for step in card.steps
        if step.kind == "stand"
    )  # fmt: skip
    columns = ("Date", "Day", "Start", "End", "Team", "Times", "Stand point", "People")
    return _Sheet("Stand points", columns, (11, 11, 7, 7, 6, 20, 40, 40), rows)
