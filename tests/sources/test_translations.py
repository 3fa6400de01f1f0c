"""A workspace's own catalogues: read where they are, and told where they came from."""

from __future__ import annotations

import hashlib

import pytest

from corridors.errors import InputError
from corridors.sources.translations import LONGEST_BYTES, read_translations

TEXT = 'msgid ""\nmsgstr ""\n\nmsgid "Where"\nmsgstr "Ble"\n'


def test_only_the_languages_of_the_profile_are_read(tmp_path):
    folder = tmp_path / "translations"
    folder.mkdir()
    for code in ("cy", "pl"):
        (folder / f"{code}.po").write_bytes(TEXT.replace("\n", "\r\n").encode("utf-8-sig"))
    texts, records = read_translations(tmp_path, ("en", "cy", "ar"))
    assert texts == (("cy", TEXT),)
    (record,) = records
    data = (folder / "cy.po").read_bytes()
    assert (record.kind, record.file) == ("translations", "translations/cy.po")
    assert record.sha256 == hashlib.sha256(data).hexdigest()
    assert (record.rows_read, record.rows_used) == (2, 2)


def test_no_folder_is_no_fault(tmp_path):
    assert read_translations(tmp_path, ("en", "cy")) == ((), ())


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"\xff\xfe", "is not UTF-8"), (b" " * (LONGEST_BYTES + 1), "is too large")],
)
def test_a_file_that_is_no_text_is_told(tmp_path, data, words):
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "cy.po").write_bytes(data)
    with pytest.raises(InputError, match=words) as error:
        read_translations(tmp_path, ("cy",))
    assert "translations/cy.po" in str(error.value)
