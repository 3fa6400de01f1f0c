"""What a pack was made with: the tool's own record, and what its figures rest on."""

from __future__ import annotations

from collections.abc import Iterable

from corridors import __version__
from corridors.model import SourceRecord
from corridors.publish.pack.standard import DataSource, TransparencyFacts
from corridors.publish.pack.words import PURPOSES
from corridors.publish.public_figures.told import Told
from corridors.tables import EqualityRecord


def transparency_facts(told: Told) -> TransparencyFacts:
    """What the record of the tool is filled with."""
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


def provenance(told: Told) -> Iterable[tuple[str, str]]:
    """What it was, and its version or SHA-256.

    No hash of records or of figures: small counts could be tried out until one fits.
    """
    yield "Program", f"corridors {__version__}"
    yield "Profile", f"{told.profile.name}: {told.profile.source}"
    for each in told.programmes:
        if each.found is not None:
            yield f"Areas of {each.programme.key} (SHA-256)", each.found.areas_sha256
