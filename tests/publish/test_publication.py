"""The door to the pack: nothing exact and nothing small gets through, and nothing too early."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sample_plan import sample_plan, sample_profile
from support_publication import (
    CELLS,
    PROGRAMME,
    QUARTER,
    SEEN,
    by_lot,
    encounters,
    evaluation,
    pair,
    ratio,
    survey,
    told,
    touched,
)

from corridors.evaluation.cells import Cells, NoFigure
from corridors.evaluation.disclosure import Counts, Known, Statement, possible_values
from corridors.evaluation.fairness import service
from corridors.evaluation.report import Touched
from corridors.evaluation.wording import DISAGREE, TWO_SCALES
from corridors.model import Decision, EvaluationRecords
from corridors.publish.pack import pack_files
from corridors.publish.plan_json import plan_json
from corridors.publish.public_figures import Evaluated, blocked, make_public, quarter_days
from corridors.sources import read_planned
from corridors.tables import Consultations


def tables(made):
    return {table.key: table for table in made.pack.tables}


def everything(made) -> str:
    return "\n".join(data.decode("utf-8") for data in pack_files(made.pack).values())


@pytest.mark.parametrize(
    ("quarter", "days"),
    [
        ("2026-Q1", (date(2026, 1, 1), date(2026, 3, 31))),
        ("2026-Q2", (date(2026, 4, 1), date(2026, 6, 30))),
        ("2026-Q4", (date(2026, 10, 1), date(2026, 12, 31))),
        ("2024-Q1", (date(2024, 1, 1), date(2024, 3, 31))),
    ],
)
def test_quarters(quarter, days):
    assert quarter_days(quarter) == days


# --- what keeps it back -------------------------------------------------------------------------


def review(sha256: str, **changes: object) -> Decision:
    made = Decision("review", QUARTER, "We looked.", "Head", "Council", sha256, date(2026, 4, 1))
    return replace(made, **changes)


def test_h1_a_ratio_over_the_limit_waits_for_a_review_of_just_these_figures():
    far = touched(ratio())
    waiting = [line for line in blocked(told(touched=far)) if "Ratios to be reviewed" in line]
    assert len(waiting) == 1
    assert far.figures_sha256 in waiting[0]
    assert "3.00" in waiting[0]
    for wrong in (review("0" * 64), review(far.figures_sha256, kind="decision")):
        lines = blocked(told(touched=far, decisions=(wrong,)))
        assert any("Ratios to be reviewed" in line for line in lines)
    lines = blocked(told(touched=far, decisions=(review(far.figures_sha256),)))
    assert not any("Ratios to be reviewed" in line for line in lines)


def test_h1_new_figures_ask_for_a_new_review():
    old, new = touched(ratio()), touched(ratio(3.1))
    assert old.figures_sha256 != new.figures_sha256
    lines = blocked(told(touched=new, decisions=(review(old.figures_sha256),)))
    assert any("Ratios to be reviewed" in line for line in lines)


def test_h1_a_handful_less_than_the_reference_asks_for_nothing():
    few = replace(ratio(), group_count=0, disparity=replace(ratio().disparity, ratio=0.0))
    assert not few.needs_review
    assert ratio(a=4).needs_review  # a handful more than expected does


def test_f_missing_records_are_listed_all_at_once():
    lines = " ".join(blocked(told()))
    for missing in ("consultation", "terms of reference", "equality record", "decision"):
        assert missing in lines


def test_without_a_programme_there_is_nothing_to_publish():
    assert any("no programme" in line for line in blocked(told(programmes=())))


# --- results ------------------------------------------------------------------------------------


def with_result(found) -> object:
    return told(programmes=(Evaluated(PROGRAMME, None, found),))


def test_a_result_is_told_in_rounded_numbers_only():
    made = make_public(with_result(evaluation(CELLS)))
    text = everything(made)
    for exact in CELLS.four:
        assert not re.search(rf"\b{exact:,}\b|\b{exact}\b", text)
    rows = {row[0]: row[1:3] for row in tables(made)["reports-walks"].rows}
    assert rows["Streets of the programme"] == ("1235", "880")
    (programme,) = made.pack.programmes
    assert "about 1235 to about 880" in programme.results[0]
    assert "does not show why" in programme.results[0]
    assert programme.smallest_change.startswith("The smallest change that we could have seen is")


def test_nothing_is_told_before_the_end_that_was_set():
    made = make_public(with_result(evaluation(CELLS, is_interim=True)))
    assert not {"reports-walks", "results-walks"} & tables(made).keys()
    (programme,) = made.pack.programmes
    assert programme.results == ("We tell no result before the end that was set.",)
    assert "1235" not in everything(made)


def test_a_result_of_few_reports_is_not_told():
    few = Cells(pair(30, 4), pair(31, 29), pair(12, 13), pair(11, 14))
    made = make_public(with_result(evaluation(few)))
    (programme,) = made.pack.programmes
    assert programme.results[0] == "There are too few reports to tell a result."
    assert tables(made)["results-walks"].rows[0][1] == "not enough data"


def test_what_else_could_be_said_of_few_reports_is_not_said_either():
    """Of 2, 3, 9 and 11 the smallest change is 700 %: with the table that leaves one answer."""
    few = replace(
        evaluation(Cells(pair(2, 3), pair(9, 11))), claim_caution="Only a large change shows."
    )
    assert not isinstance(few.smallest, NoFigure)
    made = make_public(with_result(few))
    (programme,) = made.pack.programmes
    assert programme.smallest_change == "There are too few reports to tell a result."
    assert few.claim_caution not in programme.cautions
    assert f"{few.smallest.share:.0%}" not in everything(made)
    assert len(programme.results) == 1


def test_days_by_lot_are_told_as_days_by_lot():
    made = make_public(with_result(by_lot(61, 98, cells=CELLS)))
    (programme,) = made.pack.programmes
    assert "about 60 on 40 days drawn for a patrol" in programme.results[0]
    assert "about 100 on 40 days drawn for none" in programme.results[0]
    assert " went from " not in programme.results[0]
    drawn = tables(made)["reports-walks_by_lot"].rows
    assert [row[1:] for row in drawn] == [("60", "40"), ("100", "40")]
    assert tables(made)["results-walks"].rows[0][1].startswith("0.62 (")


def test_days_by_lot_need_no_control_and_no_exact_count_goes_out():
    made = make_public(with_result(by_lot(61, 98)))
    for data in (name for name in pack_files(made.pack) if name.startswith("data/reports")):
        assert not re.search(rb"\b(61|98)\b", pack_files(made.pack)[data])
    assert "61 on 40 days" not in everything(made)
    assert [row[0] for row in tables(made)["reports-walks"].rows] == ["Streets of the programme"]
    assert made.pack.programmes[0].results[0].startswith("Reported violence")


def test_few_reports_on_days_of_one_kind_hide_both_and_the_ratio():
    made = make_public(with_result(by_lot(3, 37, cells=CELLS)))
    assert tables(made)["results-walks"].rows[0][1] == "not enough data"
    assert made.pack.programmes[0].results == ("There are too few reports to tell a result.",)
    assert tables(made)["reports-walks_by_lot"].rows[0][1] == "fewer than 5"
    safe = made.tables["reports-walks_by_lot"].table
    values = possible_values(safe, exact=Counts(("on", "off"), (), np.array([3, 37])))
    assert all(low < high for low, high in values.values())


def test_an_effect_is_called_one_only_if_the_verdict_says_so():
    (fell,) = make_public(with_result(evaluation(CELLS))).pack.programmes
    assert "fell by more than chance explains" in fell.results[1]
    even = Cells(pair(1237, 1239), pair(1208, 1193), pair(402, 397), pair(388, 401))
    (same,) = make_public(with_result(evaluation(even))).pack.programmes
    assert same.results[1].startswith("We do not call this an effect.")


def test_whether_difference_and_ratio_disagree_is_not_published():
    found = replace(evaluation(CELLS), scales=f"{TWO_SCALES} {DISAGREE}", cautions=("Look.",))
    made = make_public(with_result(found))
    assert made.pack.programmes[0].cautions[0] == "Look."
    assert DISAGREE not in everything(made)


# --- small numbers ------------------------------------------------------------------------------


def test_g7_safer_and_less_safe_stand_side_by_side_as_in_the_example():
    rows = survey(("all", 68, 26, 6, 10))
    made = make_public(told(records=EvaluationRecords(surveys=rows)))
    (row,) = tables(made)["survey-walks-feels_safer"].rows
    assert row[-2:] == ("68 %", "6 %")
    assert "62" not in " ".join(row)  # 68 - 6: never netted


def test_a_share_that_would_give_a_cell_away_is_kept_back():
    rows = survey(("girls", 40, 30, 30, 8), ("boys", 41, 30, 2, 9))
    made = make_public(told(records=EvaluationRecords(surveys=rows)))
    found = {row[1]: row for row in tables(made)["survey-walks-feels_safer"].rows}
    assert found["Boys"][4] in ("fewer than 5", "not shown")
    assert found["Boys"][-1] == "not enough data"
    # Whoever knows all totals, and every count that a share gives away, cannot tell.
    safe = made.tables["survey-walks-feels_safer-sex"].table
    exact = Counts(safe.rows, safe.columns, _in_order(rows, safe))
    values = possible_values(safe, exact=exact)
    assert values
    assert all(low < high for low, high in values.values())


def _in_order(rows, safe):
    by_group = rows.set_index("group")
    return by_group.loc[list(safe.rows), list(safe.columns)].to_numpy(dtype="int64")


def test_a_ratio_tells_its_counts_and_cells_are_hidden_with_that_in_mind():
    """12 and 9 follow from the ratio and the number of pupils."""
    plain = make_public(told(touched=touched(encounters=SEEN)))
    beside = make_public(told(touched=touched(ratio(), encounters=SEEN)))
    assert tables(beside)["fairness-ratios"].rows[0][2] == "3.00 (1.27 to 7.06)"
    follows = Known(
        said=tuple(
            Statement((("stop_search", group),), count, count)
            for group, count in (("black", 12), ("white", 9))
        )
    )
    exact = Counts(tuple(SEEN.index), tuple(SEEN.columns), SEEN.to_numpy())
    fixed = [
        [low for low, high
         in possible_values(made.tables["encounters"].table, follows, exact).values()
         if low == high]
        for made in (plain, beside)
    ]  # fmt: skip
    assert fixed[0]  # without a thought for the ratio a cell could be solved for
    assert not fixed[1]


def test_g8_few_not_recorded_are_told_as_few():
    made = make_public(told(touched=touched(ratio(), encounters=SEEN)))
    (row,) = tables(made)["fairness-ratios"].rows
    cell = made.tables["encounters"].table.cells[2][list(SEEN.columns).index("not_recorded")]
    assert row[4] == {"few": "fewer than 5", "hidden": "not enough data"}[cell.kind]


def test_g8_the_share_not_recorded_is_told_in_both_tables_or_in_none():
    """Of 100 searches 88 are known by ratio and table: "12 %" beside would uncover the other 2."""
    seen = encounters(
        stop_search={"asian": 20, "black": 30, "mixed": 10, "white": 26, "other": 2,
                     "not_recorded": 12},
    )  # fmt: skip
    of = replace(ratio(a=30), reference_count=26, not_recorded=(12, 100))
    made = make_public(told(touched=touched(of, encounters=seen)))
    beside = tables(made)["fairness-ratios"].rows[0][4]
    assert beside == tables(made)["encounters"].rows[0][-1] == "not enough data"
    many = encounters(stop_search={"black": 30, "white": 26, "not_recorded": 24})
    of = replace(of, not_recorded=(24, 80))
    made = make_public(told(touched=touched(of, encounters=many)))
    assert tables(made)["fairness-ratios"].rows[0][4] == "30 %"
    assert tables(made)["encounters"].rows[0][-1] == "30 %"


def test_a_share_that_would_uncover_a_cell_of_another_row_is_kept_back():
    """28 % are 29 of 103: whoever knows that 31 were not recorded has the 2 arrests."""
    seen = encounters(
        stop_search={"black": 41, "white": 33, "not_recorded": 29},
        arrest={"black": 1, "white": 6, "not_recorded": 2},
    )
    made = make_public(told(touched=touched(encounters=seen)))
    assert tables(made)["encounters"].rows[1][-1] == "not enough data"
    exact = Counts(tuple(seen.index), tuple(seen.columns), seen.to_numpy())
    values = possible_values(made.tables["encounters"].table, Known(), exact)
    assert values
    assert all(low < high for low, high in values.values())
    follows = Known(said=(Statement((("stop_search", "not_recorded"),), 29, 29),))
    values = possible_values(made.tables["encounters"].table, follows, exact)
    assert values["arrest", "not_recorded"] == (2, 2)  # what the share would have done
    alone = make_public(told(touched=touched(encounters=seen.loc[["stop_search"]])))
    assert tables(alone)["encounters"].rows[0][-1] == "28 %"


def test_a_ratio_of_few_is_not_told_nor_drawn():
    made = make_public(told(touched=touched(ratio(a=4))))
    table = tables(made)["fairness-ratios"]
    assert table.rows[0][2] == "not enough data"
    assert table.charts[0].marks[0].value is None


def test_g1_activity_is_activity():
    made = make_public(told(touched=touched(talks=40, stop_search=0, arrests=0)))
    kinds = {key: table.kind for key, table in tables(made).items()}
    assert kinds["contacts"] == kinds["patrols"] == "activity"
    assert kinds["patrol-harm"] == "harm"


def test_a_hostile_name_stays_text():
    bad = "<img src=x onerror=alert(1)>"
    programme = replace(PROGRAMME, title=bad)
    made = make_public(told(programmes=(Evaluated(programme, None, None),)))
    page = pack_files(made.pack)["index.html"].decode()
    assert bad not in page
    assert "&lt;img" in page


def test_no_hash_is_published_that_small_counts_could_be_tried_out_on():
    far = touched(ratio(), encounters=SEEN)
    made = make_public(told(touched=far, decisions=(review(far.figures_sha256),)))
    assert far.figures_sha256 not in everything(made)
    (log,) = [record for record in made.pack.records if record.key == "decisions"]
    assert log.rows[0][1] == "Review"


def test_few_who_were_asked_are_told_as_few():
    asked = pd.DataFrame(
        {name: ["x", "x", "x"] for name in Consultations.columns()}
        | {Consultations.programme: PROGRAMME.key, Consultations.people: [3.0, 31.0, np.nan]}
    )
    made = make_public(told(records=EvaluationRecords(consultation=asked)))
    (record,) = [record for record in made.pack.records if record.key == "consultation"]
    at = list(Consultations.columns()).index(Consultations.people)
    assert [row[at] for row in record.rows] == ["fewer than 5", "30", ""]


# --- fairness, and how it was run ---------------------------------------------------------------


def at_schools(minutes: dict[str, float], pupils: dict[str, float], **why: str) -> Touched:
    made = service(pd.Series(minutes), pd.Series(pupils))
    return replace(touched(), schools=made, why_none=why)


def test_c10_minutes_by_school_say_how_far_apart_schools_are():
    both = at_schools({"100001": 100.0, "100002": 60.0}, {"100001": 200, "100002": 300})
    table = tables(make_public(told(touched=both)))["school-minutes"]
    assert table.rows == (("100001", "100", "500", ""), ("100002", "60", "200", ""))
    assert table.notes == (
        "The school with most minutes for each pupil had 2.5 times as many as the one with least.",
    )


def test_c10_a_school_without_minutes_has_a_row_a_reason_and_no_part_in_the_ratio():
    some = at_schools(
        {"100001": 100.0, "100002": 60.0, "100004": 30.0},
        {"100001": 200, "100002": 300, "100003": 90, "100004": 0, "100005": 0},
        **{"100003": "not_walked", "100005": "not_planned"},
    )
    table = tables(make_public(told(touched=some)))["school-minutes"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["100003"] == ("0", "0", "Patrols did not take place.")
    assert rows["100004"] == ("30", "not known", "")
    assert rows["100005"] == ("0", "not known", "No patrol was planned.")
    assert table.notes[0].startswith("Of the schools with patrols, the one with most minutes")
    assert "2.5 times" in table.notes[0]
    assert "number of pupils is not known" in table.notes[1]


def test_c10_one_school_is_not_compared():
    one = at_schools({"100001": 100.0}, {"100001": 200, "100002": 300}, **{"100002": "not_walked"})
    assert tables(make_public(told(touched=one)))["school-minutes"].notes == ()


def test_schools_that_no_ratio_counts_are_told_below_the_ratios():
    left = replace(touched(ratio()), left_out={"fsm": 3, "ethnicity": 1})
    assert tables(make_public(told(touched=left)))["fairness-ratios"].notes == (
        "By ethnic group, 1 school is left out: how many pupils are of each group is not known.",
    )
    assert tables(make_public(told(touched=touched(ratio()))))["fairness-ratios"].notes == ()


@pytest.mark.parametrize(
    ("in_time", "words"),
    [((30, 35), "86 %"), ((35, 35), "100 %"), ((34, 35), "not enough data"), ((0, 35), "0 %")],
)
def test_d1_how_many_patrols_were_told_in_time_stands_under_how_it_was_run(in_time, words):
    rows = dict(tables(make_public(told(in_time=in_time)))["process"].rows)
    assert rows["Patrols that families were told of in time"] == words


def test_what_should_be_none_and_what_is_not_counted_is_told_as_counts():
    found = replace(touched(), without_protocol=0, without_plan=12, unreadable=("a", "b"))
    table = tables(make_public(told(touched=found)))["process"]
    rows = dict(table.rows)
    assert rows["Patrols without an agreed protocol; must be none"] == "0"
    assert rows["Patrols written up that no plan has any more"] == "10"
    assert rows["Plans of an older version that are not counted"] == "fewer than 5"
    assert "count in talks, harm and hours" in table.notes[0]
    assert tables(make_public(told()))["process"].notes == ()


@pytest.mark.parametrize(
    ("states", "share"),
    [((30, 0), "100 %"), ((40, 10), "80 %"), ((38, 2), "not enough data"), ((0, 40), "0 %")],
)
def test_shares_of_patrols_give_no_hidden_count_away(states, share):
    """95 % of 40 says that two were not written up, where the list says "fewer than 5"."""
    walked = dict(zip(("done", "not_debriefed"), states, strict=True))
    found = replace(touched(), patrols={"shortened": 0, "cancelled": 0, **walked})
    rows = dict(tables(make_public(told(touched=found)))["process"].rows)
    assert rows["Patrols that were written up afterwards"] == share


def test_what_a_plan_writes_is_read_back_for_its_schools(tmp_path):
    plan = sample_plan()
    folder = tmp_path / "maps" / "working" / plan.inputs.ward.code / plan.inputs.week.label
    folder.mkdir(parents=True)
    (folder / "plan_OS.json").write_bytes(plan_json(plan, sample_profile()))
    found = read_planned(tmp_path, *quarter_days(QUARTER))
    assert found.urns == {u for c in plan.corridors for u in c.urns} | {
        n.urn for n in plan.no_patrol
    }
    assert len(found.urns) == 2
    assert not any(p.lacks_protocol for p in found.patrols)


def test_the_same_pack_has_the_same_bytes():
    once, twice = (make_public(with_result(evaluation(CELLS))) for _ in range(2))
    assert pack_files(once.pack) == pack_files(twice.pack)


def test_g3_a_pack_of_an_old_quarter_looks_at_nothing_new():
    def next_look(*about: str) -> str:
        packs = tuple(
            Decision("pack", quarter, "", "Analyst", "Council", "ab" * 32, date(2026, 9, 1))
            for quarter in about
        )
        made = make_public(told(decisions=packs, issued_on=date(2026, 9, 1)))
        return made.pack.programmes[0].next_evaluation

    assert "Overdue since 31/03/2026" in next_look("2025-Q4")
    assert "Overdue since 31/03/2026" in next_look("2025-Q4", "2025-Q3", "no quarter")
    assert "Overdue since" not in next_look("2025-Q4", "2026-Q2")
