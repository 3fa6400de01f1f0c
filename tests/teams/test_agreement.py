"""States, chains and what an agreement covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_approvals import approvals_of

from corridors.chain import chain_of, chained
from corridors.errors import InputError
from corridors.model import PatrolRemit
from corridors.remit import as_data, from_data, remit_of
from corridors.tables import APPROVAL_STATES
from corridors.teams.agreement import (
    FORWARD,
    WITHDRAWN,
    Entry,
    covers,
    entries_of,
    last_agreed,
    require_all,
    require_next,
    standing,
)

MONDAY = PatrolRemit(date(2026, 3, 2), 900, 1020, "trust", "on_call", ("pcso", "youth_worker"))
TUESDAY = replace(MONDAY, day=date(2026, 3, 3))
BOTH = (MONDAY, TUESDAY)


def entry(state: str, remit: str = "a" * 12, on: date = date(2026, 2, 3)) -> Entry:
    return Entry("E05999001", "2026-W10", "100001", state, remit, "Deputy head", "School", on)


def test_b9_the_states_are_those_of_the_table():
    assert (*FORWARD, WITHDRAWN) == APPROVAL_STATES


@given(st.lists(st.sampled_from(APPROVAL_STATES), max_size=8))
def test_b9_no_state_is_ever_recorded_without_the_one_before_it(wanted):
    done: list[Entry] = []
    for state in wanted:
        try:
            require_next(entry(state), done)
        except InputError:
            continue
        done.append(entry(state))
    now = [e.state for e in standing(done).get("100001", ())]
    assert tuple(now) == FORWARD[: len(now)]


def test_b9_a_design_stands_for_a_changed_plan_and_an_agreement_does_not():
    before = [entry(state) for state in ("designed", "proposed", "agreed")]
    require_next(entry("proposed", "b" * 12), before)
    with pytest.raises(InputError, match="another plan, for it changed since"):
        require_next(entry("agreed", "b" * 12), before)


def test_b9_one_message_tells_of_every_school():
    other = replace(entry("agreed"), urn="100002")
    with pytest.raises(InputError) as told:
        require_all([entry("agreed"), other], [])
    assert "100001" in str(told.value)
    assert "100002" in str(told.value)


def test_c9_an_agreement_covers_its_patrols_and_fewer_but_no_others():
    agreed = entry("agreed", remit_of(BOTH))
    known = {remit_of(BOTH): BOTH}
    assert covers(agreed, MONDAY, BOTH, {})
    assert not covers(agreed, MONDAY, (MONDAY,), {})  # what it was about is not known
    assert covers(agreed, MONDAY, (MONDAY,), known)
    for changed in (
        replace(MONDAY, day=date(2026, 3, 4)),
        replace(MONDAY, start_min=905),
        replace(MONDAY, end_min=1019),
        replace(MONDAY, aim="enforcement"),
        replace(MONDAY, police_level="joint_visible"),
        replace(MONDAY, roles=("ward_officer", "youth_worker")),
    ):
        assert not covers(agreed, changed, (changed, TUESDAY), known)
        assert remit_of((changed, TUESDAY)) != remit_of(BOTH)


def test_c9_the_order_of_patrols_changes_no_hash_and_data_comes_back():
    assert remit_of(BOTH) == remit_of(BOTH[::-1])
    assert len(remit_of(())) == 12
    assert from_data(as_data(MONDAY)) == MONDAY


def test_c9_after_a_school_withdrew_nothing_is_agreed():
    rows = [entry("designed"), entry("proposed"), entry("agreed")]
    assert last_agreed(standing(rows)["100001"]) == rows[2]
    assert last_agreed(standing([*rows, entry(WITHDRAWN)])["100001"]) is None


def test_f8_the_chain_goes_through_every_cell():
    rows = [entry("designed"), entry("proposed")]
    cells = list(chained(rows, ""))
    assert cells[0][-1] == chain_of("", rows[0].cells)
    assert cells[1][-1] == chain_of(cells[0][-1], rows[1].cells)
    assert cells[0][-2] == "03/02/2026"
    for name in ("ward", "week", "urn", "state", "remit", "by", "organisation"):
        spoiled = [replace(rows[0], **{name: "x"}), rows[1]]
        assert list(chained(spoiled, ""))[1][-1] != cells[1][-1]


def test_f8_entries_come_back_from_their_table():
    rows = [entry("designed"), replace(entry("designed"), ward="E05999002")]
    table = approvals_of(rows)
    assert entries_of(table) == tuple(rows)
    assert entries_of(table, "E05999002") == (rows[1],)
    assert entries_of(table, "E05999002", "2026-W11") == entries_of(None) == ()
