"""The transparency record, in the shape of the UK Algorithmic Transparency Recording Standard.

What the run knows is filled in. What only a person knows says so: nothing is invented. Numbers and
titles are those of version 3.0 of the standard's template. [1]_

.. [1] Central Digital and Data Office, Algorithmic Transparency Recording Standard, v3.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from corridors.model import PublicPack, TransparencyField
from corridors.publish.pack.tabular import json_bytes
from corridors.publish.wording import clean, clean_name, long_date

STANDARD: Final = "Algorithmic Transparency Recording Standard"
STANDARD_VERSION: Final = "3.0"
TO_FILL_IN: Final = "To be filled in by the partnership"
GROUPS: Final = (
    ("1.", "In short"),
    ("2.1.", "Owner and responsibility"),
    ("2.2.", "Description and rationale"),
    ("2.3.", "Decision making process"),
    ("2.4.1.", "Tool specification"),
    ("2.4.2.", "Models"),
    ("2.4.3.", "Data"),
    ("2.5.", "Risks, mitigations and impact assessments"),
)


@dataclass(frozen=True)
class DataSource:
    """A kind of data that a run read; no file, no path."""

    kind: str  # "incidents"
    purpose: str
    rows: str  # in words, after disclosure control
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class TransparencyFacts:
    """What a run knows of itself. Empty text and None mean that it does not know."""

    partnership: str
    contact: str
    version: str  # of the program
    profile_name: str
    profile_source: str  # who published the profile, or that it is local
    seed: int
    sources: tuple[DataSource, ...]
    models: tuple[str, ...]  # keys of MODELS, those that were used
    incidents_days: int | None = None  # how long single incidents are kept
    derived_days: int | None = None  # how long maps made from them are kept
    website: str = ""
    dpia_reference: str = ""
    equality_recorded_on: date | None = None
    sharing_agreement: str = ""
    phase: str = ""  # "live", "trial"


@dataclass(frozen=True)
class ModelWords:
    """A model in plain words, as far as it is the same everywhere."""

    name: str
    task: str
    reads: str
    gives: str
    how: str
    tested: str


MODELS: Final[dict[str, ModelWords]] = {
    "density": ModelWords(
        name="Kernel density on streets",
        task="It spreads each report over the streets near it.",
        reads="Place, time and class of reports by the public, and the street network.",
        gives="A value for each street and quarter of an hour. Staff see bands of it.",
        how="Equal-split kernel density along streets. All weight is kept at junctions.",
        tested="Checked against published cases and exact walks. Figures stand in the program's "
        "documents on risk.",
    ),
    "mixture": ModelWords(
        name="Mixture learned by expectation-maximisation",
        task="It learns how far one report speaks for streets near it.",
        reads="The densities, counts on streets, street lengths and pupils' likely ways.",
        gives="A share for each guess. The map says in words where its values come from.",
        how="Expectation-maximisation. Each month is foretold from the months before it only.",
        tested="A back-test on later months can be run on local records with the program.",
    ),
    "scan": ModelWords(
        name="Scan statistic",
        task="It tells a cluster of reports from one that chance would bring.",
        reads="Place and time of reports, and simulated maps of the same number of reports.",
        gives="Clusters that few simulated maps reach. They can suggest an aim. They set none.",
        how="Clusters by walking distance and time of day, compared with simulated maps.",
        tested="False alarms were counted on maps of pure noise. The aim is one map in twenty.",
    ),
    "routing": ModelWords(
        name="Routes with a proved bound",
        task="It plans walks that pass the streets of a corridor when pupils are there.",
        reads="Values of streets, walking times, teams and their hours.",
        gives="Walks, and a bound that no plan with these people and times can pass.",
        how="Large neighbourhood search and constraint programming. A separate check works out "
        "every walk anew.",
        tested="Each plan states the gap between itself and its bound.",
    ),
    "roster": ModelWords(
        name="Roster by integer program",
        task="It proposes who walks which patrol.",
        reads="Roles, days, consents and the mix that each aim asks for.",
        gives="A proposed roster. A person can change it.",
        how="An integer program. Consent, times and training are hard rules. No wish trades them.",
        tested="A separate check reads each roster against all rules.",
    ),
}

_RISKS: Final = {
    "More contact leads to more records": (
        "What police work itself recorded is kept out of the map by default. A guard shows the "
        "plan with and without such records."
    ),
    "Some groups of pupils meet police more than others": (
        "No data on pupils' background is read for the plan. Who was met is counted afterwards. "
        "A ratio outside the limits stops this pack until a named person has looked at it."
    ),
    "Reports are not all that happens": (
        "Who reports differs from street to street. The map says how much it rests on. Too few "
        "reports give no patrol."
    ),
    "A chance cluster is taken for a pattern": (
        "A cluster has to beat simulated maps. It has to stay when reports are drawn again."
    ),
    "A figure points at a person": (
        "Small counts are hidden and others are rounded. A second cell is hidden where the first "
        "could be worked out."
    ),
    "A street or school is branded as dangerous": (
        "Public pages hold no values of streets. All streets look alike on them."
    ),
    "Names enter by a wrong file": (
        "Columns that are not asked for are dropped as a file is read. No person is modelled."
    ),
    "A figure is taken as proof that patrols work": (
        "The smallest change that could have been seen stands first. No result explains itself."
    ),
}


def transparency_fields(facts: TransparencyFacts) -> tuple[TransparencyField, ...]:
    """The record: what the run knows, and what a person has to fill in.

    Raises
    ------
    ValueError
        If a model is not one of ``MODELS``.
    """
    unknown = sorted(set(facts.models) - set(MODELS))
    if unknown:
        raise ValueError(f"no words for the models {unknown}")
    return (
        *_overview(facts),
        *_owner(facts),
        *_rationale(),
        *_decisions(),
        *_tool(facts),
        *(field for key in MODELS if key in facts.models for field in _model(facts, MODELS[key])),
        *_data(facts),
        *_impact(facts),
    )


def transparency_json(pack: PublicPack) -> bytes:
    """The pack's record as data."""
    return json_bytes(
        {
            "standard": STANDARD,
            "standard_version": STANDARD_VERSION,
            "partnership": clean_name(pack.partnership),
            "quarter": pack.quarter,
            "issued_on": pack.issued_on.isoformat(),
            "version": pack.version,
            "fields": [
                {
                    "number": field.number,
                    "title": clean_name(field.title),
                    "text": clean(field.text),
                    "is_filled": field.is_filled,
                }
                for field in pack.transparency
            ],
        }
    )


