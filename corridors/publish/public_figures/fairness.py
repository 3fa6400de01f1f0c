"""Whom patrols touched more than others (H1, D.6)."""

from __future__ import annotations

from collections.abc import Iterable

from corridors.evaluation.fairness import Service
from corridors.evaluation.report import GroupRatio, Touched
from corridors.evaluation.small_numbers import NOT_ENOUGH, Rule, share_words
from corridors.model import PublicChart, PublicColumn, PublicMark, PublicTable
from corridors.publish.pack.words import DIMENSION_WORDS, NO_MINUTES_WORDS, READING_WORDS
from corridors.publish.public_figures.door import Door
from corridors.publish.public_figures.encounters import RATED, not_recorded_words, told_ratio
from corridors.publish.public_figures.shown import (
    NOT_KNOWN,
    column,
    group_words,
    nearest_five,
)
from corridors.publish.wording import clean_name


def fairness_tables(touched: Touched, door: Door) -> Iterable[PublicTable]:
    """Ratios between groups, and minutes by small area and by school.

    Parameters
    ----------
    door : through which the table of encounters has gone already.
    """
    if touched.ratios:
        yield _ratios(touched, door)
    if touched.area_minutes is not None and touched.area_residents is not None:
        yield _areas(touched, door.rule)
    if touched.schools is not None:
        yield _schools(touched)


def _ratios(touched: Touched, door: Door) -> PublicTable:
    rows, marks = [], []
    for each in touched.ratios:
        words, mark = told_ratio(door, each)
        label = (
            f"{group_words(each.disparity.group)} beside {group_words(each.disparity.reference)}"
        )
        adjusted = each.disparity.adjusted
        rows.append((
            measure_words(each), label, words,
            f"{adjusted:.2f}" if adjusted is not None and words != NOT_ENOUGH else NOT_KNOWN,
            _not_recorded(each, door),
            _reading(each, words),
        ))  # fmt: skip
        marks.append(PublicMark(f"{label}, {measure_words(each)}", *mark, words))
    return PublicTable(
        key="fairness-ratios",
        title="Who met police more than others",
        kind="fairness",
        about="1 means: as much as the group that it stands beside. The need-adjusted ratio also "
        "reckons with where reports came from. It never replaces the first, since reports are "
        "shaped by policing too.",
        columns=(
            column("measure", "What", kind="text"),
            column("groups", "Groups", kind="text"),
            column("ratio", "Ratio (95 % interval)", "With its 95 % interval.", "figure"),
            column("need_adjusted_ratio", "Need-adjusted ratio", kind="figure"),
            column("not_recorded", "Group not recorded", "Share of people.", "figure"),
            column("reading", "How we read it", kind="text"),
        ),
        rows=tuple(rows),
        notes=tuple(_left_out(touched)),
        charts=(
            PublicChart("intervals", "Ratios with intervals", "ratio; 1 is even", tuple(marks),
                        reference=1.0, is_log=True),
        ),
    )  # fmt: skip


def _left_out(touched: Touched) -> Iterable[str]:
    """How many schools no ratio counts, a sentence for each kind of group."""
    for dimension in dict.fromkeys(each.dimension for each in touched.ratios):
        if schools := touched.left_out.get(dimension, 0):
            are = "school is" if schools == 1 else "schools are"
            yield (
                f"By {DIMENSION_WORDS[dimension]}, {schools} {are} left out: how many pupils are "
                "of each group is not known."
            )


def _not_recorded(each: GroupRatio, door: Door) -> str:
    """The share of people whose group nobody wrote down; of a few only that they are few."""
    if each.group_count is not None:
        return not_recorded_words(door, RATED, each.not_recorded)
    (missing, total), rule = each.not_recorded, door.rule
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


def measure_words(each: GroupRatio) -> str:
    """What a ratio compares."""
    return "minutes of police met on the way" if each.group_count is None else "searches per pupil"


def _areas(touched: Touched, rule: Rule) -> PublicTable:
    assert touched.area_minutes is not None
    assert touched.area_residents is not None
    rows = [
        (clean_name(str(code)), NOT_ENOUGH if people < rule.group else nearest_five(minutes))
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
            column("area", "Small area (LSOA)", kind="text"),
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
        (
            clean_name(urn), nearest_five(minutes), nearest_five(rate),
            NO_MINUTES_WORDS.get(touched.why_none.get(str(urn), ""), ""),
        )
        for (urn, minutes), rate in zip(own.minutes.items(), own.minutes_per_1000, strict=True)
    ]  # fmt: skip
    return PublicTable(
        key="school-minutes",
        title="Patrol minutes by school",
        kind="fairness",
        about="Minutes of patrols near each school, whoever walks them.",
        columns=(
            column("urn", "School (URN)", kind="text"),
            column("minutes", "Minutes", kind="figure"),
            column("minutes_per_1000", "Minutes per 1,000 pupils", kind="figure"),
            column("why_none", "Why none", "Why there were no minutes.", "text"),
        ),
        rows=tuple(rows),
        notes=tuple(_apart(own)),
    )


def _apart(own: Service) -> Iterable[str]:
    """How far apart schools are (C10). A school without minutes has no ratio: its row says why."""
    had = own.minutes_per_1000[own.minutes > 0]
    if had.notna().sum() > 1:
        whose = "Of the schools with patrols, the one" if own.without else "The school"
        yield (
            f"{whose} with most minutes for each pupil had {own.most_to_least_per_1000:.1f} times "
            "as many as the one with least."
        )
    if had.isna().any():
        yield "Where the number of pupils is not known, no minutes per 1,000 pupils are given."
