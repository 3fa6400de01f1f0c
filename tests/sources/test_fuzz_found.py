"""What the fuzz has found, each with the smallest file that showed it."""

from __future__ import annotations

import warnings

import pytest
from support_fuzz import write_files
from support_readers import READERS

from corridors.errors import InputError


def refused(tmp_path, name, old, new, *, part=None):
    """The error for a reader's good file with one thing changed; a warning would be an error."""
    made = READERS[name].files
    part = part or name
    assert old in made[part]
    made[part] = made[part].replace(old, new, 1)
    write_files(made, tmp_path / "files")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as caught:
            READERS[name].read(tmp_path / "files" / name)
    assert caught.value.file
    assert len(str(caught.value)) < 2_500
    return str(caught.value)


@pytest.mark.parametrize("value", [b" ", b"x" * 100_000, b"1.2.3"])
def test_an_osm_node_without_a_number_for_its_place(tmp_path, value):
    assert "cannot be read as OSM data" in refused(
        tmp_path, "streets.osm", b'lon="-0.1200000"', b'lon="' + value + b'"'
    )


def test_a_shapefile_of_streets_in_another_encoding_than_it_says(tmp_path):
    words = refused(tmp_path, "streets.shp", b"Mill Lane", b"Mill\xa0\x92\xff", part="streets.dbf")
    assert "cannot be read as street lines" in words


def test_a_field_name_of_half_a_character(tmp_path):
    words = refused(
        tmp_path, "streets.geojson", b'"residential", "name"', b'"residential", "\xed\xa0\x80"'
    )
    assert "cannot be read as street lines" in words


def test_a_coordinate_system_that_is_no_text(tmp_path):
    words = refused(tmp_path, "wards.shp", b"GCS_WGS", b"GCS_\xdeGS", part="wards.prj")
    assert "cannot be read as shapes" in words


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"6378137.0,", b".01,"), (b'PRIMEM["Greenwich",0.0]', b'UNIT["Greenwich",0.0]')],
)
def test_a_coordinate_system_that_leads_nowhere(tmp_path, old, new):
    words = refused(tmp_path, "wards.shp", old, new, part="wards.prj")
    assert "coordinate system that cannot be used" in words


def test_street_lines_that_gdal_only_warns_of(tmp_path):
    """No warning reaches the user; the point without its second number is left out."""
    name = "streets.geojson"
    content = READERS[name].content
    start = content.index(b"[ [") + 2
    spoilt = content[:start] + b"[ -0.12 ], " + content[start:]
    write_files({name: spoilt}, tmp_path / "files")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = READERS[name].read(tmp_path / "files" / name)
    assert len(read[0].ways) >= 1


@pytest.mark.parametrize("content", [b"<OGRVRTDataSource/>", b"SQLite format 3\0", b"[1, 2]"])
def test_street_lines_of_another_kind_than_their_ending(tmp_path, content):
    """GDAL would choose a driver by content, and some fetch what a file tells them to."""
    (tmp_path / "streets.geojson").write_bytes(content)
    with pytest.raises(InputError, match=r"not what its ending \.geojson says"):
        READERS["streets.geojson"].read(tmp_path / "streets.geojson")


@pytest.mark.parametrize("number", [b"9" * 5000, b"9" * 400, b"0x" + b"f" * 5000, b"1" + b"0" * 19])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("costs.toml", b"points_a_year = "),
        ("severity.toml", b"weight = "),
        ("corridors.toml", b"name = "),
    ],
)
def test_a_number_that_is_too_long_for_toml(tmp_path, number, name, key):
    assert "breaks the rules of TOML" in refused(tmp_path, name, key, key + number + b" #")


@pytest.mark.parametrize("zone", [b"Europe", b"x" * 999, b"../../etc/passwd", b"Europe/Lond"])
def test_a_time_zone_that_is_a_folder_or_too_long_for_a_file(tmp_path, zone):
    refused(tmp_path, "school.ics", b"Europe/London", zone)


@pytest.mark.parametrize("clock", ["9" * 5000 + ":00", "15:\u00b2", "\u0663:00", ":", "24:00"])
def test_a_finish_time_that_is_none(tmp_path, clock):
    words = refused(tmp_path, "profile.toml", b'"15:15"', f'"{clock}"'.encode())
    assert "default_finish must be HH:MM" in words


def test_a_profile_that_nobody_knows_names_corridors_toml(tmp_path):
    words = refused(tmp_path, "corridors.toml", b"hackney_2024", b"hackney_2042")
    assert words.startswith("corridors.toml, column profile, value 'hackney_2042'")


def test_a_long_value_in_a_profile_makes_no_long_message(tmp_path):
    refused(tmp_path, "severity.toml", b'offence = "robbery"', b'offence = "' + b"x" * 9999 + b'"')


@pytest.mark.parametrize("name", ["log/remits_OS.jsonl", "log/changes_OS.jsonl"])
@pytest.mark.parametrize("line", [b"[" * 99_999, b"9" * 9_999, b"1", b"[]"])
def test_a_log_that_another_hand_wrote_to(tmp_path, name, line):
    assert ", row 2: is not as this tool wrote it" in refused(tmp_path, name, b"\n", b"\n" + line)


def test_numbers_without_end_in_what_was_written(tmp_path):
    plan = next(name for name in READERS if name.endswith("plan_OS.json"))
    for name in (plan, "log/remits_OS.jsonl"):
        refused(tmp_path, name, b'"start_min": 900', b'"start_min": Infinity')
    refused(tmp_path, plan, b'"patrols"', b'"x": ' + b"[" * 99_999 + b', "patrols"')
