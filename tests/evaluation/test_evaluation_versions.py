"""What a reader of several versions believes, and what is left of it where guesses clash."""

import numpy as np

from corridors.evaluation.solving import System, side_by_side, value_range
from corridors.evaluation.versions import Version, with_guesses

TOTAL = np.ones((1, 2))  # a plain list of two cells
ANY = (0, 100)


def lists(*spans, exact=()):
    """Versions of a list: the ranges of its two cells and of its total."""
    parts, versions = [], []
    for at, own in enumerate(spans):
        low, high = np.array(own, dtype=float).T
        parts.append(System(low, high, np.array([[1.0, 1.0, -1.0]]), np.zeros(1), np.zeros(1)))
        values = np.array(exact[at]) if exact else None
        versions.append(Version(3 * at, low, high, values))
    return side_by_side(parts), versions


def ranges(systems, variable):
    return sorted(value_range(system, variable) for system in systems)


def test_of_one_version_nothing_is_guessed():
    plain, versions = lists((ANY, (1, 4), ANY))
    assert with_guesses(plain, versions, [TOTAL]) == [plain]


def test_a_count_is_believed_to_be_the_same_through_all_versions():
    """The newest hides what the two before it narrow down: at most 4, and at least 4."""
    plain, versions = lists((ANY, ANY, ANY), ((1, 4), ANY, ANY), ((4, 9), ANY, ANY))
    assert ranges(with_guesses(plain, versions, [TOTAL]), 0) == [(4, 4)]


def test_where_the_total_changed_nothing_is_believed():
    spans = (ANY, ANY, ANY), ((1, 4), ANY, ANY)
    plain, versions = lists(*spans, exact=((3, 9, 12), (3, 8, 11)))
    assert ranges(with_guesses(plain, versions, [TOTAL]), 0) == [ANY]


def test_a_hidden_count_between_two_others_is_taken_for_either():
    """At most 4, then hidden, then 8 or more: it was put right before or after the hidden one."""
    plain, versions = lists(((8, 12), ANY, ANY), (ANY, ANY, ANY), ((1, 4), ANY, ANY))
    found = with_guesses(plain, versions, [TOTAL])
    assert ranges(found, 3) == [(1, 4), (8, 12)]
    # Two of three versions of it are one count, and all three of the other cell.
    assert {len(system.matrix) - len(plain.matrix) for system in found} == {1 + 2}


def test_what_no_table_fits_is_not_believed():
    """All words may be one count each, but totals of 4 at most and 5 at least may not."""
    plain, versions = lists(((1, 9), (1, 9), (5, 9)), ((1, 9), (1, 9), (2, 4)))
    versions = [Version(v.start, v.low, v.high, np.array([0, 0, 4])) for v in versions]
    assert with_guesses(plain, versions, [TOTAL])[0].matrix.shape == plain.matrix.shape