def _known(number: str, title: str, text: str) -> TransparencyField:
    """A field that the run fills in, unless it has nothing to say."""
    said = clean(text)
    return TransparencyField(number, title, said or TO_FILL_IN, bool(said))


def _open(number: str, title: str) -> TransparencyField:
    return TransparencyField(number, title, TO_FILL_IN, is_filled=False)


def _overview(facts: TransparencyFacts) -> Iterator[TransparencyField]:
    yield _known("1.1", "Name", f"Safer Corridors (program corridors, version {facts.version})")
    yield _known(
        "1.2",
        "Description",
        "The tool helps partners plan where adults walk with pupils after school, when and why. "
        "It makes a proposal for a week. People decide.",
    )
    yield _known("1.3", "Website URL", facts.website)
    yield _known("1.4", "Contact", facts.contact)


def _owner(facts: TransparencyFacts) -> Iterator[TransparencyField]:
    yield _known("2.1.1", "Organisation or department", facts.partnership)
    yield _open("2.1.2", "Team")
    yield _open("2.1.3", "Senior responsible owner")
    yield _open("2.1.4", "Third party involvement")
    yield _open("2.1.4.1", "Third party")
    yield _open("2.1.4.2", "Companies House number")
    yield _open("2.1.4.3", "Third party role")
    yield _open("2.1.4.4", "Procurement procedure type")
    yield _open("2.1.4.5", "Third party data access terms")


def _rationale() -> Iterator[TransparencyField]:
    yield _known(
        "2.2.1",
        "Detailed description",
        "The tool reads reports from the public, streets and school times. It works out where "
        "reports and pupils meet in the hours after school. It proposes corridors, walks and a "
        "roster. Where there are too few reports it proposes no patrol.",
    )
    yield _known(
        "2.2.2",
        "Scope",
        "It plans streets near schools for one week in one ward. It does not model, score or name "
        "any child, suspect or victim. It does not plan anything inside a school.",
    )
    yield _known(
        "2.2.3",
        "Benefit",
        "No benefit is claimed here. What changed, and what harm there may have been, is measured "
        "each quarter and stands in this pack.",
    )
    yield _open("2.2.4", "Previous process")
    yield _open("2.2.5", "Alternatives considered")


