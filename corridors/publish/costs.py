"""What patrols cost each organisation, in words for staff (B17).

Records hold what a person is paid by the hour. An amount that comes from the pay of very few people
would tell it to everybody who reads the page, so such an amount is rounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from corridors.model import OrganisationCost, Patrol, Plan
from corridors.publish.wording import clean_name, joined
from corridors.tables import People
from corridors.teams.attendance import SMALLEST_TOLD
from corridors.teams.figures import total_cost

CARD_STEP_GBP: Final = 10  # an hour or two of one person
WEEK_STEP_GBP: Final = 50  # a week of one person


@dataclass(frozen=True)
class CostRow:
    """One organisation, or all together."""

    organisation: str
    minutes: str
    paid: str
    unpaid: str
    unrecorded: str
    cost: str
    phrase: str  # all of it in a few words, for a card


def cost_rows(
    costs: Sequence[OrganisationCost], people: pd.DataFrame, walkers: Iterable[str], step_gbp: int
) -> tuple[CostRow, ...]:
    """A row for each organisation.

    Parameters
    ----------
    costs : of one patrol or of a week.
    people : tables.People.
    walkers : ids of those who walk then.
    step_gbp : amounts from the pay of fewer than ``SMALLEST_TOLD`` people are rounded to this.
    """
    is_told = _told(costs, people, walkers)
    return tuple(
        _row(c, clean_name(c.organisation) or "No organisation", is_told[c.organisation], step_gbp)
        for c in costs
    )


def total_row(
    costs: Sequence[OrganisationCost], people: pd.DataFrame, walkers: Iterable[str], step_gbp: int
) -> CostRow:
    """All organisations together; parameters as for ``cost_rows``.

    Exact only if each part is: else a rounded part would follow from the others.
    """
    is_told = all(_told(costs, people, walkers).values())
    return _row(total_cost(costs), "All together", is_told, step_gbp)


def patrol_costs(plan: Plan, patrol: Patrol) -> tuple[CostRow, ...]:
    """What a patrol costs each organisation, as it may be told."""
    walkers = [a.person_id for a in patrol.staffing.people]
    return cost_rows(patrol.costs, plan.inputs.people, walkers, CARD_STEP_GBP)


def week_costs(plan: Plan) -> tuple[CostRow, ...]:
    """What the week costs each organisation, and all together if there are several."""
    costs, people = plan.roster.costs, plan.inputs.people
    walkers = {a.person_id for p in plan.patrols for a in p.staffing.people}
    rows = cost_rows(costs, people, walkers, WEEK_STEP_GBP)
    total = total_row(costs, people, walkers, WEEK_STEP_GBP)
    return (*rows, total) if len(rows) > 1 else rows


def _told(
    costs: Sequence[OrganisationCost], people: pd.DataFrame, walkers: Iterable[str]
) -> dict[str, bool]:
    """By organisation, whether its amount may be told as it is."""
    paid = _paid(people, walkers)
    return {c.organisation: not 0 < paid[c.organisation] < SMALLEST_TOLD for c in costs}


def _paid(people: pd.DataFrame, walkers: Iterable[str]) -> Counter[str]:
    """By organisation, how many people's pay an amount comes from."""
    rows = people.loc[people.index.isin(list(walkers))]
    return Counter(rows.loc[rows[People.pay_per_hour] > 0, People.organisation].map(str))


def _row(cost: OrganisationCost, name: str, is_told: bool, step_gbp: int) -> CostRow:
    paid = cost.person_minutes - cost.unpaid_minutes - cost.unrecorded_minutes
    parts = (
        (paid, "paid"), (cost.unpaid_minutes, "unpaid"),
        (cost.unrecorded_minutes, "with no pay on record"),
    )  # fmt: skip
    time = joined(f"{minutes:,} minutes {word}" for minutes, word in parts if minutes)
    amount = _amount(cost, is_told, step_gbp)
    return CostRow(
        organisation=name,
        minutes=f"{cost.person_minutes:,}",
        paid=f"{paid:,}",
        unpaid=f"{cost.unpaid_minutes:,}",
        unrecorded=f"{cost.unrecorded_minutes:,}",
        cost=amount,
        phrase=f"{time}, {amount}" if paid else time,
    )


def _amount(cost: OrganisationCost, is_told: bool, step_gbp: int) -> str:
    if cost.person_minutes and cost.unrecorded_minutes == cost.person_minutes:
        return "not known"
    rounded = step_gbp * round(cost.cost_gbp / step_gbp)
    if is_told:
        said = f"£{cost.cost_gbp:,.0f}"
    else:
        said = f"about £{rounded:,}" if rounded else f"less than £{step_gbp}"
    return f"{said} plus pay not on record" if cost.unrecorded_minutes else said
