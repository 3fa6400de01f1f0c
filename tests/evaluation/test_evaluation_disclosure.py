"""No cell that is not shown can be solved for: by cases, by brute force, and by an attacker."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import attack_pack
from benchmarks.attack_pack import Case, attack, made_up, same_totals
from corridors.errors import InputError
from corridors.evaluation.disclosure import (
    TOTALS_WITHHELD,
    Counts,
    Earlier,
    Known,
    Protected,
    SafeTable,
    Statement,
    Unprotected,
    possible_values,
    protect,
    safe_to_replace,
    uncovered,
)
from corridors.evaluation.small_numbers import HEALTH, Rule, meaning, shown

RULE = Rule()


def table(counts):
    counts = np.array(counts)
    rows = tuple(f"r{i}" for i in range(len(counts)))
    columns = tuple(f"c{j}" for j in range(counts.shape[1])) if counts.ndim == 2 else ()
    return Counts(rows, columns, counts)


def words(public):
    return [[cell.words for cell in row] for row in public.cells]


def rounded_only(counts, rule=RULE):
    """What a pack without secondary suppression would show."""
    cells = counts.counts.reshape(len(counts.rows), -1)
    return SafeTable(
        counts.rows,
        counts.columns,
        tuple(tuple(shown(int(c), rule) for c in row) for row in cells),
        tuple(shown(int(c), rule) for c in cells.sum(1)) if counts.columns else (),
        tuple(shown(int(c), rule) for c in cells.sum(0)) if counts.columns else (),
        shown(int(cells.sum()), rule),
        rule,
    )


def tables_that_fit(public, exact):
    """Every whole table with the totals of ``exact`` that the words allow, one by one."""
    spans = np.array([[meaning(c, public.rule) for c in row] for row in public.cells])
    for cells in same_totals(exact):
        if (spans[..., 0] <= cells).all() and (cells <= spans[..., 1]).all():
            yield cells


# --- worked example and cases ---------------------------------------------------------------------


def test_the_worked_example_of_c4_a_three_by_three_table_with_one_cell_of_two():
    """Rounding to 5 blurs the neighbours, so that the totals, even exact, do not give it away."""
    counts = table([[12, 7, 30], [9, 2, 14], [22, 31, 8]])
    found = protect(counts, RULE)
    assert words(found.table) == [
        ["10", "5", "30"],
        ["10", "fewer than 5", "15"],
        ["20", "30", "10"],
    ]
    assert [c.words for c in found.table.row_totals] == ["50", "25", "60"]
    assert [c.words for c in found.table.column_totals] == ["45", "40", "50"]
    assert found.table.total.words == "135"
    assert possible_values(found.table, exact=counts) == {("r1", "c1"): (1, 3)}
    assert found.unprotected == ()


def test_with_zeros_beside_it_a_second_cell_is_hidden():
    counts = table([[40, 7, 30], [0, 2, 0], [22, 31, 8]])
    assert possible_values(rounded_only(counts), exact=counts) == {("r1", "c1"): (2, 2)}
    found = protect(counts, RULE)
    small = [c.kind for row in found.table.cells for c in row]
    assert small.count("hidden") == 1
    assert all(low < high for low, high in possible_values(found.table, exact=counts).values())


def test_totals_are_of_counts_not_of_rounded_cells():
    found = protect(table([[7, 7, 7], [7, 7, 7]]), RULE)
    assert found.table.row_totals[0].words == "20"
    assert found.table.total.words == "40"


def test_where_all_are_at_their_limit_the_words_themselves_are_taken_back():
    """4 and 4 of 8: both are "fewer than 5", so both are 4."""
    counts = table([4, 4])
    assert set(possible_values(rounded_only(counts), exact=counts).values()) == {(4, 4)}
    found = protect(counts, RULE)
    assert sorted(c.kind for (c,) in found.table.cells) == ["few", "hidden"]
    # The hidden one is small itself, and might as well be more.
    assert sorted(possible_values(found.table, exact=counts).values()) == [(1, 4), (4, 7)]


@pytest.mark.parametrize("counts", [[[2]], [[2], [30]], [2], [[0, 0], [0, 2]], [[9, 3]]])
def test_what_the_totals_alone_fix_is_told_and_the_totals_are_withheld(counts):
    counts = table(counts)
    found = protect(counts, RULE)
    assert [u.why for u in found.unprotected] == ["exact totals alone fix it"]
    assert found.table.notes == (TOTALS_WITHHELD,)
    totals = (*found.table.row_totals, *found.table.column_totals, found.table.total)
    assert {t.words for t in totals} == {"not shown"}
    assert found.may_be_published
    assert all(low < high for low, high in possible_values(found.table).values())


def test_true_zeros_and_empty_tables_stay():
    found = protect(table([[0, 0], [0, 0]]), RULE)
    assert words(found.table) == [["0", "0"], ["0", "0"]]
    assert found.unprotected == ()


def test_no_count_is_left_in_what_is_made_public():
    assert "counts" not in SafeTable.__dataclass_fields__
    found = protect(table([[13, 26], [39, 2]]), RULE)
    exact = {"13", "26", "39", "2", "41", "52", "28"}
    assert not exact & {c.words for c in found.table.all_cells}


def test_health_data_is_protected_by_its_own_limit():
    counts = table([[7, 0, 0], [20, 30, 40]])
    found = protect(counts, HEALTH)
    assert found.table.cells[0][0].words == "*"
    assert all(low < high for low, high in possible_values(found.table, exact=counts).values())


@pytest.mark.parametrize(
    ("rows", "columns", "counts", "says"),
    [
        (("a", "b"), (), [1, 2, 3], "labels"),
        (("a", "b"), (), [1, -2], "whole number"),
        (("a", "b"), (), [1.0, 2.0], "whole number"),
        (("a", "a"), (), [1, 2], "twice"),
        (("a", "all"), (), [1, 2], "total"),
        ((), (), [], "labels"),
    ],
)
def test_a_table_that_is_none_is_refused(rows, columns, counts, says):
    with pytest.raises(InputError, match=says):
        Counts(rows, columns, np.array(counts))


# --- by brute force -------------------------------------------------------------------------------

sparse = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 8])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(sparse, min_size=2, max_size=2), min_size=2, max_size=3))
def test_every_hidden_cell_has_two_values_among_all_tables_written_out(rows):
    counts = table(rows)
    found = protect(counts, RULE)
    fits = np.array(list(tables_that_fit(found.table, counts.counts)))
    assert (fits == counts.counts).all(axis=(1, 2)).any()
    ranges = possible_values(found.table, exact=counts)
    told = {(u.row, u.column) for u in found.unprotected}
    for (i, row), (j, column) in itertools.product(
        enumerate(counts.rows), enumerate(counts.columns)
    ):
        if found.table.cells[i][j].kind not in ("few", "hidden"):
            continue
        values = fits[:, i, j]
        assert ranges[row, column] == (values.min(), values.max())
        assert ((row, column) in told) == (values.min() == values.max())


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(sparse, min_size=3, max_size=3), min_size=3, max_size=3),
    st.permutations(range(3)),
    st.permutations(range(3)),
)
def test_the_order_of_rows_and_columns_changes_nothing(cells, rows, columns):
    counts = table(cells)
    turned = Counts(
        tuple(counts.rows[i] for i in rows),
        tuple(counts.columns[j] for j in columns),
        counts.counts[np.ix_(rows, columns)],
    )
    one, other = protect(counts, RULE), protect(turned, RULE)
    assert one.unprotected == other.unprotected
    for a, i in enumerate(rows):
        assert one.table.row_totals[i] == other.table.row_totals[a]
        for b, j in enumerate(columns):
            assert one.table.cells[i][j] == other.table.cells[a][b]


# --- what else is public --------------------------------------------------------------------------


def test_a_statement_on_a_sum_is_reckoned_with():
    """Another table says that r0 and r1 of c0 are 7 together."""
    counts = table([[2, 9], [5, 30]])
    said = Known(said=(Statement((("r0", "c0"), ("r1", "c0")), 7, 7),))
    found = protect(counts, RULE, said)
    assert all(low < high for low, high in possible_values(found.table, said, counts).values())
    with pytest.raises(InputError, match="does not have"):
        protect(counts, RULE, Known(said=(Statement((("r9", "c0"),), 0, 9),)))
    with pytest.raises(InputError, match="contradicts"):
        protect(counts, RULE, Known(said=(Statement((("r0", "c0"),), 3, 9),)))


def test_a_statement_that_gives_a_cell_away_by_itself_stops_the_pack():
    said = Known(said=(Statement((("r0", "c0"),), 2, 2),))
    found = protect(table([[2, 9], [5, 30]]), RULE, said)
    assert not found.may_be_published
    assert Unprotected("r0", "c0", "what is already public fixes it") in found.unprotected


def test_a_running_total_may_not_give_away_what_came_since():
    """10 to the last pack and 12 now, both "10", in rows whose totals are known: 2 came since."""
    before, now = table([[10, 0], [0, 30]]), table([[12, 0], [0, 30]])
    last = Earlier(protect(before, RULE).table, before)
    found = protect(now, RULE, Known(last=last))
    difference = [u for u in found.unprotected if u.of == "the difference"]
    assert [(u.row, u.column) for u in difference] == [("r0", "c0")]
    assert found.table.notes == (TOTALS_WITHHELD,)


def test_a_later_pack_does_not_uncover_the_one_before():
    """The last pack hid whether r0 had 2 in c0; that c1 is still 0 now would tell."""
    before, now = table([[2, 0, 0], [0, 0, 30]]), table([[9, 0, 0], [0, 0, 41]])
    last = Earlier(protect(before, RULE).table, before)
    alone = protect(now, RULE).table
    case = Case(now, Protected(alone), last)
    assert attack(case, knows_totals=True).recovered
    found = protect(now, RULE, Known(last=last))
    assert not attack(Case(now, found, last), knows_totals=True).recovered


def test_a_corrected_pack_may_not_show_what_the_first_hid():
    counts = table([[2, 0, 0], [40, 10, 9], [0, 0, 30]])
    old = protect(counts, RULE).table
    before = (Earlier(old, counts),)
    assert safe_to_replace(before, old, counts)
    assert not safe_to_replace(before, rounded_only(counts), counts)
    assert ("r0", "c0") in uncovered(before, rounded_only(counts), counts)
    found = protect(counts, RULE, Known(replaces=before))
    assert safe_to_replace(before, found.table, counts)


def test_a_correction_by_three_of_a_small_cell_does_not_give_both_away():
    """From 1 to 4, both "fewer than 5"; the totals say that it is 3 more, so 1 and 4."""
    first, right = table([[1, 20], [30, 40]]), table([[4, 20], [30, 40]])
    old = (Earlier(protect(first, RULE).table, first),)
    plain = protect(right, RULE).table
    assert uncovered(old, plain, right) == (("r0", "c0"),)
    found = protect(right, RULE, Known(replaces=old))
    assert safe_to_replace(old, found.table, right)


def test_a_third_version_may_not_give_away_what_the_first_hid():
    """4, then 8: hidden, since the first says "fewer than 5". The second alone would let it out."""
    first, right = table([[4, 40], [6, 9], [3, 3]]), table([[8, 40], [6, 9], [3, 3]])
    one = Earlier(protect(first, RULE).table)
    two = Earlier(protect(right, RULE, Known(replaces=(one,))).table)
    assert words(two.table)[0] == ["not shown", "40"]
    beside_last = protect(right, RULE, Known(replaces=(two,))).table
    assert words(beside_last)[0] == ["10", "40"]
    assert uncovered((one, two), beside_last) == (("r0", "c0"),)
    beside_all = protect(right, RULE, Known(replaces=(one, two)))
    assert words(beside_all.table)[0] == ["not shown", "40"]
    assert beside_all.may_be_published
    assert safe_to_replace((one, two), beside_all.table)


def test_what_was_said_beside_an_earlier_version_stays_known():
    """A ratio told that c2 is 20 in r0, of which "30" are 28 at least: so c0 and c1 are 4 and 4."""
    counts = table([[4, 4, 20], [9, 20, 20]])
    said = (Statement((("r0", "c2"),), 20, 20),)
    first = protect(counts, RULE, Known(said=said)).table
    assert words(first)[0] == ["not shown", "fewer than 5", "20"]
    without, beside = Earlier(first), Earlier(first, said=said)
    forgotten = protect(counts, RULE, Known(replaces=(without,))).table
    assert words(forgotten)[0] == ["fewer than 5", "fewer than 5", "20"]
    assert uncovered((beside,), forgotten) == (("r0", "c0"), ("r0", "c1"))
    found = protect(counts, RULE, Known(replaces=(beside,)))
    assert found.may_be_published
    assert safe_to_replace((beside,), found.table)


def test_columns_that_stayed_are_believed_where_more_was_put_right_in_a_row():
    """Three went from c2 to c0: not every count of a row whose total stayed can be what it was."""
    first, right = table([[9, 4, 3], [30, 3, 20]]), table([[12, 4, 0], [30, 3, 20]])
    old = (Earlier(protect(first, RULE).table),)
    plain = protect(right, RULE).table
    assert ("r0", "c2") in uncovered(old, plain, right)
    found = protect(right, RULE, Known(replaces=old))
    assert found.may_be_published
    assert safe_to_replace(old, found.table, right)


def test_the_least_group_of_a_rate_is_no_rule_of_cells():
    counts = table([[2, 30], [40, 10]])
    old = Earlier(protect(counts, RULE).table)
    same = protect(counts, Rule(group=50), Known(replaces=(old,)))
    assert words(same.table) == words(old.table)
    for other in (Rule(10), Rule(mark="*")):
        with pytest.raises(InputError, match="by another rule"):
            protect(counts, other, Known(replaces=(old,)))


def test_an_earlier_pack_of_other_areas_is_refused():
    old = protect(table([[2, 30], [40, 10]]), RULE).table
    with pytest.raises(InputError, match="other rows or columns"):
        protect(table([[2, 30, 1], [40, 10, 1]]), RULE, Known(replaces=(Earlier(old),)))


# --- the attacker ---------------------------------------------------------------------------------


def test_the_attacker_gets_small_counts_out_of_tables_that_are_only_rounded():
    got = 0
    for seed in range(40):
        counts = made_up(seed).counts
        case = Case(counts, Protected(rounded_only(counts)))
        got += len(attack(case, knows_totals=True).recovered)
    assert got > 20


def _attacked(seeds):
    alone = 0
    for seed in seeds:
        case = made_up(seed)
        knows_all = attack(case, knows_totals=True)
        assert knows_all.recovered == [], seed
        alone += knows_all.by_totals_alone
        assert bool(knows_all.by_totals_alone) <= bool(case.found.table.notes), seed
        reads = attack(case, knows_totals=False)
        assert reads.recovered == [], seed
        assert case.found.may_be_published, seed
    return alone


def test_the_attacker_recovers_nothing_from_protected_tables():
    assert _attacked(range(0, 1000, 13)) > 0  # some fall to totals alone, and are told


@pytest.mark.slow
def test_the_attacker_recovers_nothing_from_a_thousand_tables():
    assert _attacked(range(attack_pack.TABLES)) > 0
