"""The one door to the publication pack: exact figures in, words that passed disclosure control out.

Nothing behind it (``publish.pack``) knows a count. Of a programme nothing is told before the end
that was set: so the figures of two packs never differ by a quarter's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from corridors import __version__
from corridors.arrays import IntArray
from corridors.errors import InputError
from corridors.evaluation.cells import Cells, NoFigure
from corridors.evaluation.completeness import missing_records, told_records
from corridors.evaluation.disclosure import (
    Counts,
    Earlier,
    Known,
    SafeTable,
    Statement,
    protect,
)
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.indicators import due_words, indicators_of, outcome_of
from corridors.evaluation.ratio import Ratio
from corridors.evaluation.report import Evaluation, GroupRatio, Touched
from corridors.evaluation.small_numbers import NOT_ENOUGH, PublicCell, Rule, share_words
from corridors.model import (
    AREA_PARTS,
    Decision,
    EvaluationRecords,
    FixedAreas,
    PublicChart,
    PublicColumn,
    PublicMark,
    PublicPack,
    PublicProgramme,
    PublicRecord,
    PublicTable,
    SourceRecord,
)
from corridors.profile import Profile
from corridors.programme import Programme
from corridors.publish.earlier_packs import OF_PROGRAMMES
from corridors.publish.evaluation_page import LOOKS, PARTS
from corridors.publish.pack.standard import DataSource, TransparencyFacts, transparency_fields
from corridors.publish.pack.words import (
    ANSWERS,
    CONTACT_WORDS,
    ENCOUNTER_WORDS,
    GROUP_WORDS,
    METHODS,
    PURPOSES,
    QUESTION_WORDS,
    READING_WORDS,
    RULES,
    STATE_WORDS,
)
from corridors.publish.wording import clean_name
from corridors.tables import (
    Activities,
    Consultations,
    EqualityRecord,
    SurveyAnswers,
)

NOT_KNOWN: Final = "not known"
TOTAL: Final = "All together"
RATED: Final = "stop_search"  # the encounters of which ratios are made


@dataclass(frozen=True)
class Evaluated:
    """A programme, the areas fixed for it, and its result so far; None if it has none yet."""

    programme: Programme
    areas: FixedAreas | None
    found: Evaluation | None


@dataclass(frozen=True)
class Told:
    """All that a pack is made of. Exact: for staff only."""

    quarter: str
    issued_on: date
    version: int
    area: str
    programmes: tuple[Evaluated, ...]
    touched: Touched
    records: EvaluationRecords
    decisions: tuple[Decision, ...]
    sources: tuple[SourceRecord, ...]
    profile: Profile
    earlier: Mapping[str, SafeTable]  # of this quarter's pack before, and evaluations published
    corrections: tuple[str, ...] = ()


def quarter_days(quarter: str) -> tuple[date, date]:
    """First and last day of ``2026-Q1``."""
    year, number = int(quarter[:4]), int(quarter[-1])
    first = date(year, 3 * number - 2, 1)
    after = date(year + number // 4, 3 * number % 12 + 1, 1)
    return first, after - timedelta(days=1)


def blocked(told: Told) -> tuple[str, ...]:
    """What keeps the pack back, a sentence each with what to do; empty if nothing (F1-F8, H1)."""
    found: list[str] = []
    governance = told.profile.governance
    for each in told.programmes:
        found += missing_records(told.records, each.programme.key, governance, told.issued_on)
    if not told.programmes:
        found.append("There is no programme. Write one in data/programmes.")
    if told.touched.to_review and not _reviewed(told):
        named = "; ".join(
            f"{_group(r.disparity.group)} beside {_group(r.disparity.reference)}, "
            f"{_measure(r)}: ratio {r.disparity.ratio:.2f}"
            for r in told.touched.to_review
        )
        found.append(
            f"Ratios to be reviewed by a named person: {named}. Look at them with whom they are "
            "about, then record what you found: corridors decide --kind review --about "
            f"{told.quarter} --sha256 {told.touched.figures_sha256}"
        )
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Made:
    """A pack, and its tables as the next pack has to know them."""

    pack: PublicPack
    tables: dict[str, SafeTable]


class _Door:
    """Lets tables of counts out, each once, and remembers what was let out."""

    def __init__(self, told: Told) -> None:
        self.earlier = told.earlier
        self.rule = Rule(told.profile.evaluation.smallest_count)
        self.made: dict[str, SafeTable] = {}

    def let_out(self, key: str, counts: Counts, said: Iterable[Statement] = ()) -> SafeTable:
        """The table in words.

        Parameters
        ----------
        said : what else the pack tells of its cells: from a ratio or share its counts follow.

        Raises
        ------
        InputError
            If it cannot be published beside what is public already.
        """
        before = self.earlier.get(key)
        replaced = Earlier(before) if before is not None else None
        known = Known(replaces=replaced, said=tuple(said))
        try:
            found = protect(counts, self.rule, known)
        except InputError as error:
            raise _beside(key, str(error)) from error
        if not found.may_be_published:
            raise _beside(key, "together they would uncover a small number")
        self.made[key] = found.table
        return found.table


def _exactly(row: str, column: str, count: int) -> Statement:
    """That a cell's count is as good as told."""
    return Statement(((row, column),), count, count)


