"""A thousand made-up weeks: no roster breaks a rule, nobody who declined is beside police."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_teams import absences, consent, consents, earlier, people, person, records, teams
from test_solve_roster import EVERY_DAY, MIXES, SOME, solve, weeks

from corridors.profile import TrainingNeed
from corridors.tables import POLICE_LEVELS, POLICE_ROLES, Consents, People

PEOPLE = tuple(f"P{i}" for i in range(9))


@st.composite
def crowds(draw):
    count = draw(st.integers(0, len(PEOPLE)))
    rows = [
        person(
            who,
            draw(st.sampled_from(SOME)),
            organisation=draw(st.sampled_from(("Youth First", "youth  FIRST", "Trust"))),
            accepts_police=draw(st.sampled_from(POLICE_LEVELS)),
            available=draw(st.sampled_from((EVERY_DAY, "Mon", "Tue", "Mon Tue"))),
            urns=draw(st.sampled_from(("", "", "1", "1 2"))),
            wards=draw(st.sampled_from(("", "", "W1", "W2"))),
            posting=draw(st.sampled_from(("", "response"))),
            stands_in=draw(st.booleans()),
            training=draw(st.sampled_from(("", "trauma", "send trauma"))),
            vetted_on=draw(st.sampled_from((None, "2026-01-01", "2026-03-03"))),
            pay_per_hour=draw(st.sampled_from((None, 0.0, 21.5))),
        )
        for who in PEOPLE[:count]
    ]
    return people(*rows)


CONSENTS = st.lists(
    st.builds(
        lambda party, level, **scope: consent(
            party, level, party_kind="person" if party in PEOPLE else "organisation", **scope
        ),
        st.sampled_from((*PEOPLE, "YOUTH FIRST", "trust")),
        st.sampled_from(POLICE_LEVELS),
        urns=st.sampled_from(("", "1", "2 3")),
        aims=st.sampled_from(("", "walk", "other")),
        given_on=st.sampled_from(("2026-01-01", "2026-03-02", "2026-03-03")),
        expires_on=st.sampled_from((None, None, "2026-03-02", "2026-02-01")),
    ),
    max_size=6,
)
AWAY = st.lists(
    st.sampled_from(PEOPLE).flatmap(
        lambda who: st.sampled_from((
            (who, "2026-03-02", "2026-03-02"), (who, "2026-02-20", "2026-03-20"),
            (who, "2026-03-03", "2026-03-04"),
        ))
    ),
    max_size=4,
)  # fmt: skip


@st.composite
def rulebooks(draw):
    chosen = draw(st.lists(st.sampled_from(MIXES), min_size=1, max_size=3, unique=True))
    wanted = TrainingNeed(("youth_worker",), ("trauma",), is_rule=draw(st.booleans()))
    return replace(
        teams(*chosen),
        min_adults=draw(st.integers(1, 3)),
        max_patrols_per_person=draw(st.integers(1, 3)),
        schools_per_officer=draw(st.integers(1, 2)),
        max_days_per_person=draw(st.integers(1, 2)),
        travel_min=draw(st.sampled_from((0, 15, 60))),
        training=(wanted,),
        vetting=draw(st.sampled_from(("off", "told", "rule"))),
    )


@st.composite
def instances(draw):
    needs = draw(weeks(6))
    some = st.lists(st.tuples(st.sampled_from(needs), st.sampled_from(PEOPLE)), max_size=8)
    tables = {
        "consents": consents(*draw(CONSENTS)),
        "absences": absences(*draw(AWAY)),
        "last_roster": earlier(*draw(some), weeks_ago=1),
        "this_roster": earlier(*draw(some)),
    }
    kept = {name: table for name, table in tables.items() if draw(st.booleans())}
    return needs, records(draw(crowds()), **kept), draw(rulebooks())


def check(instance):
    needs, kept, profile = instance
    roster = solve(needs, kept, profile)  # solve verifies every rule and figure
    assert roster.is_optimal
    for need, staffing in zip(needs, roster.staffings, strict=True):
        if staffing.police_level == "joint_visible":
            others = [a.person_id for a in staffing.people if a.role not in POLICE_ROLES]
            assert not [who for who in others if declines(who, need, kept)]


def declines(who, need, kept):
    """Whether any word of theirs or their organisation's is against joint patrols here and then."""
    row = kept.people.loc[who]
    if row[People.accepts_police] != "joint_visible":
        return True
    table = kept.consents if kept.consents is not None else consents()
    for _, said in table.iterrows():
        name = said[Consents.party].lower().replace(" ", "")
        own = row[People.organisation].lower().replace(" ", "")
        is_theirs = said[Consents.party] == who or name == own
        in_scope = (
            not said[Consents.urns] or set(said[Consents.urns].split()) & set(need.urns)
        ) and (said[Consents.aims] in ("", "walk"))
        in_time = said[Consents.given_on].date() <= need.day and not (
            said[Consents.expires_on] == said[Consents.expires_on]
            and said[Consents.expires_on].date() < need.day
        )
        if is_theirs and in_scope and in_time and said[Consents.level] != "joint_visible":
            return True
    return False


@given(instances())
@settings(max_examples=60)
def test_b3_no_roster_breaks_a_rule_and_no_decliner_is_beside_joint_police(instance):
    check(instance)


@pytest.mark.slow
@given(instances())
@settings(max_examples=1000)
def test_b3_a_thousand_rosters_break_no_rule(instance):
    check(instance)
