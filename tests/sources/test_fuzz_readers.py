"""Whatever the bytes, a reader returns a valid result or raises one InputError that helps.

2,000 damaged files in the daily run; ``make fuzz`` reads 100,000 (``CORRIDORS_FUZZ`` says how
many). ``CORRIDORS_FUZZ_ONLY="people.csv:17"`` reads one case again.
"""

from __future__ import annotations

import os
import time
import warnings

import pytest
from support_fuzz import damaged, fuzz, write_files
from support_mutations import DAMAGES, LONGEST, generator, mutated
from support_readers import READERS, Reader

from corridors.errors import InputError

DAILY = 2_000
CASES = int(os.environ.get("CORRIDORS_FUZZ", str(DAILY)))
ONLY = os.environ.get("CORRIDORS_FUZZ_ONLY", "")
PART = 250  # cases of one test: enough parts to keep all cores busy


def parts() -> list[tuple[str, int, int]]:
    """Each reader's cases, in parts: the reader, the first case, and the one after the last."""
    if ONLY:
        name, _, number = ONLY.rpartition(":")
        return [(name, int(number), int(number) + 1)]
    count = -(-CASES // len(READERS))
    return [
        (name, start, min(start + PART, count))
        for name in READERS
        for start in range(0, count, PART)
    ]


@pytest.mark.parametrize(("name", "first", "end"), parts())
def test_damaged_files_are_read_or_refused(tmp_path, record_property, name, first, end):
    began = time.perf_counter()
    tally = fuzz(READERS[name], range(first, end), tmp_path)
    took_s = time.perf_counter() - began
    record_property("fuzz", (name, tally.cases, tally.read, tally.refused, tally.with_row, took_s))
    assert tally.cases == end - first
    assert not tally.faults, "\n\n".join(tally.faults[:5])


@pytest.mark.parametrize("name", READERS)
def test_the_good_file_is_good(tmp_path, name):
    write_files(READERS[name].files, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        READERS[name].read(tmp_path / name)


def test_a_case_depends_on_nothing_but_its_reader_and_number():
    reader = READERS["people.csv"]
    one = [damaged(reader, number) for number in range(50)]
    other = [damaged(reader, number) for number in reversed(range(50))]
    assert one == other[::-1]
    assert len({made["people.csv"] for made, _ in one}) > 40
    assert damaged(reader, 1, seed=8) != damaged(reader, 1)


def test_every_kind_of_damage_is_done_and_stays_small():
    content = READERS["force.csv"].content
    made = [mutated(content, generator(1, "x", number)) for number in range(500)]
    assert all(len(data) <= LONGEST for data, _ in made)
    done = {word for _, how in made for word in how.split(", ")}
    assert done == {damage.__name__.strip("_") for damage in DAMAGES}
    assert all(damage(b"", generator(1, "x", 0)) is not None for damage in DAMAGES)


def _raises(error):
    def read(path):
        raise error(path)

    return Reader("a.csv", b"x,y\n1,2\n", read)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (lambda _: KeyError("x"), "KeyError"),
        (lambda _: InputError("is wrong"), "names no file"),
        (lambda path: InputError(f"{path} is wrong", file="a.csv"), "gives away where"),
        (lambda _: UserWarning("take care"), "UserWarning"),
        (lambda _: InputError("is wrong" * 1000, file="a.csv", fix="y" * 9_999), None),
        (lambda _: InputError("is\nwrong", file="a.csv"), None),
        (lambda _: InputError("is wrong", file="a.csv", row=3), None),
    ],
)
def test_a_fault_is_seen_and_can_be_had_again(tmp_path, error, words):
    tally = fuzz(_raises(error), range(3, 5), tmp_path)
    if words is None:
        assert tally.refused == 2
        assert not tally.faults
    else:
        assert len(tally.faults) == 2
        assert words in tally.faults[0]
        assert 'CORRIDORS_FUZZ_ONLY="a.csv:3"' in tally.faults[0]


def test_a_reader_that_does_not_end_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("support_fuzz.HANGS_S", 0.05)

    def forever(_path):
        while True:
            pass

    tally = fuzz(Reader("a.csv", b"x", forever), range(1), tmp_path)
    assert "TimeoutError" in tally.faults[0]
