"""Messages: what, where, which value, what to do; and nothing hostile on a terminal."""

import inspect

import pytest

from corridors import errors


def test_a_message_names_file_row_column_value_and_what_to_do():
    text = str(
        errors.ColumnError(
            "is no date", file="people.csv", row=3, column="day", value="x", fix="Write dd/mm/yyyy"
        )
    )
    assert text == "people.csv, row 3, column day, value 'x': is no date. Write dd/mm/yyyy"


def test_a_message_without_a_place_is_the_problem_alone():
    assert str(errors.InputError("there is no team")) == "there is no team"


@pytest.mark.parametrize("hostile", ["\x1b[2Jgone", "a\nb", "\u202egnp.exe", "x" * 10_000])
def test_a_hostile_value_stays_one_short_printable_line(hostile):
    text = str(errors.InputError("is wrong", file=hostile, column=hostile, value=hostile))
    assert text.isprintable()
    assert len(text) < 400


def test_every_error_is_in_the_tree_that_the_docstring_draws():
    kinds = [
        c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__
    ]
    assert all(issubclass(c, errors.CorridorsError) for c in kinds)
    assert all(c.__name__ in (errors.__doc__ or "") for c in kinds)
