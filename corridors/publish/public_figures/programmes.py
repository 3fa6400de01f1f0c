"""A programme as the public is told of it: when, where, and what came of it once it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from corridors.evaluation.cells import NoFigure
from corridors.evaluation.completeness import told_records
from corridors.evaluation.indicators import due_words, indicators_of
from corridors.evaluation.place_days import LotResult
from corridors.evaluation.report import Evaluation
from corridors.evaluation.wording import NOTHING_TO_COMPARE
from corridors.labels import QUARTER
from corridors.model import AREA_PARTS, FixedAreas, PublicProgramme
from corridors.programme import Programme
from corridors.publish.public_figures.door import Door
from corridors.publish.public_figures.results import is_told, result_words
from corridors.publish.public_figures.shown import nearest_five
from corridors.publish.public_figures.told import Evaluated, Told, quarter_days, result_of
from corridors.publish.wording import clean_name, long_date

_NO_RESULT_YET: Final = "We tell no result before the end that was set."
_NOT_KNOWN_YET: Final = "Not known yet."
_TOO_FEW: Final = "There are too few reports to tell a result."
_NOTHING_YET: Final = "Nothing has been compared yet."


def public_programme(told: Told, each: Evaluated, door: Door) -> PublicProgramme:
    """One programme; before the end that was set, without its result.

    Parameters
    ----------
    door : through which the tables of its result have gone already.
    """
    programme, found, result = each.programme, each.found, result_of(each)
    aim = told.profile.teams.aim(programme.aim)
    own = indicators_of(told.profile.evaluation.indicators, programme.aim)
    due = due_words(own, _last_evaluated(told, programme), told.issued_on)
    common: dict[str, Any] = {
        "key": programme.key,
        "title": clean_name(programme.title),
        "aim": aim.title,
        "outcome": aim.outcome,
        "streets": _streets(each.areas),
        "before": (programme.before_from, programme.before_to),
        "after": (programme.starts_on, programme.ends_on),
        "areas_fixed_on": each.areas.fixed_on if each.areas else None,
        "areas_sha256": found.areas_sha256 if found else "",
        "next_evaluation": _next(programme, due, told.issued_on),
    }
    told_of = told_records(told.records, programme.key, told.profile.governance)
    if found is None or result is None:
        is_fixed = each.areas is not None or found is not None
        why = _NO_RESULT_YET if is_fixed else "Its areas are not fixed yet."
        if found is not None and not found.is_interim:
            why = NOTHING_TO_COMPARE
        return PublicProgramme(
            **common, level=found.verdict.level.number if found else 1,
            level_words=found.verdict.level.words if found else _NOTHING_YET,
            smallest_change=_NOT_KNOWN_YET,
            results=(why,), cautions=told_of,
        )  # fmt: skip
    smallest, claim = _TOO_FEW, ""  # what else is said of small counts would uncover them
    results: tuple[str, ...] = (_TOO_FEW,)
    if is_told(door, result):
        smallest, claim = _smallest(result), result.claim_caution
        results = (_sentence(result), _called(result))
    return PublicProgramme(
        **common,
        level=result.verdict.level.number,
        level_words=result.verdict.level.words,
        smallest_change=smallest,
        results=results,
        cautions=(*([claim] if claim else []), *result.cautions, *told_of),
    )


def _next(programme: Programme, due: Sequence[str], today: date) -> str:
    if due:
        return " ".join(due)
    if today > programme.ends_on:
        return f"It ended on {long_date(programme.ends_on)}. No new result is due."
    return f"When it ends, on {long_date(programme.ends_on)}."


def _last_evaluated(told: Told, programme: Programme) -> date:
    """Last day of the latest quarter with a pack; before that, its start.

    Not the day of the pack: a late correction of an old quarter looks at nothing new (G3).
    """
    packs = [d.about for d in told.decisions if d.kind == "pack" and QUARTER.fullmatch(d.about)]
    return max([programme.starts_on, *(quarter_days(about)[1] for about in packs)])


def _streets(areas: FixedAreas | None) -> tuple[str, ...]:
    if areas is None:
        return ()
    mine = areas.part == AREA_PARTS.index("treated")
    names = {clean_name(areas.names[at]) for at in np.flatnonzero(mine)}
    return tuple(sorted(name for name in names if name))


def _smallest(found: Evaluation) -> str:
    if isinstance(found.smallest, NoFigure):
        return "It is not known what change we could have seen. There is too little to go on."
    return f"The smallest change that we could have seen is {found.smallest.share:.0%}."


def _sentence(found: Evaluation) -> str:
    """The sentence of D.9 with counts as the tables show them."""
    words, _ = result_words(found.test, is_shown=True)
    end = (
        f"The ratio is {words}. The level of evidence is {found.verdict.level.number} of 5. "
        "This does not show why."
    )
    if isinstance(found.lot, LotResult):
        lot = found.lot
        return (
            f"Reported {found.counted} on these streets {found.where}: about "
            f"{nearest_five(lot.on_count)} on {lot.on_days} days drawn for a patrol, and about "
            f"{nearest_five(lot.off_count)} on {lot.off_days} days drawn for none. {end}"
        )
    assert found.cells is not None
    t, c = found.cells.treated, found.cells.control
    about = [nearest_five(n) for n in (t.before, t.after, c.before, c.after)]
    days = (
        ""
        if t.days.before == t.days.after
        else f" They were counted on {t.days.before:g} days before and {t.days.after:g} days after."
    )
    return (
        f"Reported {found.counted} on these streets {found.where} went from about {about[0]} to "
        f"about {about[1]}. On the streets compared with they went from about {about[2]} to about "
        f"{about[3]}.{days} {end}"
    )


def _called(found: Evaluation) -> str:
    if found.verdict.is_effect:
        return f"Reports {found.verdict.direction} by more than chance explains."
    return "We do not call this an effect. " + " ".join(
        f"{reason[0].upper()}{reason[1:]}." for reason in found.verdict.reasons
    )
