"""The one door to the publication pack: exact figures in, words that passed disclosure control out.

Nothing behind it (``publish.pack``) knows a count. Of a programme nothing is told before the end
that was set: so the figures of two packs never differ by a quarter's.
"""

from __future__ import annotations

from dataclasses import dataclass

from corridors.evaluation.completeness import missing_records
from corridors.evaluation.disclosure import Earlier
from corridors.model import PublicPack
from corridors.publish.pack.standard import transparency_fields
from corridors.publish.pack.words import METHODS, RULES
from corridors.publish.public_figures.background import provenance, transparency_facts
from corridors.publish.public_figures.door import Door
from corridors.publish.public_figures.fairness import fairness_tables, measure_words
from corridors.publish.public_figures.harm import harm_tables
from corridors.publish.public_figures.programmes import public_programme
from corridors.publish.public_figures.records import public_records
from corridors.publish.public_figures.results import result_tables
from corridors.publish.public_figures.running import activity_tables, process_tables
from corridors.publish.public_figures.shown import group_words
from corridors.publish.public_figures.surveys import survey_tables
from corridors.publish.public_figures.told import Evaluated, Told, quarter_days, result_of
from corridors.publish.wording import long_date

__all__ = ["Evaluated", "Made", "Told", "blocked", "make_public", "quarter_days"]


@dataclass(frozen=True)
class Made:
    """A pack, and its tables as the next pack has to know them."""

    pack: PublicPack
    tables: dict[str, Earlier]


def make_public(told: Told) -> Made:
    """The pack, if nothing keeps it back; ask ``blocked`` first.

    Raises
    ------
    InputError
        If a table cannot be published beside what is public already.
    """
    first, last = quarter_days(told.quarter)
    door = Door(told)
    shown = (
        *(
            table
            for each in told.programmes
            if (found := result_of(each)) is not None
            for table in result_tables(door, found)
        ),
        *survey_tables(told, door),
        *harm_tables(told, door),
        *fairness_tables(told.touched, door),
        *process_tables(told, door.rule),
        *activity_tables(told, door),
    )
    notice = told.profile.notice
    pack = PublicPack(
        partnership=notice.partnership,
        quarter=told.quarter,
        first_day=first,
        last_day=last,
        issued_on=told.issued_on,
        version=told.version,
        area=told.area,
        programmes=tuple(public_programme(told, each, door) for each in told.programmes),
        tables=shown,
        records=tuple(public_records(told, door.rule)),
        transparency=transparency_fields(transparency_facts(told)),
        methods=METHODS,
        rules=tuple(line.format(k=door.rule.k, group=door.rule.group) for line in RULES),
        reviews=tuple(
            f"{long_date(d.on)}, {d.by}, {d.organisation}: {d.words}"
            for d in told.decisions
            if d.kind == "review" and d.about == told.quarter
        ),
        provenance=tuple(provenance(told)),
        contact=notice.contact,
        youth_contact=notice.youth_contact,
        corrections=told.corrections,
    )
    return Made(pack, door.made)


def blocked(told: Told) -> tuple[str, ...]:
    """What keeps the pack back, a sentence each with what to do; empty if nothing (F1-F8, H1)."""
    found: list[str] = []
    governance = told.profile.governance
    for each in told.programmes:
        found += missing_records(told.records, each.programme.key, governance, told.issued_on)
    if not (told.programmes or told.finished):
        found.append("There is no programme. Write one in data/programmes.")
    if told.touched.to_review and not _reviewed(told):
        named = "; ".join(
            f"{group_words(r.disparity.group)} beside {group_words(r.disparity.reference)}, "
            f"{measure_words(r)}: ratio {r.disparity.ratio:.2f}"
            for r in told.touched.to_review
        )
        found.append(
            f"Ratios to be reviewed by a named person: {named}. Look at them with whom they are "
            "about, then record what you found: corridors decide --kind review --about "
            f"{told.quarter} --sha256 {told.touched.figures_sha256}"
        )
    return tuple(dict.fromkeys(found))


def _reviewed(told: Told) -> bool:
    return any(
        d.kind == "review" and d.sha256 == told.touched.figures_sha256 for d in told.decisions
    )