def _beside(key: str, why: str) -> InputError:
    return InputError(
        f"this table cannot be published beside what is public already: {why}",
        value=key,
        fix="Leave the published figures as they are, or take the correction to your data "
        "protection officer",
    )


def make_public(told: Told) -> Made:
    """The pack, if nothing keeps it back; ask ``blocked`` first.

    Raises
    ------
    InputError
        If a table cannot be published beside what is public already.
    """
    first, last = quarter_days(told.quarter)
    door = _Door(told)
    shown = (
        *(t for each in told.programmes if _is_told(each) for t in _results(door, each)),
        *_surveys(told, door),
        *_harm(told, door),
        *_fairness(told, door.rule),
        *_process(told),
        *_activity(told, door),
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
        programmes=tuple(_programme(told, each, door.rule) for each in told.programmes),
        tables=shown,
        records=tuple(_records(told)),
        transparency=transparency_fields(_facts(told)),
        methods=METHODS,
        rules=tuple(line.format(k=door.rule.k) for line in RULES),
        reviews=tuple(
            f"{d.on:%d/%m/%Y}, {d.by}, {d.organisation}: {d.words}"
            for d in told.decisions
            if d.kind == "review" and d.about == told.quarter
        ),
        provenance=tuple(_provenance(told)),
        contact=notice.contact,
        youth_contact=notice.youth_contact,
        corrections=told.corrections,
    )
    return Made(pack, door.made)


def _reviewed(told: Told) -> bool:
    return any(
        d.kind == "review" and d.sha256 == told.touched.figures_sha256 for d in told.decisions
    )


def _is_told(each: Evaluated) -> bool:
    """Whether a programme's result is published: only once the end that was set has come."""
    return each.found is not None and not each.found.is_interim and each.found.cells is not None


# --- tables of counts ---------------------------------------------------------------------------


def _column(key: str, title: str, meaning: str = "", kind: str = "count") -> PublicColumn:
    return PublicColumn(key, title, meaning or f"{title}.", kind)


