from __future__ import annotations

import pytest
from support_workspace import write

from corridors.errors import ColumnError
from corridors.sources.people import empty
from corridors.sources.protocol_terms import read_protocol_terms
from corridors.sources.starting import init_files
from corridors.tables import PROTOCOL_FIELDS, ProtocolTerms

TERMS = "field,value\nlead_organisation,Youth First\nreview on,06/10/2026\ncall_999,\n"


def read(tmp_path, text):
    return read_protocol_terms(write(tmp_path / "t.csv", text), file="t.csv")


def test_b2_every_field_of_the_protocol_is_there_and_empty_until_it_is_agreed(tmp_path):
    table, record = read(tmp_path, TERMS)
    assert set(table.index) == set(PROTOCOL_FIELDS)
    filled = table["value"][table["value"] != ""].to_dict()
    assert filled == {"lead_organisation": "Youth First", "review_on": "2026-10-06"}
    assert (record.rows_read, record.rows_used) == (3, 3)
    assert ProtocolTerms.validate(empty("protocol_terms"))["value"].eq("").all()


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "words"),
    [
        ("call_999", "call_99", 4, "field", "Did you mean call_999"),
        ("call_999", "lead_organisation", 4, "field", "row 2 too"),
        ("06/10/2026", "next autumn", 3, "value", "dd/mm/yyyy"),
        ("Youth First", "y" * 501, 2, "value", "longer than 500"),
        ("Youth First", "a\x07b", 2, "value", "cannot be printed"),
    ],
)
def test_a_wrong_term_is_told_with_its_row(tmp_path, old, new, row, column, words):
    assert old in TERMS
    with pytest.raises(ColumnError, match=words) as caught:
        read(tmp_path, TERMS.replace(old, new))
    assert (caught.value.row, caught.value.column) == (row, column)


def test_the_template_names_every_field_once(tmp_path):
    table, record = read(tmp_path, init_files()["data/people/protocol_terms.csv"])
    assert record.rows_read == len(PROTOCOL_FIELDS)
    assert table["value"].eq("").all()
