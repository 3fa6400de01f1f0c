"""The mapping goes into corridors.toml, and every other byte stays."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.publish.columns import columns_section, with_columns, write_columns

MAPPING = {"from": 'Date "from"', "offence": "Crime\\Type", "easting": "X\x7f", "northing": "Y"}
SECTION = columns_section(MAPPING, [("ABH on the bus", 4)])
HEAD = 'name = "x"  # keep\n\n[incidents]\nfiles = ["a.csv"]\n'
TAIL = '\n# about people\n[people]\nfile = "p.csv"\n'


def _columns(text: str) -> dict[str, str]:
    return tomllib.loads(text)["incidents"]["columns"]


def test_a_section_is_toml_with_unknown_wordings_as_comments():
    assert _columns(SECTION) == MAPPING
    assert '# "ABH on the bus" = "other"  # 4 rows\n' in SECTION


def test_a_new_section_goes_to_the_end():
    made = with_columns(HEAD + TAIL, SECTION)
    assert made == HEAD + TAIL + "\n" + SECTION
    assert _columns(made) == MAPPING


def test_an_old_section_is_replaced_where_it_stands():
    old = '[incidents.columns]  # ours\nfrom = "Old"\n# about to\nto = "O"\n'
    made = with_columns(HEAD + old + TAIL, SECTION)
    body = SECTION.partition("\n")[2]
    assert made == f"{HEAD}[incidents.columns]  # ours\n# about to\n{body}{TAIL}"
    assert with_columns(made, SECTION) == made  # a second time changes nothing
    assert "ABH" not in with_columns(made, columns_section(MAPPING, []))


def test_windows_line_ends_stay():
    text = (HEAD + TAIL).replace("\n", "\r\n")
    made = with_columns(text, SECTION)
    assert made.startswith(text)
    assert "\n" not in made.replace("\r\n", "")
    assert _columns(made) == MAPPING


@pytest.mark.parametrize(
    "text",
    [
        '[incidents]\nfiles = ["a.csv"]\ncolumns = {from = "A"}\n',
        '[incidents]\nfiles = ["a.csv"]\ncolumns.from = "A"\n',
        'incidents = {files = ["a.csv"]}\n',
        'note = """\n[incidents.columns]\nfrom = 1\n"""\n[incidents]\nfiles = ["a.csv"]\n',
        '[incidents.columns]\nfrom = """\n[\nx = 1\n"""\n',
    ],
)
def test_what_cannot_be_replaced_is_refused_and_left(tmp_path, text):
    tomllib.loads(text)
    path = tmp_path / "corridors.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="by hand"):
        write_columns(path, SECTION)
    assert path.read_text() == text


_WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(header=_WORDS, wording=_WORDS)
def test_any_header_and_wording_can_be_written(header, wording):
    section = columns_section({"from": header}, [(wording, 1)])
    made = with_columns(HEAD + TAIL, section)
    assert _columns(made) == {"from": header}


def test_the_file_keeps_its_mode_and_a_link_is_refused(tmp_path):
    path = tmp_path / "corridors.toml"
    path.write_text(HEAD)
    path.chmod(0o640)
    write_columns(path, SECTION)
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_text() == HEAD + "\n" + SECTION
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    with pytest.raises(InputError, match="link"):
        write_columns(link, SECTION)