def _decisions() -> Iterator[TransparencyField]:
    yield _known(
        "2.3.1",
        "Process integration",
        "The plan is put before a partnership meeting. It comes with what is uncertain and with "
        "the decisions that are asked for.",
    )
    yield _known(
        "2.3.2",
        "Provided information",
        "Staff get a map in bands, walks, a roster and a briefing. Families get a notice that "
        "says when, where and who.",
    )
    yield _open("2.3.3", "Frequency and scale of usage")
    yield _known(
        "2.3.4",
        "Human decisions and review",
        "Each school agrees, or there is no patrol near it. A named person approves. People set "
        "the aim of a patrol and whether police take part. Whoever walks gives consent and can "
        "take it back. Nothing is decided by the tool alone.",
    )
    yield _open("2.3.5", "Required training")
    yield _known(
        "2.3.6",
        "Appeals and review",
        "Anybody can write to the contacts on the public page. One of them is not the police. A "
        "school can say no in any week. Corrections are listed in each pack.",
    )


def _tool(facts: TransparencyFacts) -> Iterator[TransparencyField]:
    yield _known(
        "2.4.1.1",
        "System architecture",
        "A program on one computer of the partnership. It reads files, and writes pages and "
        "tables. Planning uses no network. "
        f"Profile: {clean_name(facts.profile_name)} ({clean_name(facts.profile_source)}). "
        f"Seed: {facts.seed}. The same files and seed give the same plan.",
    )
    yield _known("2.4.1.2", "Phase", facts.phase)
    yield _open("2.4.1.3", "Maintenance")
    names = [MODELS[key].name for key in MODELS if key in facts.models]
    yield _known("2.4.1.4", "Models", "; ".join(names))


def _model(facts: TransparencyFacts, model: ModelWords) -> Iterator[TransparencyField]:
    parts = (
        ("Model name", model.name),
        ("Model version", f"Part of corridors {facts.version}."),
        ("Model task", model.task),
        ("Model input", model.reads),
        ("Model output", model.gives),
        ("Model architecture", model.how),
        ("Model performance", model.tested),
        ("Datasets", "The partnership's own records, listed under 2.4.3."),
        (
            "Dataset purposes",
            "The same records are used to fit and to plan. Tests use later months.",
        ),
    )
    for place, (title, text) in enumerate(parts, start=1):
        yield _known(f"2.4.2.{place}", f"{title}: {model.name}", text)


def _data(facts: TransparencyFacts) -> Iterator[TransparencyField]:
    kinds = "; ".join(clean_name(source.kind) for source in facts.sources)
    yield _known("2.4.3.1", "Source data name", kinds)
    yield _known("2.4.3.2", "Data modality", "Tables and maps of streets." if kinds else "")
    for source in facts.sources:
        kind = clean_name(source.kind)
        yield _known("2.4.3.3", f"Data description: {kind}", source.purpose)
        yield _known("2.4.3.4", f"Data quantities: {kind}", _quantity(source))
    yield _known(
        "2.4.3.5",
        "Sensitive attributes",
        "None is read for the plan. Counts by group are read afterwards, to see who was met. No "
        "pupil's name or record is read.",
    )
    yield _open("2.4.3.6", "Data completeness and representativeness")
    yield _open("2.4.3.7", "Source data URL")
    yield _open("2.4.3.8", "Data collection")
    yield _known(
        "2.4.3.9",
        "Data cleaning",
        "Rows that cannot be read are left out and counted. Columns that are not asked for are "
        "dropped. References are scrambled for each run, then forgotten.",
    )
    yield _known("2.4.3.10", "Data sharing agreements", facts.sharing_agreement)
    yield _known("2.4.3.11", "Data access and storage", _storage(facts))


def _quantity(source: DataSource) -> str:
    rows = clean(source.rows)
    if not rows or source.first_day is None or source.last_day is None:
        return rows
    return f"{rows}, {long_date(source.first_day)} to {long_date(source.last_day)}"


def _storage(facts: TransparencyFacts) -> str:
    if facts.incidents_days is None or facts.derived_days is None:
        return ""
    return (
        f"Single reports are kept {_days(facts.incidents_days)}. Maps made from them are kept "
        f"{_days(facts.derived_days)}. Then they are removed, and the removal is logged. Every "
        "reading of records is logged with who and why."
    )


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}" if days else "until the run ends"


def _impact(facts: TransparencyFacts) -> Iterator[TransparencyField]:
    yield _known("2.5.1", "Impact assessment: data protection", facts.dpia_reference)
    recorded = facts.equality_recorded_on
    equality = f"Recorded on {long_date(recorded)}. It is in this pack." if recorded else ""
    yield _known("2.5.1", "Impact assessment: equality", equality)
    for risk, answer in _RISKS.items():
        yield _known("2.5.2", f"Risk: {risk}", answer)
    yield _open("2.5.2", "Other risks that the partnership knows of")
