"""The pages of a publication pack: for everybody, for whoever checks, and the tool's own record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Any, Final, TypeVar

from markupsafe import Markup

from corridors.model import (
    PublicPack,
    PublicProgramme,
    PublicRecord,
    PublicTable,
    TransparencyField,
)
from corridors.publish.folders import INDEX_FILE
from corridors.publish.pack.charts import chart_name
from corridors.publish.pack.figures import plain_day
from corridors.publish.pack.standard import GROUPS, STANDARD, STANDARD_VERSION
from corridors.publish.pack.tabular import DESCRIPTOR_FILE, LICENCE_TITLE, csv_name
from corridors.publish.pack.wall import counts_safer, rows_of
from corridors.publish.pages import asset, render
from corridors.publish.wording import clean_name, joined, long_date

METHODS_FILE: Final = "methods.html"
TRANSPARENCY_FILE: Final = "transparency.html"
TRANSPARENCY_DATA: Final = "transparency.json"
SUMS_FILE: Final = "SHA256SUMS"

_Rows = TypeVar("_Rows", PublicTable, PublicRecord)


@dataclass(frozen=True)
class ShownTable:
    """A table with its charts, as the page shows it."""

    table: PublicTable
    charts: tuple[Markup, ...]
    is_safety: bool  # tells "safer" and "less safe" apart


@dataclass(frozen=True)
class ShownProgramme:
    """A programme with the sentences that follow from its dates."""

    programme: PublicProgramme
    streets: str
    before: str
    after: str
    areas: str


def public_page(pack: PublicPack, charts: Mapping[str, str]) -> str:
    """``index.html``: what happened, in plain words.

    Parameters
    ----------
    charts : each chart by its name in the pack.
    """
    by_kind = {
        kind: [_shown(table, charts) for table in pack.tables if table.kind == kind]
        for kind in ("impact", "harm", "fairness", "process", "activity")
    }
    pairs = zip_longest(by_kind["impact"], by_kind["harm"])
    return _page(
        "pack.html",
        pack,
        programmes=[_programme(one) for one in pack.programmes],
        records=[_in_words(record) for record in pack.records],
        pairs=[[shown for shown in pair if shown is not None] for pair in pairs],
        by_kind=by_kind,
        downloads=[(csv_name(one.key), one.title) for one in rows_of(pack)],
    )


def methods_page(pack: PublicPack) -> str:
    """``methods.html``: how the figures were made, and how to check them."""
    return _page(
        "pack_methods.html",
        pack,
        programmes=[_programme(one) for one in pack.programmes],
        described=rows_of(pack),
    )


def transparency_page(pack: PublicPack) -> str:
    """``transparency.html``: the record of the tool, field by field."""
    return _page(
        "pack_transparency.html",
        pack,
        groups=_groups(pack.transparency),
        standard=f"{STANDARD}, version {STANDARD_VERSION}",
        open_fields=sum(not field.is_filled for field in pack.transparency),
    )


def _page(template: str, pack: PublicPack, **values: Any) -> str:
    return render(
        template,
        style=f"{asset('index.css')}\n{asset('pack.css')}",
        pack=pack,
        period=f"{long_date(pack.first_day)} to {long_date(pack.last_day)}",
        issued_on=long_date(pack.issued_on),
        licence=LICENCE_TITLE,
        files={
            "index": INDEX_FILE,
            "methods": METHODS_FILE,
            "transparency": TRANSPARENCY_FILE,
            "transparency_data": TRANSPARENCY_DATA,
            "descriptor": DESCRIPTOR_FILE,
            "sums": SUMS_FILE,
        },
        **values,
    )


def _shown(table: PublicTable, charts: Mapping[str, str]) -> ShownTable:
    drawn = [charts[chart_name(table, n)] for n in range(1, len(table.charts) + 1)]
    # Made by our own template, where every text is escaped.
    return ShownTable(_in_words(table), tuple(Markup(svg) for svg in drawn), counts_safer(table))  # noqa: S704


def _in_words(one: _Rows) -> _Rows:
    """The table with days as people write them; the CSV keeps them as machines do."""
    rows = (
        tuple(
            _day(cell) if c.kind == "date" else cell
            for c, cell in zip(one.columns, row, strict=True)
        )
        for row in one.rows
    )
    return replace(one, rows=tuple(rows))


def _day(cell: str) -> str:
    day = plain_day(cell)
    return cell if day is None else long_date(day)


def _programme(one: PublicProgramme) -> ShownProgramme:
    return ShownProgramme(
        programme=one,
        streets=joined(filter(None, map(clean_name, one.streets))) or "none told",
        before=_span(one.before),
        after=_span(one.after),
        areas=_areas(one),
    )


def _span(days: tuple[date, date]) -> str:
    return f"{long_date(days[0])} to {long_date(days[1])}"


def _areas(one: PublicProgramme) -> str:
    """When the streets to compare were chosen, and what that is worth."""
    if one.areas_fixed_on is None:
        return "We have no record of when we chose the streets to compare."
    day = long_date(one.areas_fixed_on)
    if one.areas_fixed_on < one.after[0]:
        return f"We chose the streets to compare on {day}, before the walks began."
    return (
        f"We chose the streets to compare on {day}, when the walks had begun. "
        "Whoever chose them could have known the figures."
    )


def _groups(
    fields: Sequence[TransparencyField],
) -> list[tuple[str, list[TransparencyField]]]:
    """The fields under the headings of the standard, in the record's order."""
    made = [
        (title, [field for field in fields if field.number.startswith(prefix)])
        for prefix, title in GROUPS
    ]
    known = {id(field) for _, found in made for field in found}
    rest = [field for field in fields if id(field) not in known]
    return [(title, found) for title, found in (*made, ("Other", rest)) if found]
