"""What is no file of its kind at all is refused. Damaged ones: ``test_fuzz_readers``."""

from __future__ import annotations

import pytest
from support_readers import READERS
from support_workspace import write

from corridors.errors import InputError

# A list of streets may hold any word; a catalogue without sentences, and a log, may be empty.
LENIENT = ("route.txt", "translations/cy.po", "log/remits_OS.jsonl", "log/changes_OS.jsonl")


@pytest.mark.parametrize("name", sorted(set(READERS) - set(LENIENT)))
@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\0" * 99, b"x", b"PK\x03\x04"])
def test_nonsense_is_refused(tmp_path, name, content):
    with pytest.raises(InputError):
        READERS[name].read(write(tmp_path / name, content))


@pytest.mark.parametrize("name", READERS)
def test_a_folder_in_place_of_the_file_is_refused_or_no_file(tmp_path, name):
    (tmp_path / name).mkdir(parents=True)
    try:
        found = READERS[name].read(tmp_path / name)
    except InputError:
        return
    assert not found or found == ((), ())
