"""Records of a pack that hold no count: indicators, consultation, equality, terms, decisions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from corridors.evaluation.indicators import outcome_of
from corridors.evaluation.small_numbers import Rule, shown
from corridors.model import PublicColumn, PublicRecord
from corridors.publish.public_figures.shown import plain_words
from corridors.publish.public_figures.told import Told
from corridors.publish.wording import clean_name, quarter_words
from corridors.tables import Activities, Consultations, EqualityRecord


def public_records(told: Told, rule: Rule) -> Iterable[PublicRecord]:
    """Those of the programmes told of, and the whole log of decisions."""
    yield _indicators(told)
    records, keys = told.records, {each.programme.key for each in told.programmes}
    if records.consultation is not None:
        asked = records.consultation[records.consultation[Consultations.programme].isin(keys)]
        yield _record(
            "consultation", "Who was asked, what they said, and what came of it",
            "What was not taken up is here too, with the reason.",
            asked.assign(**{Consultations.people: [
                "" if pd.isna(people) else shown(int(people), rule).words
                for people in asked[Consultations.people]
            ]}),
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
    if told.finished:
        yield PublicRecord(
            key="results-before",
            title="Results in earlier packs",
            about="A result is told once, in the first pack after the end that was set.",
            columns=(
                PublicColumn("programme", "What", "Title of the programme.", "text"),
                PublicColumn("pack", "Pack", "Months of the pack that has its result.", "text"),
            ),
            rows=tuple((clean_name(title), quarter_words(at)) for title, at in told.finished),
        )
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
            # No hash of figures that were reviewed: small counts could be tried out until one fits.
            (d.on.isoformat(), plain_words(d.kind), d.about, d.words, d.by, d.organisation,
             "" if d.kind == "review" else d.sha256)
            for d in told.decisions
        ),
    )  # fmt: skip


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
            (i.title, plain_words(i.kind), outcome_of(i, aims) or "All aims", str(i.every_months))
            for i in told.profile.evaluation.indicators
        ),
    )


def _record(
    key: str, title: str, about: str, rows: pd.DataFrame, names: Sequence[str]
) -> PublicRecord:
    return PublicRecord(
        key=key,
        title=title,
        about=about,
        columns=tuple(
            PublicColumn(name, plain_words(name), f"{plain_words(name)}.", _kind(rows, name))
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
    return plain_words(str(value)) if "_" in str(value) and " " not in str(value) else str(value)
