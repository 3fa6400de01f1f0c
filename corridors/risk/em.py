"""Most likely weights of a mixture whose parts are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.arrays import FloatArray
from corridors.errors import InputError

_GAIN_LEFT = 1e-9  # nats an incident: no other weights are likelier by more when the search stops
_MOST_ROUNDS = 20_000


def em_weights(likelihood: FloatArray, row_weight: FloatArray, *, prior: FloatArray) -> FloatArray:
    r"""Most likely weights of a convex combination under a Dirichlet prior.

    Maximises :math:`\sum_r v_r \log \sum_j w_j f_{rj} + \sum_j a_j \log w_j` by expectation and
    maximisation [1]_, each pair of rounds extrapolated where that gains (SQUAREM [2]_). The aim
    is concave, so its gradient bounds what any other weights could add; the search stops when
    that is below 1e-9 nats an incident, or after 20,000 rounds.

    Parameters
    ----------
    likelihood : (r, m) density of each row under each component, 0 or more.
    row_weight : (r) how much each row counts, 0 or more.
    prior : (m) pseudo-counts a, 0 or more; where above 0 the weight is never 0.

    Returns
    -------
    (m) 0 or more, sum 1.

    Raises
    ------
    InputError
        If a row has weight and no component explains it, or there is nothing to learn from.

    References
    ----------
    .. [1] Dempster, Laird & Rubin (1977), JRSS B 39(1).
    .. [2] Varadhan & Roland (2008), Scandinavian Journal of Statistics 35(2).
    """
    counted = row_weight > 0
    rows, weight = likelihood[counted], row_weight[counted]
    total = float(weight.sum() + prior.sum())
    if total <= 0:
        raise InputError("there are neither incidents nor a prior to learn weights from")
    if (rows.max(axis=1, initial=0.0) <= 0).any():
        raise InputError(
            "an incident lies where no component puts any risk", fix="Let the uniform one in"
        )
    aim = _Aim(rows / rows.max(axis=1, keepdims=True), weight, prior, total)
    w: FloatArray = (prior + weight.sum() / len(prior)) / total
    for _ in range(_MOST_ROUNDS // 3):
        once = aim.step(w)
        if float((once / np.maximum(w, 1e-300)).max()) - 1.0 <= _GAIN_LEFT:
            return once
        w = aim.leap(w, once)
    return w


@dataclass(frozen=True)
class _Aim:
    """What em_weights maximises; ``rows`` are scaled so that each has 1 as its highest."""

    rows: FloatArray
    weight: FloatArray
    prior: FloatArray
    total: float

    def step(self, w: FloatArray) -> FloatArray:
        """One round of expectation and maximisation."""
        pull = (self.weight / (self.rows @ w)) @ self.rows
        raised = (w * pull + self.prior) / self.total
        out: FloatArray = raised / raised.sum()
        return out

    def value(self, w: FloatArray) -> float:
        firm = self.prior > 0
        return float(self.weight @ np.log(self.rows @ w) + self.prior[firm] @ np.log(w[firm]))

    def leap(self, w: FloatArray, once: FloatArray) -> FloatArray:
        """Two rounds on from ``w``, extrapolated if that is at least as likely."""
        twice = self.step(once)
        r, v = once - w, twice - 2 * once + w
        size = float(np.sqrt(v @ v))
        if size == 0.0:
            return twice
        far = max(1.0, float(np.sqrt(r @ r)) / size)
        tried = w + 2 * far * r + far**2 * v
        while far > 1.0 and (tried <= 0).any():
            far = (far + 1.0) / 2 if far > 1.01 else 1.0
            tried = w + 2 * far * r + far**2 * v
        if far <= 1.0:
            return twice
        settled = self.step(tried / tried.sum())
        return settled if self.value(settled) >= self.value(twice) else twice
