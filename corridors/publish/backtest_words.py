"""What a back-test found, in words and figures for people."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from corridors.errors import InputError
from corridors.model import BacktestReport, BacktestScore
from corridors.publish.wording import MONTHS, clean, clean_name
from corridors.risk.mixture import parts_of_100

SNAPPED: Final = (
    "Counts look better here than they would on true locations. data.police.uk moves every report "
    "to the nearest of a fixed set of points. Reports therefore seem to come back to the same spot "
    "more often than they do, and counting what happened at a spot looks wiser than it is."
)
PLACE_ONLY: Final = (
    "Place context only. The source has no times of day, so reports at any hour are scored. This "
    "says nothing about the time after school."
)
AFTER_SCHOOL: Final = (
    "Only the part of each report that falls into the after-school window is scored."
)
ANY_HOUR: Final = "Reports count in full, whatever their hour."
HIT_WORDS: Final = "Hit rate: the share of the month’s reports that fell on the flagged streets."
PAI_WORDS: Final = (
    "PAI (predictive accuracy index): how many times more reports the flagged streets had than "
    "their share of street length; 1 is no better than chance."
)
PEI_WORDS: Final = (
    "PEI (prediction efficiency index): the PAI as a share of the best that any choice of streets "
    "could have reached in that month; 1 is the best possible."
)
GAIN_WORDS: Final = (
    "Gain: how much better the whole map foretold where the reports were than a map on which all "
    "streets are alike, in nats a report; 0 is no better, below 0 is worse, and each nat makes the "
    "reports 2.7 times as likely."
)
WEIGHTS_LEAD: Final = "What was learned, in parts of all risk:"

SMALL: Final = 5
_SAME_GAIN: Final = 0.005  # nats a report; less would be rounded away
_MAIN_SHARE: Final = 0.05  # what the chart ranks by: about what a ward's patrols can walk


def shown_months(report: BacktestReport) -> list[bool]:
    """Which months have so many reports that their figures point at none."""
    return [count >= SMALL for count in report.incidents_a_month]


def require_enough(report: BacktestReport) -> None:
    """Raise where fewer than 5 reports were scored."""
    if not report.scores or sum(report.incidents_a_month) < SMALL:
        raise InputError(
            "fewer than 5 reports fall into the months that a back-test can score",
            value=report.area,
            fix="Name more months of incidents in corridors.toml, or take all wards together",
        )


def cautions(report: BacktestReport) -> tuple[str, ...]:
    """What has to be known before any figure is read."""
    kept = (
        f"Only a random {percent(report.kept_share)} of the reports was kept, to see how the ways "
        "do where fewer reports are known."
    )
    told = (
        (not report.has_times, PLACE_ONLY),
        (report.is_snapped, SNAPPED),
        (report.kept_share < 1, kept),
    )
    return tuple(text for applies, text in told if applies)


def summary_words(report: BacktestReport) -> tuple[str, ...]:
    """The result in sentences: the way that plans use, the others, and how sure that is."""
    said = (
        _basis(report),
        _first_hits(report),
        _gain_verdict(report.scores[0], report.scores[1:]),
        _best_other_hits(report),
        _sureness(report),
    )
    return tuple(text for text in said if text)


def _basis(report: BacktestReport) -> str:
    return (
        f"Each of {months_words(report)} was foretold from the months before it only. They hold "
        f"{count_words(sum(report.incidents_a_month))} reports; a year of the months before them "
        f"holds {count_words(report.training_incidents)}."
    )


def _first_hits(report: BacktestReport) -> str:
    at, first = main_share(report), report.scores[0]
    share = report.length_shares[at]
    flagged = f"{share * report.length_km:.1f} of {report.length_km:.1f} km"
    return (
        f"The way that plans use is this: {_name(first)}. The {percent(share)} of street length "
        f"that it flags ({flagged}) had {of_100(first.hit_rate[at])} of every 100 reports. "
        f"Streets taken at random would have {_number(100 * share)}."
    )


def _best_other_hits(report: BacktestReport) -> str:
    at = main_share(report)
    others = [s for s in report.scores[1:] if math.isfinite(s.hit_rate[at])]
    if not others:
        return ""
    best = max(others, key=lambda s: s.hit_rate[at])
    return (
        f"Of the other ways, this one caught most with {percent(report.length_shares[at])}: "
        f"{_name(best)}, {of_100(best.hit_rate[at])} of every 100."
    )


def _gain_verdict(first: BacktestScore, others: tuple[BacktestScore, ...]) -> str:
    known = [s for s in others if math.isfinite(s.log_likelihood)]
    if not known or not math.isfinite(first.log_likelihood):
        return ""
    best = max(known, key=lambda s: s.log_likelihood)
    ahead = first.log_likelihood - best.log_likelihood
    if abs(ahead) < _SAME_GAIN:
        return f"Its whole map foretold the places as well as the best other way: {_name(best)}."
    if ahead > 0:
        return (
            f"Its whole map foretold the places better than every other way; the next is "
            f"{_name(best)}, {ahead:.2f} nats a report behind."
        )
    return (
        f"Another way’s whole map foretold the places better, by {-ahead:.2f} nats a report: "
        f"{_name(best)}."
    )


def _sureness(report: BacktestReport) -> str:
    """Twice the standard error of a share of one half, in points: the widest it can be."""
    points = 98 / math.sqrt(sum(report.incidents_a_month))
    return (
        f"With so many reports a hit rate is uncertain by up to {max(points, 0.1):.1f} points "
        "either way, and by more where reports come in clusters. Smaller differences may be chance."
    )


def weight_words(report: BacktestReport) -> tuple[str, ...]:
    """The learned weights as parts of 100, largest first; the parts sum to 100."""
    ordered = sorted(report.weights, key=lambda w: (-w.weight, w.key))
    parts = parts_of_100(np.array([w.weight for w in ordered])) if ordered else ()
    return tuple(
        f"{part or 'under 1'} of 100: {clean(weight.meaning)}"
        for part, weight in zip(parts, ordered, strict=True)
    )


def count_words(count: float) -> str:
    """A count that points at no single report: to the nearest 5, and none below 5."""
    return "fewer than 5" if count < SMALL else f"about {5 * round(count / 5):,}"


def months_words(report: BacktestReport) -> str:
    """How many months, and from when to when."""
    first, last = min(report.months), max(report.months)
    names = [f"{MONTHS[m.month - 1]} {m.year}" for m in (first, last)]
    if len(report.months) == 1:
        return f"one month, {names[0]},"
    return f"{len(report.months)} months, {names[0]} to {names[1]},"


def main_share(report: BacktestReport) -> int:
    """Position in ``length_shares`` of the one that sentences and chart go by."""
    return int(np.argmin(np.abs(np.asarray(report.length_shares) - _MAIN_SHARE)))


def area_name(report: BacktestReport) -> str:
    """The area's name, safe to show."""
    return clean_name(report.area)


def _name(score: BacktestScore) -> str:
    return clean_name(score.title)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def percent(share: float) -> str:
    """``5 %``."""
    return f"{_number(100 * share)} %"


def of_100(rate: float) -> str:
    """``85``, of 100 reports."""
    return f"{100 * rate:.0f}" if math.isfinite(rate) else "an unknown number"


def figure(value: float, form: str) -> str:
    """A figure for a table; a dash where there is none, and no sign before a zero."""
    text = format(value, form) if math.isfinite(value) else "–"
    return text.lstrip("+-") if not text.strip("+-0.") else text


def ranked(report: BacktestReport) -> list[BacktestScore]:
    """Most hits first, then the larger gain, then as in the report; unknown ones last."""
    at = main_share(report)

    def order(score: BacktestScore) -> tuple[float, float]:
        hits, gain = score.hit_rate[at], score.log_likelihood
        return (
            -hits if math.isfinite(hits) else math.inf,
            -gain if math.isfinite(gain) else math.inf,
        )

    return sorted(report.scores, key=order)
