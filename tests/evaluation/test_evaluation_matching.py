"""Streets to compare with: the rules of D.5."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.evaluation.matching import BLOCKS, Streets, match, most_alike

OWN = Streets(counts=(20, 20, 20, 20), length_m=1000.0, class_share=(0.5, 0.5), flow=100.0)


def with_counts(*counts: int) -> Streets:
    return replace(OWN, counts=counts)


def test_the_same_streets_are_wholly_alike():
    found = match(OWN, OWN)
    assert (found.like_blocks, found.is_comparable, found.is_refused) == (BLOCKS, True, False)
    assert found.distance == 0.0


@pytest.mark.parametrize(
    ("count", "is_like"), [(15, True), (25, True), (14, False), (26, False), (20, True)]
)
def test_counts_within_25_percent_are_alike_and_no_others(count, is_like):
    found = match(OWN, with_counts(count, 20, 20, 20))
    assert found.like_blocks == BLOCKS - (not is_like)


@pytest.mark.parametrize(("unlike", "is_comparable"), [(0, True), (1, True), (2, False)])
def test_three_of_four_blocks_have_to_be_alike(unlike, is_comparable):
    found = match(OWN, with_counts(*[30] * unlike, *[20] * (BLOCKS - unlike)))
    assert found.is_comparable is is_comparable
    assert not found.is_refused
    assert f"{BLOCKS - unlike} of {BLOCKS}" in found.words


@pytest.mark.parametrize(
    ("counts", "is_refused"),
    [
        ((10, 10, 10, 10), False),
        ((10, 10, 10, 9), True),
        ((40, 40, 40, 40), False),
        ((40, 40, 40, 41), True),
        ((0, 0, 0, 0), True),
        ((20, 20, 20, 101), True),
    ],
)
def test_less_than_half_or_more_than_twice_is_refused(counts, is_refused):
    found = match(OWN, with_counts(*counts))
    assert found.is_refused is is_refused
    assert not (found.is_refused and found.is_comparable)
    assert ("less than half" in found.words) is is_refused


def test_streets_without_any_report_have_no_control():
    empty = with_counts(0, 0, 0, 0)
    assert match(empty, empty).is_refused
    assert most_alike(empty, [empty]) is None


def test_parts_of_the_time_before_without_any_report_are_not_alike():
    own = with_counts(30, 30, 0, 0)
    found = match(own, own)
    assert (found.like_blocks, found.is_comparable, found.is_refused) == (2, False, False)


@pytest.mark.parametrize(
    ("changes", "is_comparable", "words"),
    [
        ({"class_share": (1.0, 0.0)}, True, ""),
        ({"class_share": (0.0, 1.0)}, True, ""),
        ({"flow": 201.0}, True, ""),
        ({"flow": 202.0}, False, "; far more or fewer pupils walk there"),
        ({"flow": 49.0}, False, "; far more or fewer pupils walk there"),
    ],
)
def test_class_of_street_and_flow_are_conditions(changes, is_comparable, words):
    found = match(OWN, replace(OWN, **changes))
    assert found.is_comparable is is_comparable
    assert found.words.endswith(f"{BLOCKS} of {BLOCKS} parts of the time before{words}")


@pytest.mark.parametrize(("share", "has_class"), [(0.5, True), (0.49, False), (1.0, True)])
def test_half_of_the_length_has_to_be_of_the_same_classes(share, has_class):
    own = replace(OWN, class_share=(1.0, 0.0))
    found = match(own, replace(OWN, class_share=(share, 1 - share)))
    assert (found.has_class, found.is_comparable) == (has_class, has_class)
    assert ("another class of street" in found.words) is not has_class


def test_other_classes_and_flows_are_farther():
    assert match(OWN, replace(OWN, class_share=(1.0, 0.0))).distance == pytest.approx(0.5)
    assert match(OWN, replace(OWN, flow=201.0)).distance == pytest.approx(0.3466, abs=5e-5)


def test_comparable_streets_go_before_nearer_ones():
    near = with_counts(26, 26, 20, 20)  # two blocks unlike, but hardly
    far = replace(OWN, counts=(15, 15, 15, 15), class_share=(0.0, 1.0), flow=60.0)
    assert match(OWN, near).distance < match(OWN, far).distance
    assert most_alike(OWN, [near, far]) == 1


def test_none_is_chosen_where_all_are_refused():
    assert most_alike(OWN, [with_counts(1, 1, 1, 1), with_counts(99, 99, 99, 99)]) is None
    assert most_alike(OWN, []) is None


def test_of_equals_the_first_is_chosen():
    other = with_counts(19, 20, 20, 20)
    assert most_alike(OWN, [other, OWN, OWN]) == 1


streets = st.builds(
    Streets,
    counts=st.tuples(*[st.integers(0, 60)] * BLOCKS),
    length_m=st.just(1000.0),
    class_share=st.sampled_from([(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)]),
    flow=st.floats(0, 500),
)


@given(st.lists(streets, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter_beyond_ties(others, random):
    first = most_alike(OWN, others)
    shuffled = list(others)
    random.shuffle(shuffled)
    other = most_alike(OWN, shuffled)
    if first is None or other is None:
        assert first is other is None
        return
    one, two = match(OWN, others[first]), match(OWN, shuffled[other])
    assert one.is_comparable is two.is_comparable
    assert one.distance == pytest.approx(two.distance, abs=2e-9)


@given(streets)
def test_nothing_refused_is_ever_chosen(other):
    found = match(OWN, other)
    assert (most_alike(OWN, [other]) is None) is found.is_refused
    assert found.is_refused is not (40 <= other.total <= 160)
