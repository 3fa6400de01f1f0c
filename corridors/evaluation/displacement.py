r"""Did trouble move next door: gross and net effect, WDQ and total net effect [1]_ [2]_.

R is the treated area (response), D the streets around it (buffer), C the control; b before, a
after:

.. math::
    GE = R_b - R_a, \quad NE = R_b / C_b - R_a / C_a, \quad success = -NE

    buffer = D_a / C_a - D_b / C_b, \quad WDQ = buffer / success

    TNE = [R_b (C_a / C_b) - R_a] + [D_b (C_a / C_b) - D_a]

Counts before are first brought to the length of the period after (``Pair.even_before``); over equal
days this changes nothing. GE and TNE are incidents of the period after, the others ratios.

References
----------
.. [1] Bowers & Johnson (2003), Journal of Quantitative Criminology 19(3), 275-301.
.. [2] ASU Center for Problem-Oriented Policing, Tool Guide 10, appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from corridors.evaluation.cells import Cells, NoFigure, Pair

_NO_CONTROL: Final = NoFigure("the control has no incident in one of the periods")
_NO_NEAR: Final = NoFigure("no near streets were counted")


@dataclass(frozen=True)
class Displacement:
    """What ``displacement`` found. ``reading`` says ``wdq`` in words, or why there is none."""

    gross: float
    net: float | NoFigure
    success: float | NoFigure
    buffer: float | NoFigure
    wdq: float | NoFigure
    total_net: float | NoFigure
    reading: str


def displacement(cells: Cells) -> Displacement:
    """Gross and net effect, and whether trouble moved to the near streets.

    Parameters
    ----------
    cells : with ``near``, or no more than ``gross``, ``net`` and ``success`` are known.

    Returns
    -------
    Displacement
        ``wdq`` is a ``NoFigure`` unless success < 0 (the treated area did better than its control)
        and all six counts are above 0.
    """
    treated, control, near = cells.treated, cells.control, cells.near
    gross = _even(treated) - treated.after
    if not (control.before and control.after):
        return _no_ratio(gross)
    success = _against(treated, control)
    buffer = None if near is None else _against(near, control)
    wdq = _wdq(cells, success, buffer)
    total = None if near is None else _saved(treated, control) + _saved(near, control)
    return Displacement(
        gross=float(gross),
        net=float(-success),
        success=float(success),
        buffer=_NO_NEAR if buffer is None else float(buffer),
        wdq=wdq if isinstance(wdq, NoFigure) else float(wdq),
        total_net=_NO_NEAR if total is None else float(total),
        reading=f"No figure: {wdq.because}" if isinstance(wdq, NoFigure) else _reading(wdq),
    )


def _even(pair: Pair) -> Fraction:
    # Exact: whether success is below 0, or WDQ just 0, must not hang on rounding.
    return pair.before * Fraction(pair.days.after) / Fraction(pair.days.before)


def _against(pair: Pair, control: Pair) -> Fraction:
    """After less before, each relative to the control."""
    return Fraction(pair.after, control.after) - _even(pair) / _even(control)


def _saved(pair: Pair, control: Pair) -> Fraction:
    """Incidents fewer than if the area had gone the way of its control."""
    return _even(pair) * control.after / _even(control) - pair.after


def _wdq(cells: Cells, success: Fraction, buffer: Fraction | None) -> Fraction | NoFigure:
    if cells.near is None or buffer is None:
        return _NO_NEAR
    if not all((*cells.four, cells.near.before, cells.near.after)):
        return NoFigure("one of the six counts is 0")
    if success >= 0:
        return NoFigure("the corridor did no better than its control, so nothing can have moved")
    return buffer / success


def _no_ratio(gross: Fraction) -> Displacement:
    none = _NO_CONTROL
    return Displacement(
        float(gross), none, none, none, none, none, f"No figure: {_NO_CONTROL.because}"
    )


def _reading(wdq: Fraction) -> str:
    if wdq > 1:
        return "The near streets did better too, by more than the corridor itself"
    if wdq > 0:
        return "The near streets did better too, by no more than the corridor itself"
    if wdq == 0:
        return "The near streets went the way of the control: no sign that trouble moved"
    if wdq >= -1:
        return "The near streets did worse, by no more than the corridor did better"
    return "The near streets did worse, by more than the corridor did better"
