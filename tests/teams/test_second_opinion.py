"""HiGHS on the same program: the same best as CP-SAT, and only rosters that keep every rule."""

import pytest
from hypothesis import given, settings
from ortools.sat.python import cp_model
from support_teams import records
from test_solve_roster import persons, profiles, weeks

from corridors.teams.candidates import people_of
from corridors.teams.linear import best
from corridors.teams.program import Asked, build, shuffled
from corridors.teams.wishes import wishes_of


@given(weeks(4), persons(6), profiles())
@settings(max_examples=20)
def test_both_solvers_agree_on_every_wish(needs, frame, profile):
    asked = shuffled(Asked(needs, people_of(records(frame)), profile), 7)
    program = build(asked)
    for wish in wishes_of(program, asked):
        if not wish.terms:
            continue
        total = cp_model.LinearExpr.weighted_sum(
            [v for _, v in wish.terms], [c for c, _ in wish.terms]
        )
        program.model.minimize(total)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        assert solver.solve(program.model) == cp_model.OPTIMAL
        values, is_proven = best(program.model, wish.terms)
        reached = sum(c * values[v.index] for c, v in wish.terms)
        assert (reached, is_proven) == (round(solver.objective_value), True)
        fixed = program.model.clone()  # what HiGHS found keeps every constraint of CP-SAT's
        for index, value in enumerate(values):
            fixed.add(fixed.get_int_var_from_proto_index(index) == value)
        assert solver.solve(fixed) == cp_model.OPTIMAL
        program.model.add(total <= reached)


def test_program_without_a_solution_has_no_best():
    model = cp_model.CpModel()
    one, other = model.new_bool_var(""), model.new_bool_var("")
    model.add(one + other >= 2)
    model.add_at_most_one([one, other])
    assert best(model, [(1, one)]) is None


def test_negated_and_conditional_clauses_are_understood():
    model = cp_model.CpModel()
    a, b, c = (model.new_bool_var("") for _ in range(3))
    model.add_bool_or([a.negated(), b])
    model.add_implication(b, c)
    model.add_bool_or([a])
    assert best(model, [(1, b), (1, c)]) == ([1, 1, 1], True)


def test_constraint_that_is_not_linear_is_refused():
    model = cp_model.CpModel()
    product, one, other = (model.new_int_var(0, 3, "") for _ in range(3))
    model.add_multiplication_equality(product, [one, other])
    with pytest.raises(ValueError, match="not linear"):
        best(model, [(1, product)])
