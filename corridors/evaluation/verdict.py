"""The one place that decides whether a result may be called an effect.

A result is an effect only if all of these hold:

* every count that it rests on is at least 5;
* the smallest change that could have been seen is at most ``claim_share`` (half) of what there was;
* the design reaches level 3: it compares with what was chosen before the outcome was known;
* the end that was set before the start has come: no looking early, and again;
* the test that was named beforehand has a 95 % interval that leaves out 1, and p < 5 %;
* that test knows how much counts vary beyond chance. The exact one does not: without any effect it
  leaves out 1 in a quarter of programmes if counts vary three times as much as chance has it.

Nothing here says why something changed.

References
----------
Sherman et al. (1997), Preventing Crime, chapter 2: the Maryland scale of scientific methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure, require_count, require_share
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.power import CLAIM_SHARE, Detectable, cannot_show
from corridors.evaluation.ratio import CONFIDENCE, Ratio

LEAST_COUNT: Final = 5
LEAST_LEVEL: Final = 3
NOT_ENOUGH: Final = "not enough data"
CHANCE_ALONE: Final = (
    "there are too few months with reports to tell how much counts vary by themselves"
)
TOO_EARLY: Final = "the end that was set before the start has not come"
LEVEL_WORDS: Final = {
    1: "a look at one point in time, or after the start only",
    2: "before and after, without a comparison that can be relied on",
    3: "before and after, beside comparable streets",
    4: "before and after, in several corridors beside several comparable streets",
    5: "patrols drawn by lot",
}
_LATE_CAP: Final = 2


@dataclass(frozen=True)
class Design:
    """How the comparison was set up.

    ``is_comparable``: the control passed the checks (class of street, counts, flow, distance).
    ``fixed_before``: areas were written down before the start.
    """

    has_before: bool
    has_control: bool
    is_comparable: bool
    treated_places: int
    control_places: int
    is_randomised: bool
    fixed_before: bool


@dataclass(frozen=True)
class Level:
    """A level of the Maryland scale, 1 to 5, and what it means; ``cap`` says what held it down."""

    number: int
    words: str
    cap: str = ""


@dataclass(frozen=True)
class Verdict:
    """``direction`` is "fell" or "rose" for an effect and empty otherwise."""

    is_effect: bool
    direction: str
    reasons: tuple[str, ...]
    level: Level


def level(design: Design) -> Level:
    """The level of evidence that a design reaches, whatever its result.

    Areas that were fixed after the start hold it at 2: whoever chose them could have known.
    """
    number = _reached(design)
    if design.fixed_before or number <= _LATE_CAP:
        return Level(number, LEVEL_WORDS[number])
    return Level(_LATE_CAP, LEVEL_WORDS[_LATE_CAP], "areas were fixed after the start")


def _reached(design: Design) -> int:
    if design.is_randomised:
        return 5
    if not design.has_before:
        return 1
    if not (design.has_control and design.is_comparable):
        return 2
    return 4 if min(design.treated_places, design.control_places) > 1 else 3


def decide(
    counts: Sequence[int],
    smallest: Detectable | NoFigure,
    test: Ratio | ExactRatio | NoFigure,
    evidence: Level,
    *,
    claim_share: float = CLAIM_SHARE,
    corridors: int = 1,
    is_interim: bool = False,
) -> Verdict:
    """Whether a result may be called an effect, and why (not).

    Parameters
    ----------
    counts : all counts that the test rests on, such as ``Cells.four``.
    smallest : smallest change that could have been seen; brought to the test's dispersion here.
    test : result of the test that was named beforehand.
    corridors : how many were pooled.
    is_interim : the programme, or its records, have not reached the end that was set.

    Raises
    ------
    InputError
        If the interval is not a 95 % one, a count is no count, or ``claim_share`` is out of range.
    """
    require_share(claim_share, "claim share")
    for count in counts:
        require_count(count, "of a cell")
    if not isinstance(test, NoFigure) and test.confidence != CONFIDENCE:
        raise InputError("only a 95 % interval decides", value=test.confidence)
    too_coarse = cannot_show(_at(smallest, test), claim_share=claim_share, corridors=corridors)
    against = [
        *([NOT_ENOUGH] if not counts or min(counts) < LEAST_COUNT else []),
        *([too_coarse] if too_coarse else []),
        *(_weak(evidence)),
        *([TOO_EARLY] if is_interim else []),
        *([CHANCE_ALONE] if isinstance(test, ExactRatio) else []),
        *(_not_shown(test)),
    ]
    if against or not isinstance(test, Ratio):
        return Verdict(False, "", tuple(against), evidence)
    direction = "fell" if test.ratio < 1 else "rose"
    return Verdict(True, direction, ("the 95 % interval leaves out no change",), evidence)


def _at(
    smallest: Detectable | NoFigure, test: Ratio | ExactRatio | NoFigure
) -> Detectable | NoFigure:
    """Counts that vary more than chance show less than they seem to."""
    if isinstance(smallest, NoFigure) or not isinstance(test, Ratio):
        return smallest
    return smallest.at(max(smallest.dispersion, test.dispersion))


def _weak(evidence: Level) -> list[str]:
    if evidence.number >= LEAST_LEVEL:
        return []
    why = evidence.cap or evidence.words
    return [f"evidence level {evidence.number} of 5 is too low to call anything an effect: {why}"]


def _not_shown(test: Ratio | ExactRatio | NoFigure) -> list[str]:
    if isinstance(test, NoFigure):
        return [f"no ratio: {test.because}"]
    if not test.excludes_one:
        return ["the 95 % interval includes no change"]
    return [] if test.p < 1 - CONFIDENCE else ["drawing the lot again gives as much by chance"]
