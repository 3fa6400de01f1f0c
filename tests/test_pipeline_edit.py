"""A route of somebody's own, from the demo ward's files to its score."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from support_camden import MADE_ON, WEEK, write_camden
from support_plans import OTHER_WARD, load, write_demo

from corridors import sources
from corridors.errors import InputError
from corridors.patrols.explain import score_trace, team_ends
from corridors.patrols.trace import NamedStreet, Sketch, Trace, trace_route, walked_line
from corridors.pipeline import edit, make_plan
from corridors.pipeline.routes import Routed
from corridors.tables import Segments


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory):
    return load(write_demo(tmp_path_factory.mktemp("edit")), OTHER_WARD)


@pytest.fixture(scope="module")
def routed(given):
    return edit._routed(*given, lambda _stage, _share: None)


@pytest.fixture(autouse=True)
def once(monkeypatch, request):
    """The plan is the same for every question: made once."""
    if "given" in request.fixturenames:
        made = request.getfixturevalue("routed")
        monkeypatch.setattr(edit, "_routed", lambda *_: made)


def drawn(routed, number: int, team: int, shake_m: float = 0.0) -> Sketch:
    """The route of a team on its session's first day, as somebody would draw it."""
    first = next(r for r in routed if r.number == number)
    route = next(r for r in first.routes if r.team == team)
    network = first.task.network
    line_m = walked_line(network, Trace(route.node_ids, route.segment_ids))
    shift = np.random.default_rng(3).uniform(-shake_m, shake_m, line_m.shape)
    return Sketch("mine.geojson", lines_m=(line_m + shift,))


@pytest.mark.slow
def test_the_routes_are_those_of_the_plan(given, routed):
    made = make_plan(*given)
    assert {(p.day, p.route) for p in made.patrols} == {
        (one.day, route) for one in routed for route in one.routes
    }
    assert [c for *_, c in made.coverage] == [one.coverage for one in routed]


@pytest.mark.parametrize("shake_m", [0.0, 2.0])
def test_the_planned_route_drawn_again_is_the_planned_route(given, routed, shake_m):
    for team in (1, 2):
        found = edit.score_route(*given, edit.Ask(drawn(routed, 1, team, shake_m), team))
        assert found.score.value == found.score.planned_value
        assert found.score.together == routed[0].coverage.value
        assert found.score.broken == ()
        # Where the line begins a step along the street, the rest of it is filled in.
        assert sum(gap.length_m for gap, _ in found.score.gaps) <= 5
        assert found.place.number == 1


def test_the_route_may_be_kept_and_the_others_planned_round_it(given, routed):
    found = edit.score_route(*given, edit.Ask(drawn(routed, 1, 2), 1, keep=True))
    kinds = {"start", "end", "stand", "late", "apart", "too_long", "floor"}
    assert {b.kind for b in found.score.broken} <= kinds
    assert found.kept is not None
    assert [team for team, _ in found.kept_streets] == [2]
    assert [team for team, _ in found.lines_m] == [1, 2]
    for _, line_m in found.lines_m:
        assert all(np.hypot(*(b - a)) > 0 for a, b in pairwise(line_m))


def test_sessions_and_teams_that_are_not_there_are_refused(given, routed):
    sketch = drawn(routed, 1, 1)
    with pytest.raises(InputError, match=r"session 9 has no routes.*1, 2"):
        edit.score_route(*given, edit.Ask(sketch, 1, session=9))
    with pytest.raises(InputError, match=r"no team 2.*1 team, from 1 to 1"):
        edit.score_route(*given, edit.Ask(sketch, 2, session=2))
    with pytest.raises(InputError, match="no team 7"):
        edit.score_route(*given, edit.Ask(sketch, 7))


def test_a_team_is_looked_for_in_the_week(given, routed):
    found = edit.score_route(*given, edit.Ask(drawn(routed, 2, 1), 1, session=2))
    assert found.place.number == 2
    streets = Sketch("mine.txt", streets=(NamedStreet("Dunlinmead St", 1),))
    found = edit.score_route(*given, edit.Ask(streets, 2))
    assert found.place.number == 1
    assert "Dunlinmead Street" in {s.name for s in found.score.streets}


def test_every_session_with_its_own_routes_is_explained(given, routed):
    told = edit.explain_plan(*given)
    assert [t.place.number for t in told] == [1, 2]
    for session in told:
        made = next(r for r in routed if r.number == session.place.number)
        assert session.place.day == made.day
        assert session.story.value == made.coverage.value
        assert [t.team for t in session.story.teams] == [r.team for r in made.routes]
        others = [r for r in routed if r.number == made.number and r is not made]
        assert [o.place.day for o in session.others] == [r.day for r in others]
        for other, one in zip(session.others, others, strict=True):
            here, there = ({s for r in x.routes for s in r.segment_ids} for x in (made, one))
            length_m = one.task.network.segments[Segments.length_m]
            assert sum(p.length_m for p in other.fresh) == pytest.approx(
                length_m.loc[sorted(there - here)].sum()
            )
            assert sum(p.length_m for p in other.left) == pytest.approx(
                length_m.loc[sorted(here - there)].sum()
            )
    assert edit.explain_plan(*given) == told


def test_a_ward_without_patrols_says_so(given, routed, monkeypatch):
    monkeypatch.undo()
    idle = Routed(routed[0].session, routed[0].day)
    monkeypatch.setattr(edit, "find_danger", lambda _ground: None)
    monkeypatch.setattr(edit, "route_all", lambda *_: (idle,))
    with pytest.raises(InputError, match="no patrol is planned"):
        edit.explain_plan(*given)


@pytest.mark.realdata
@pytest.mark.slow
def test_planned_routes_of_a_real_ward_are_found_again_from_their_lines(tmp_path, realdata):
    opened = sources.open_workspace(write_camden(tmp_path / "w", realdata / "camden"))
    made_on = date.fromisoformat(MADE_ON)
    inputs = sources.load_inputs(opened, "E05000143", WEEK, made_on)
    quick = replace(opened.profile.patrols, iterations=5, max_seconds=600.0)
    profile = replace(opened.profile, patrols=quick)
    session, *_ = edit._routed(inputs, profile, lambda _stage, _share: None)
    planned = edit._planned(session, profile)
    assert len(session.routes) == 4
    for route in session.routes:
        sketch = drawn((session,), 1, route.team)
        trace = trace_route(planned.task.network, sketch, team_ends(planned, route.team))
        score = score_trace(planned, route.team, trace)
        # All but a turn of a few metres, which no line can be told from a wobble.
        assert score.value == pytest.approx(score.planned_value, rel=0.02)
        assert not {b.kind for b in score.broken} & {"start", "end", "stand", "site"}
        shaken = drawn((session,), 1, route.team, shake_m=5.0)
        trace = trace_route(planned.task.network, shaken, team_ends(planned, route.team))
        found = set(trace.segment_ids) & set(route.segment_ids)
        assert len(found) > 0.85 * len(set(route.segment_ids))
