"""The sentence that tells a result, and what must be said beside it. It never says why."""

from __future__ import annotations

from typing import Final

from corridors.evaluation.cells import Cells, NoFigure, Pair
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.place_days import LotResult
from corridors.evaluation.power import CLAIM_SHARE, Detectable, cannot_show
from corridors.evaluation.ratio import Ratio
from corridors.evaluation.verdict import LEAST_COUNT, Level
from corridors.evaluation.wdd import Difference

SUPPRESSED: Final = "Not enough data: a count is fewer than 5, so that no result is told."
WHERE: Final = {"after_school": "in the after-school window", "any": "at any hour"}
COUNTED_DAYS: Final = {"after_school": "school days", "any": "days"}
NOTHING_TO_COMPARE: Final = (
    "There are no streets to compare with, so that no result is told: what changes here may change "
    "everywhere."
)
INTERIM: Final = (
    "The programme, or its records, have not reached the end that was set before. Whoever looks "
    "early and often finds something by chance, so nothing is called an effect yet."
)
FIXED_LATE: Final = (
    "The areas were fixed after the start. Whoever chose them could have known the outcome."
)
SHORT_BEFORE: Final = (
    "There is less than a year before the start, so that seasons are not compared with like "
    "seasons, and a bad spell that ends by itself can look like a change."
)
TWO_SCALES: Final = (
    "The difference counts incidents; the ratio compares percentages. "
    "They ask different questions and may disagree."
)
DISAGREE: Final = "Here they disagree: one points to fewer incidents, the other to more."


def result_sentence(
    what: str,
    cells: Cells,
    test: Ratio | ExactRatio | NoFigure,
    smallest: Detectable | NoFigure,
    evidence: Level,
    *,
    hours: str = "after_school",
) -> str:
    """The result in words.

    Parameters
    ----------
    what : class of incident, such as "violence"; text from a file, to be escaped where it is shown.
    hours : which of the day count, as the programme says: a key of ``WHERE``.
    cells : treated and control; nothing is told if one of the four counts is fewer than 5.
    """
    if min(cells.four) < LEAST_COUNT:
        return SUPPRESSED
    return (
        f"Reported {what} in the corridor {WHERE[hours]} changed from "
        f"{_change(cells.treated, hours)}; control from {_change(cells.control, hours)}. "
        f"{_ratio(test)} Evidence level {evidence.number} of 5. {_smallest(smallest)} "
        "This does not show why."
    )


def lot_sentence(
    what: str,
    found: LotResult | NoFigure,
    smallest: Detectable | NoFigure,
    evidence: Level,
) -> str:
    """The result of days drawn by lot, in words; as ``result_sentence``."""
    if isinstance(found, NoFigure):
        return f"No result: {found.because}."
    if min(found.on_count, found.off_count) < LEAST_COUNT:
        return SUPPRESSED
    return (
        f"Reported {what} in the corridor {WHERE['after_school']}: "
        f"{found.on_count} on {found.on_days} days drawn for a patrol, "
        f"{found.off_count} on {found.off_days} days drawn for none. "
        f"{_ratio(found.ratio)} Evidence level {evidence.number} of 5. {_smallest(smallest)} "
        "This does not show why."
    )


def scales_caution(difference: Difference | NoFigure, test: Ratio | ExactRatio | NoFigure) -> str:
    """What to say where the difference (``wdd``) and the ratio stand side by side."""
    if isinstance(difference, NoFigure) or isinstance(test, NoFigure):
        return TWO_SCALES
    opposed = (difference.value < 0 < test.ratio - 1) or (test.ratio - 1 < 0 < difference.value)
    return f"{TWO_SCALES} {DISAGREE}" if opposed else TWO_SCALES


def claim_caution(
    smallest: Detectable | NoFigure, *, claim_share: float = CLAIM_SHARE, corridors: int = 1
) -> str:
    """The sentence of ``power.cannot_show`` as one that stands alone, or nothing."""
    text = cannot_show(smallest, claim_share=claim_share, corridors=corridors)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _change(pair: Pair, hours: str) -> str:
    counts = f"{pair.before} to {pair.after}"
    if pair.days.before == pair.days.after:
        return counts
    return f"{counts} ({pair.days.before:g} and {pair.days.after:g} {COUNTED_DAYS[hours]})"


def _ratio(test: Ratio | ExactRatio | NoFigure) -> str:
    if isinstance(test, NoFigure):
        return f"No ratio: {test.because}."
    share = f"{100 * test.confidence:g} %"
    return f"Ratio {test.ratio:.2f} ({share} CI {test.low:.2f}–{test.high:.2f})."


def _smallest(smallest: Detectable | NoFigure) -> str:
    if isinstance(smallest, NoFigure):
        return f"What change we could have seen is not known: {smallest.because}."
    return f"The smallest change we could have seen is {100 * smallest.share:.0f} %."