def _list_rows(safe: SafeTable, words: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Rows of a plain list, with its total."""
    rows = [
        (words.get(label, label), cells[0].words)
        for label, cells in zip(safe.rows, safe.cells, strict=True)
    ]
    return (*rows, (TOTAL, safe.total.words))


def _bars(title: str, rows: Sequence[tuple[str, ...]], unit: str) -> tuple[PublicChart, ...]:
    """Bars of a list's rows; what is not shown leaves a gap."""
    marks = tuple(
        PublicMark(row[0], float(row[1]) if row[1].isdigit() else None, None, None, row[1])
        for row in rows
        if row[0] != TOTAL
    )
    return (PublicChart("bars", title, unit, marks),) if marks else ()


def _surveys(told: Told, door: _Door) -> Iterable[PublicTable]:
    """A table a programme and question: better and worse in columns of their own (G7)."""
    table = told.records.surveys
    if table is None:
        return
    here = table[table[SurveyAnswers.quarter] == told.quarter]
    for (programme, question), rows in here.groupby(
        [SurveyAnswers.programme, SurveyAnswers.question], sort=True
    ):
        names = ANSWERS[str(question)]
        key = f"survey-{programme}-{question}"[:60]
        made: list[tuple[str, ...]] = []
        notes: list[str] = []
        for grouped, groups in _SPLITS.items():
            mine = rows[rows[SurveyAnswers.group].isin(groups)].sort_values(SurveyAnswers.group)
            if len(mine):
                found, said = _answers(door, f"{key}-{grouped}", mine)
                made += [(_GROUPED[grouped], *row) for row in found]
                notes += said
        yield PublicTable(
            key=key,
            title=QUESTION_WORDS[str(question)],
            kind="impact",
            about=f"Answers in {told.quarter}. Each answer is shown by itself. "
            "One is never taken off another.",
            columns=(
                _column("grouped_by", "Grouped by", kind="text"),
                _column("group", "Who", kind="text"),
                *(_column(name, title) for name, title in names),
                _column("no_answer", "No answer"),
                _column("total", "All asked"),
                _column(f"{names[0][0]}_percent", f"{names[0][1]}, of those who answered",
                        kind="figure"),
                _column(f"{names[-1][0]}_percent", f"{names[-1][1]}, of those who answered",
                        kind="figure"),
            ),
            rows=tuple(made),
            notes=tuple(dict.fromkeys(notes)),
        )  # fmt: skip


_SPLITS: Final = {
    "all": ("all",),
    "meals": ("fsm", "not_fsm"),
    "ethnicity": ("asian", "black", "mixed", "white", "other"),
    "sex": ("girls", "boys"),
    "send": ("send",),
}
_GROUPED: Final = {
    "all": "Everybody",
    "meals": "Free school meals",
    "ethnicity": "Ethnic group",
    "sex": "Girls and boys",
    "send": "Special needs or disability",
}


def _answers(
    door: _Door, key: str, rows: pd.DataFrame
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    question = str(rows[SurveyAnswers.question].iloc[0])
    used = [name for name, _ in _STORED[len(ANSWERS[question])]]
    counts = rows[[*used, SurveyAnswers.no_answer]].to_numpy(dtype=np.int64)
    groups = tuple(_WHO.get(g, g) for g in map(str, rows[SurveyAnswers.group]))
    columns = (*used, "no_answer")
    first = protect(Counts(groups, columns, counts), door.rule).table
    said = [
        _exactly(group, column, int(counts[at, place]))
        for at, group in enumerate(groups)
        if any(words != NOT_ENOUGH for words in _shares(counts[at], first.cells[at], door.rule))
        for place, column in enumerate(columns)
    ]
    safe = door.let_out(key, Counts(groups, columns, counts), said)
    made = []
    for at, group in enumerate(groups):
        cells, total = safe.cells[at], safe.row_totals[at]
        # A share that the first look kept back stays back: nothing was reckoned with for it.
        shares = [
            before if before == NOT_ENOUGH else now
            for before, now in zip(
                _shares(counts[at], first.cells[at], door.rule),
                _shares(counts[at], cells, door.rule),
                strict=True,
            )
        ]
        made.append((_group(group), *(c.words for c in cells), total.words, *shares))
    return made, safe.notes


def _shares(counts: IntArray, cells: Sequence[PublicCell], rule: Rule) -> tuple[str, str]:
    """The shares of the first and the last answer, of those who answered."""
    answered = int(counts[:-1].sum())
    first, last = int(counts[0]), int(counts[-2])
    return (
        share_words(first, answered, rule, cells=cells),
        share_words(last, answered, rule, cells=cells),
    )


_WHO: Final = {"all": "everybody"}  # "all" is the label of a total
_STORED: Final = {
    3: ((SurveyAnswers.better, ""), (SurveyAnswers.same, ""), (SurveyAnswers.worse, "")),
    2: ((SurveyAnswers.better, ""), (SurveyAnswers.worse, "")),
}


def _harm(told: Told, door: _Door) -> Iterable[PublicTable]:
    """Encounters of young people, and what debriefs say of harm, next to benefit (G6)."""
    wide = told.touched.encounters
    if wide is not None and len(wide):
        yield _encounters(told, wide, door)
    harm = {k: v for k, v in told.touched.contacts.items() if k in _HARM}
    if harm:
        yield _counted(
            door, "patrol-harm", "What may have done harm on patrols", "harm", harm,
            CONTACT_WORDS, "Counts from the debriefs of patrols.",
        )  # fmt: skip


_HARM: Final = ("stop_search", "arrests", "crimes_recorded", "complaints")


def _encounters(told: Told, wide: pd.DataFrame, door: _Door) -> PublicTable:
    kinds, groups = tuple(map(str, wide.index)), tuple(map(str, wide.columns))
    counts = wide.to_numpy(dtype=np.int64)
    said = {
        (RATED, group): count
        for each in told.touched.ratios
        if _ratio_words(each, door.rule, told.profile)[0] != NOT_ENOUGH
        for group, count in (
            (each.disparity.group, each.group_count),
            (each.disparity.reference, each.reference_count),
        )
        if count is not None
    }
    safe = door.let_out(
        "encounters",
        Counts(kinds, groups, counts),
        [_exactly(*cell, count) for cell, count in sorted(said.items())],
    )
    rows = []
    for at, kind in enumerate(kinds):
        none, known = told.touched.no_further_action.get(kind, (0, 0))
        cells = safe.cells[at]
        rows.append((
            ENCOUNTER_WORDS.get(kind, kind), *(c.words for c in cells),
            safe.row_totals[at].words, share_words(none, known, door.rule),
            share_words(int(wide.iloc[at]["not_recorded"]), int(counts[at].sum()), door.rule,
                        cells=cells),
        ))  # fmt: skip
    rows.append((TOTAL, *(c.words for c in safe.column_totals), safe.total.words, "", ""))
    return PublicTable(
        key="encounters",
        title="Police and school action towards young people",
        kind="harm",
        about=f"People aged 10 to 17, in the wards of this pack, in {told.quarter}. "
        "Not all of it came from patrols.",
        columns=(
            _column("kind", "What happened", kind="text"),
            *(_column(group, _group(group)) for group in groups),
            _column("total", TOTAL),
            _column("no_further_action", "Led to no further action",
                    "Share of those of which it is known.", "figure"),
            _column("not_recorded_share", "Ethnic group not recorded", kind="figure"),
        ),
        rows=tuple(rows),
        notes=safe.notes,
    )  # fmt: skip


def _counted(
    door: _Door, key: str, title: str, kind: str, counts: Mapping[str, int],
    words: Mapping[str, str], about: str,
) -> PublicTable:  # fmt: skip
    values = np.array(list(counts.values()), dtype=np.int64)
    safe = door.let_out(key, Counts(tuple(counts), (), values))
    rows = _list_rows(safe, words)
    return PublicTable(
        key=key,
        title=title,
        kind=kind,
        about=about,
        columns=(_column("what", "What", kind="text"), _column("count", "How often")),
        rows=rows,
        notes=safe.notes,
        charts=_bars(title, rows, "how often"),
    )


# --- fairness -----------------------------------------------------------------------------------


def _fairness(told: Told, rule: Rule) -> Iterable[PublicTable]:
    touched = told.touched
    if touched.ratios:
        yield _ratios(told, rule)
    if touched.area_minutes is not None and touched.area_residents is not None:
        yield _areas(told)
    if touched.schools is not None:
        yield _schools(touched)


def _ratios(told: Told, rule: Rule) -> PublicTable:
    rows, marks = [], []
    for each in told.touched.ratios:
        words, mark = _ratio_words(each, rule, told.profile)
        label = f"{_group(each.disparity.group)} beside {_group(each.disparity.reference)}"
        adjusted = each.disparity.adjusted
        rows.append((
            _measure(each), label, words,
            f"{adjusted:.2f}" if adjusted is not None and words != NOT_ENOUGH else NOT_KNOWN,
            _not_recorded(each, rule),
            _reading(each, words),
        ))  # fmt: skip
        marks.append(PublicMark(f"{label}, {_measure(each)}", *mark, words))
    return PublicTable(
        key="fairness-ratios",
        title="Who met police more than others",
        kind="fairness",
        about="1 means: as much as the group that it stands beside. The need-adjusted ratio also "
        "reckons with where reports came from. It never replaces the first, since reports are "
        "shaped by policing too.",
        columns=(
            _column("measure", "What", kind="text"),
            _column("groups", "Groups", kind="text"),
            _column("ratio", "Ratio (95 % interval)", "With its 95 % interval.", "figure"),
            _column("need_adjusted_ratio", "Need-adjusted ratio", kind="figure"),
            _column("not_recorded", "Group not recorded", "Share of people.", "figure"),
            _column("reading", "How we read it", kind="text"),
        ),
        rows=tuple(rows),
        charts=(
            PublicChart("intervals", "Ratios with intervals", "ratio; 1 is even", tuple(marks),
                        reference=1.0, is_log=True),
        ),
    )  # fmt: skip


_Mark = tuple[float | None, float | None, float | None]


def _ratio_words(each: GroupRatio, rule: Rule, profile: Profile) -> tuple[str, _Mark]:
    """A ratio with its interval, as words and as what a chart draws."""
    ratio, interval = each.disparity.ratio, each.disparity.interval
    enough = profile.evaluation.ratio_denominator
    few = min(each.group_people, each.reference_people) < enough
    counts = [c for c in (each.group_count, each.reference_count) if c is not None]
    if few or any(c < rule.k for c in counts) or not math.isfinite(ratio) or ratio <= 0:
        return NOT_ENOUGH, (None, None, None)
    if interval is None or interval.low <= 0 or not math.isfinite(interval.high):
        return f"{ratio:.2f}", (round(ratio, 2), None, None)
    low, high = round(interval.low, 2), round(interval.high, 2)
    if not 0 < low <= ratio <= high:
        return f"{ratio:.2f}", (round(ratio, 2), None, None)
    return f"{ratio:.2f} ({low:.2f} to {high:.2f})", (round(ratio, 2), low, high)


def _not_recorded(each: GroupRatio, rule: Rule) -> str:
    """The share of people whose group nobody wrote down; of a few only that they are few."""
    missing, total = each.not_recorded
    if not total:
        return NOT_KNOWN
    if not missing:
        return "0 %"
    words = share_words(missing, total, rule)
    return rule.few if words == NOT_ENOUGH and missing < rule.k else words


def _reading(each: GroupRatio, words: str) -> str:
    if words == NOT_ENOUGH:
        return "Too few to tell."
    said = READING_WORDS[each.disparity.reading]
    return said if each.disparity.is_reliable else f"{said} Unreliable: too many not recorded."


def _measure(each: GroupRatio) -> str:
    return "minutes of police met on the way" if each.group_count is None else "searches per pupil"


def _group(key: str) -> str:
    return GROUP_WORDS.get(key, key)


def _areas(told: Told) -> PublicTable:
    touched = told.touched
    assert touched.area_minutes is not None
    assert touched.area_residents is not None
    enough = told.profile.evaluation.ratio_denominator
    rows = [
        (clean_name(str(code)), NOT_ENOUGH if people < enough else _nearest_five(minutes))
        for (code, minutes), people in zip(
            touched.area_minutes.items(), touched.area_residents, strict=True
        )
    ]
    share = touched.top_share
    notes = [] if share is None else [
        f"The tenth of areas with most police minutes had {share:.0%} of them."
    ]  # fmt: skip
    return PublicTable(
        key="area-minutes",
        title="Police minutes by small area",
        kind="fairness",
        about="Minutes of police on patrol for every 1,000 young people who live there.",
        columns=(
            _column("area", "Small area (LSOA)", kind="text"),
            PublicColumn("minutes_per_1000", "Minutes per 1,000",
                         "Police minutes per 1,000 residents aged 10 to 17, to the nearest 5.",
                         "figure", "minutes"),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )  # fmt: skip


def _schools(touched: Touched) -> PublicTable:
    assert touched.schools is not None
    own = touched.schools
    rows = [
        (str(urn), _nearest_five(minutes), _nearest_five(rate))
        for (urn, minutes), rate in zip(own.minutes.items(), own.minutes_per_1000, strict=True)
    ]
    return PublicTable(
        key="school-minutes",
        title="Patrol minutes by school",
        kind="fairness",
        about="Minutes of patrols near each school, whoever walks them.",
        columns=(
            _column("urn", "School (URN)", kind="text"),
            _column("minutes", "Minutes", kind="figure"),
            _column("minutes_per_1000", "Minutes per 1,000 pupils", kind="figure"),
        ),
        rows=tuple(rows),
    )


def _nearest_five(value: float) -> str:
    return NOT_KNOWN if not math.isfinite(value) else f"{5 * round(value / 5):d}"


# --- process and activity -----------------------------------------------------------------------


def _process(told: Told) -> Iterable[PublicTable]:
    touched = told.touched
    lost, planned = touched.abstraction
    rows = []
    if planned:
        rows.append(("People taken off patrols after families were told", f"{lost / planned:.0%}"))
    if touched.repeat_share is not None:
        rows.append(("Same people as the week before", f"{touched.repeat_share:.0%}"))
    total = sum(touched.patrols.values())
    if total:
        debriefed = total - touched.patrols["not_debriefed"]
        rows.append(("Patrols that were written up afterwards", f"{debriefed / total:.0%}"))
    if rows:
        yield PublicTable(
            key="process",
            title="How it was run",
            kind="process",
            about=f"In {told.quarter}.",
            columns=(
                _column("what", "What", kind="text"),
                _column("share", "Share", kind="figure"),
            ),
            rows=tuple(rows),
        )


def _activity(told: Told, door: _Door) -> Iterable[PublicTable]:
    touched = told.touched
    if sum(touched.patrols.values()):
        yield _counted(
            door, "patrols", "Patrols", "activity", touched.patrols, STATE_WORDS,
            f"Patrols planned for {told.quarter}.",
        )  # fmt: skip
    contacts = {k: v for k, v in touched.contacts.items() if k not in _HARM}
    if contacts:
        yield _counted(
            door, "contacts", "Talks and help", "activity", contacts, CONTACT_WORDS,
            "Counts from the debriefs of patrols.",
        )  # fmt: skip
    if touched.hours_by_role:
        yield PublicTable(
            key="hours",
            title="Hours by role",
            kind="activity",
            about="Hours that people of each role walked, to the nearest 5.",
            columns=(
                _column("role", "Role", kind="text"),
                _column("hours", "Hours", kind="figure"),
            ),
            rows=tuple(
                (told.profile.teams.card(role).title, _nearest_five(hours))
                for role, hours in touched.hours_by_role.items()
            ),
        )


# --- results ------------------------------------------------------------------------------------


def _results(door: _Door, each: Evaluated) -> tuple[PublicTable, ...]:
    """Counts of a programme whose end has come, and the ratios made from them."""
    found = each.found
    assert found is not None
    assert found.cells is not None
    key = f"{OF_PROGRAMMES}{found.programme}"
    named = [(n, p) for n in PARTS if (p := _part(found.cells, n)) is not None]
    counts = np.array([[p.before, p.after] for _, p in named], dtype=np.int64)
    parts = tuple(name for name, _ in named)
    safe = door.let_out(key, Counts(parts, ("before", "after"), counts), _said(found, door.rule))
    rows = tuple(
        (PARTS[name], *(c.words for c in cells), f"{pair.days.before:g}", f"{pair.days.after:g}")
        for (name, pair), cells in zip(named, safe.cells, strict=True)
    )
    tested = [("What decides: " + found.named, found.test, found.cells)]
    tested += [(LOOKS[look.key], look.ratio, look.cells) for look in found.elsewhere]
    shown = [(label, *_result_words(test, cells, door.rule)) for label, test, cells in tested]
    return (
        PublicTable(
            key=key,
            title=f"Reports: {clean_name(found.title)}",
            kind="impact",
            about=f"Reports by the public of {found.counted}, {found.where}.",
            columns=(
                _column("streets", "Streets", kind="text"),
                _column("before", "Before"),
                _column("after", "After"),
                _column("days_before", "Days before", kind="figure"),
                _column("days_after", "Days after", kind="figure"),
            ),
            rows=rows,
            notes=safe.notes,
        ),
        PublicTable(
            key=f"results-{found.programme}",
            title=f"Change beside other streets: {clean_name(found.title)}",
            kind="impact",
            about="Below 1: fewer reports than the streets compared with would lead to expect. "
            "Only the first decides. The others show where trouble may have gone.",
            columns=(
                _column("comparison", "Comparison", kind="text"),
                _column("ratio", "Ratio (95 % interval)", "With its 95 % interval.", "figure"),
            ),
            rows=tuple((label, words) for label, words, _ in shown),
            charts=(
                PublicChart(
                    "intervals", "Change beside other streets", "ratio; 1 is no change",
                    tuple(PublicMark(label, *mark, words) for label, words, mark in shown),
                    reference=1.0, is_log=True,
                ),
            ),
        ),
    )  # fmt: skip


def _said(found: Evaluation, rule: Rule) -> list[Statement]:
    """Counts that follow from the ratios that are told beside them."""
    assert found.cells is not None
    shown = {"treated", "control"} if min(found.cells.four) >= rule.k else set()
    for look in found.elsewhere:
        if look.key == "near" and min(look.cells.four) >= rule.k:
            shown |= {"near", "near_control"}
    pairs = [(name, _part(found.cells, name)) for name in sorted(shown)]
    return [
        _exactly(name, side, count)
        for name, pair in pairs
        if pair is not None
        for side, count in (("before", pair.before), ("after", pair.after))
    ]


def _part(cells: Cells, name: str) -> Any:
    return getattr(cells, name, None)


def _result_words(
    test: Ratio | ExactRatio | NoFigure, cells: Cells, rule: Rule
) -> tuple[str, _Mark]:
    if isinstance(test, NoFigure) or min(cells.four) < rule.k:
        return NOT_ENOUGH, (None, None, None)
    low, high = round(test.low, 2), round(test.high, 2)
    if not (low > 0 and math.isfinite(high)):
        return f"{test.ratio:.2f}", (round(test.ratio, 2), None, None)
    return (
        f"{test.ratio:.2f} ({low:.2f} to {high:.2f})",
        (round(test.ratio, 2), low, high),
    )


def _programme(told: Told, each: Evaluated, rule: Rule) -> PublicProgramme:
    programme, found = each.programme, each.found
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
    if found is None or not _is_told(each):
        is_fixed = each.areas is not None or found is not None
        why = _NO_RESULT_YET if is_fixed else "Its areas are not fixed yet."
        if found is not None and not found.is_interim:
            why = found.sentence
        return PublicProgramme(
            **common, level=found.verdict.level.number if found else 1,
            level_words=found.verdict.level.words if found else _NOTHING_YET,
            smallest_change="Not known yet." if found is None else _smallest(found),
            results=(why,), cautions=told_of,
        )  # fmt: skip
    return PublicProgramme(
        **common,
        level=found.verdict.level.number,
        level_words=found.verdict.level.words,
        smallest_change=_smallest(found),
        results=(_public_sentence(found, rule), _called(found)),
        cautions=(
            *([found.claim_caution] if found.claim_caution else []), *found.cautions, *told_of
        ),
    )  # fmt: skip


_NO_RESULT_YET: Final = "We tell no result before the end that was set."
_NOTHING_YET: Final = "Nothing has been compared yet."


def _next(programme: Programme, due: Sequence[str], today: date) -> str:
    if due:
        return " ".join(due)
    if today > programme.ends_on:
        return f"It ended on {programme.ends_on:%d/%m/%Y}. No new result is due."
    return f"When it ends, on {programme.ends_on:%d/%m/%Y}."


def _last_evaluated(told: Told, programme: Programme) -> date:
    """When figures about it were last published; before that, its start."""
    packs = [d.on for d in told.decisions if d.kind == "pack"]
    return max([programme.starts_on, *packs])


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


def _public_sentence(found: Evaluation, rule: Rule) -> str:
    """The sentence of D.9 with counts as the tables show them."""
    assert found.cells is not None
    words, _ = _result_words(found.test, found.cells, rule)
    if words == NOT_ENOUGH:
        return "There are too few reports to tell a result."
    t, c = found.cells.treated, found.cells.control
    about = [f"{5 * round(n / 5):d}" for n in (t.before, t.after, c.before, c.after)]
    days = (
        ""
        if t.days.before == t.days.after
        else f" They were counted on {t.days.before:g} days before and {t.days.after:g} days after."
    )
    return (
        f"Reported {found.counted} on these streets {found.where} went from about {about[0]} to "
        f"about {about[1]}. On the streets compared with they went from about {about[2]} to about "
        f"{about[3]}.{days} The ratio is {words}. The level of evidence is "
        f"{found.verdict.level.number} of 5. This does not show why."
    )


def _called(found: Evaluation) -> str:
    if found.verdict.is_effect:
        return f"Reports {found.verdict.direction} by more than chance explains."
    return "We do not call this an effect. " + " ".join(
        f"{reason[0].upper()}{reason[1:]}." for reason in found.verdict.reasons
    )


# --- records ------------------------------------------------------------------------------------


def _indicators(told: Told) -> PublicRecord:
    """What is looked at, for which outcome, and how often (G2, G3)."""
    aims = told.profile.teams.aims
    return PublicRecord(
        key="indicators",
        title="What we look at, and why",
        about="Set in advance. What was done is never counted as a success.",
        columns=(
            PublicColumn("indicator", "What", "What is looked at.", "text"),
            PublicColumn("kind", "Kind", "Impact, harm, fairness, process or activity.", "text"),
            PublicColumn("outcome", "For", "The outcome that it belongs to.", "text"),
            PublicColumn("every_months", "Every", "Months between two looks.", "text", "months"),
        ),
        rows=tuple(
            (i.title, _plain(i.kind), outcome_of(i, aims) or "All aims", str(i.every_months))
            for i in told.profile.evaluation.indicators
        ),
    )


def _records(told: Told) -> Iterable[PublicRecord]:
    yield _indicators(told)
    records, keys = told.records, {each.programme.key for each in told.programmes}
    if records.consultation is not None:
        yield _record(
            "consultation", "Who was asked, what they said, and what came of it",
            "What was not taken up is here too, with the reason.",
            records.consultation[records.consultation[Consultations.programme].isin(keys)],
            tuple(Consultations.columns()),
        )  # fmt: skip
    if records.equality is not None:
        yield _record(
            "equality", "Equality record", "Section 149 of the Equality Act 2010.",
            records.equality[records.equality[EqualityRecord.programme].isin(keys)],
            tuple(EqualityRecord.columns()),
        )  # fmt: skip
    if records.activities is not None:
        yield _record(
            "terms-of-reference", "What each role is there for",
            "Each activity with what it is to bring about.",
            records.activities, tuple(Activities.columns()),
        )  # fmt: skip
    yield PublicRecord(
        key="decisions",
        title="Who decided what, and when",
        about="The log of decisions, in the order in which they were written down.",
        columns=tuple(
            PublicColumn(key, title, f"{title}.", "date" if key == "on" else "text")
            for key, title in (("on", "When"), ("kind", "What"), ("about", "About"),
                               ("words", "In words"), ("by", "Who"),
                               ("organisation", "For whom"), ("sha256", "SHA-256"))
        ),
        rows=tuple(
            (d.on.isoformat(), _plain(d.kind), d.about, d.words, d.by, d.organisation, d.sha256)
            for d in told.decisions
        ),
    )  # fmt: skip


def _record(
    key: str, title: str, about: str, rows: pd.DataFrame, names: Sequence[str]
) -> PublicRecord:
    return PublicRecord(
        key=key,
        title=title,
        about=about,
        columns=tuple(
            PublicColumn(name, _plain(name), f"{_plain(name)}.", _kind(rows, name))
            for name in names
        ),
        rows=tuple(
            tuple(_cell(value) for value in row)
            for row in rows[list(names)].itertuples(index=False, name=None)
        ),
    )


def _kind(rows: pd.DataFrame, name: str) -> str:
    return "date" if str(rows[name].dtype).startswith("datetime") else "text"


def _cell(value: Any) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return _plain(str(value)) if "_" in str(value) and " " not in str(value) else str(value)


def _plain(name: str) -> str:
    words = name.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}" if words else words


# --- the record of the tool ---------------------------------------------------------------------


def _facts(told: Told) -> TransparencyFacts:
    profile, records = told.profile, told.records
    assessed = None
    if records.equality is not None and len(records.equality):
        assessed = records.equality[EqualityRecord.assessed_on].max().date()
    return TransparencyFacts(
        partnership=profile.notice.partnership,
        contact=profile.notice.contact,
        version=__version__,
        profile_name=profile.name,
        profile_source=profile.source,
        seed=profile.seed,
        sources=tuple(
            DataSource(s.kind, PURPOSES.get(s.kind, "Evaluation"), _rows_words(s), s.first, s.last)
            for s in told.sources
        ),
        models=("density", "mixture", "scan", "routing", "roster"),
        incidents_days=profile.retention.incidents_days,
        derived_days=profile.retention.derived_days,
        equality_recorded_on=assessed,
        sharing_agreement=profile.governance.data_sharing_agreement,
    )


def _rows_words(source: SourceRecord) -> str:
    return f"about {100 * round(source.rows_used / 100)} rows" if source.rows_used >= 100 else (
        "fewer than 100 rows"
    )  # fmt: skip


def _provenance(told: Told) -> Iterable[tuple[str, str]]:
    yield "Program", f"corridors {__version__}"
    yield "Profile", f"{told.profile.name}: {told.profile.source}"
    for each in told.programmes:
        if each.found is not None:
            yield f"Areas of {each.programme.key} (SHA-256)", each.found.areas_sha256
    yield "Figures of fairness (SHA-256)", told.touched.figures_sha256
    for source in told.sources:
        yield f"{_plain(source.kind)} (SHA-256)", source.sha256
