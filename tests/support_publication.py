"""What a publication pack is made of, by hand: small enough to reckon with on paper."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from corridors.evaluation.cells import Cells, Days, Pair
from corridors.evaluation.displacement import displacement
from corridors.evaluation.exact import four_cells, two_counts
from corridors.evaluation.fairness import Disparity, Interval, figures_hash
from corridors.evaluation.place_days import LotResult, lot_detectable
from corridors.evaluation.power import detectable
from corridors.evaluation.ratio import four_cell_ratio, wald_ratio
from corridors.evaluation.report import AreaCounts, Elsewhere, Evaluation, GroupRatio, Touched
from corridors.evaluation.verdict import Design, decide, level
from corridors.evaluation.wdd import wdd
from corridors.model import EvaluationRecords
from corridors.programme import Programme, ProgrammeArea
from corridors.publish.public_figures import Evaluated, Told
from corridors.sources import read_profile
from corridors.tables import ETHNIC_GROUPS, SurveyAnswers

QUARTER = "2026-Q1"
PROGRAMME = Programme(
    key="walks",
    title="Walks on the long road",
    aim="enforcement",
    before_from=date(2024, 1, 1),
    starts_on=date(2025, 1, 6),
    ends_on=date(2025, 12, 19),
    areas=(ProgrammeArea("a", ward="E05999001", streets=("Long Road",), urns=("900001",)),),
)
DAYS = Days(190, 190)


def pair(before: int, after: int) -> Pair:
    return Pair(before, after, DAYS)


def evaluation(cells: Cells, *, is_interim: bool = False) -> Evaluation:
    """A result as the pipeline would hand it on, decided by the four cells."""
    smallest, test = detectable(cells), four_cell_ratio(cells)
    verdict = decide(
        cells.four, smallest, test,
        level(Design(has_before=True, has_control=True, is_comparable=True, treated_places=1,
                     control_places=1, is_randomised=False, fixed_before=True)),
        is_interim=is_interim,
    )  # fmt: skip
    looks = () if cells.near is None else (
        Elsewhere("near", Cells(cells.near, cells.near_control), four_cells(
            Cells(cells.near, cells.near_control))),
    )  # fmt: skip
    alone = cells.treated
    return Evaluation(
        programme=PROGRAMME.key, title=PROGRAMME.title, counted="violence and robbery",
        where="in the after-school window", before=(date(2024, 1, 1), date(2025, 1, 5)),
        after=(PROGRAMME.starts_on, PROGRAMME.ends_on), is_interim=is_interim,
        areas_fixed_on=date(2024, 12, 10), areas_sha256="ab" * 32, left_out=(),
        by_area=(AreaCounts("a", (("treated", alone),)),), months=(("2024-01", 3, 4),),
        cells=cells, alone=alone, alone_ratio=two_counts(alone.after, alone.before),
        smallest=smallest, named="months of all areas and their controls together", test=test,
        panel=None, pre_trend=None, four_cell=test, exact=four_cells(cells), wdd=wdd(cells),
        displacement=displacement(cells), elsewhere=looks, lot=None, carry_over=None,
        verdict=verdict, sentence="", claim_caution="", cautions=(), scales="", undecided=0, seed=1,
    )  # fmt: skip


def by_lot(on: int, off: int, *, cells: Cells | None = None) -> Evaluation:
    """A result of days drawn by lot, 40 of each kind; ``cells`` are what else is compared."""
    found = wald_ratio(math.log(on / off), math.sqrt(1 / on + 1 / off))
    lot = LotResult(found, on, off, 40, 40, draws=499)
    made = evaluation(cells or CELLS)
    return replace(
        made, lot=lot, test=found, named="days by lot", smallest=lot_detectable(lot),
        sentence=f"{on} on 40 days, {off} on 40 days", cells=cells,
        elsewhere=made.elsewhere if cells else (),
    )  # fmt: skip


CELLS = Cells(pair(1237, 881), pair(1208, 1193), pair(402, 397), pair(388, 401))


def encounters(**kinds: dict[str, int]) -> pd.DataFrame:
    """Counts by kind, then by ethnic group; what is not named is 0."""
    rows = [[kinds[kind].get(group, 0) for group in ETHNIC_GROUPS] for kind in sorted(kinds)]
    return pd.DataFrame(rows, index=sorted(kinds), columns=list(ETHNIC_GROUPS)).astype("int64")


# As in the ratio: 12 of 400 and 9 of 900 were searched.
SEEN = encounters(
    stop_search={"black": 12, "white": 9, "asian": 2, "not_recorded": 3},
    arrest={"white": 1},
    crime_recorded={"mixed": 6},
)


def ratio(value: float = 3.0, low: float = 1.27, high: float = 7.06, *, a: int = 12) -> GroupRatio:
    reading = "review before publication" if low > 1 else "within limits"
    made = Disparity(
        "encounters", "black", "white", value, Interval(low, high), None, reading, True
    )
    return GroupRatio("ethnicity", made, 400, 900, a, 9, (3, 50))


def touched(
    *ratios: GroupRatio, encounters: pd.DataFrame | None = None, **contacts: int
) -> Touched:
    return Touched(
        ratios=ratios, figures_sha256=figures_hash(r.disparity for r in ratios), schools=None,
        area_minutes=None, area_residents=None, top_share=None, encounters=encounters,
        no_further_action={}, patrols={"done": 12, "shortened": 0, "cancelled": 2,
                                       "not_debriefed": 0},
        contacts=contacts, hours_by_role={}, police_minutes=0.0, abstraction=(0, 0),
        repeat_share=None,
    )  # fmt: skip


def survey(*rows: tuple[str, int, int, int, int], question: str = "feels_safer") -> pd.DataFrame:
    """Rows of group, better, same, worse, no answer."""
    made = [
        {
            SurveyAnswers.quarter: QUARTER,
            SurveyAnswers.programme: PROGRAMME.key,
            SurveyAnswers.question: question,
            SurveyAnswers.group: group,
            SurveyAnswers.better: better,
            SurveyAnswers.same: same,
            SurveyAnswers.worse: worse,
            SurveyAnswers.no_answer: none,
        }
        for group, better, same, worse, none in rows
    ]
    return pd.DataFrame(made, index=pd.Index(np.arange(len(made)), name="entry_id"))


def told(**changes: object) -> Told:
    made = Told(
        quarter=QUARTER, issued_on=date(2026, 4, 10), version=1, area="Test borough",
        programmes=(Evaluated(PROGRAMME, None, None),), touched=touched(),
        in_time=(0, 0), finished=(),
        records=EvaluationRecords(), decisions=(), sources=(), profile=read_profile("hackney_2024"),
        earlier={},
    )  # fmt: skip
    return replace(made, **changes)
