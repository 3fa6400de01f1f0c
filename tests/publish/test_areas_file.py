"""Fixed areas as a file: the same bytes again, and refused if one of them has changed."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from support_programmes import areas_of

from corridors.errors import InputError, MissingFileError
from corridors.model import Decision
from corridors.publish.areas_file import areas_json
from corridors.sources.areas import areas_file, read_areas


def put(root: Path, data: bytes, on: date = date(2025, 3, 1)) -> Decision:
    """Write the file, and say in the log that it was fixed."""
    path = root / areas_file("trial")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return on_record(hashlib.sha256(data).hexdigest(), on)


def on_record(sha256: str, on: date = date(2025, 3, 1)) -> Decision:
    return Decision("areas_fixed", "trial", "", "Analyst", "Council", sha256, on)


@pytest.fixture
def areas():
    return areas_of(
        "one", "two", fixed_on=date(2025, 3, 1), without_control=["two"],
        settings=(("evaluation.claim_share", "0.5"), ("window.default_finish", "15:15")),
    )  # fmt: skip


def test_what_is_read_back_is_what_was_written_and_gives_the_same_bytes(tmp_path, areas):
    data = areas_json(areas)
    found = read_areas(tmp_path, put(tmp_path, data))
    assert areas_json(found) == data == areas_json(areas)
    assert (found.programme, found.fixed_on, found.units) == ("trial", date(2025, 3, 1),
                                                              ("one", "two"))  # fmt: skip
    np.testing.assert_array_equal(found.part, areas.part)
    np.testing.assert_array_equal(found.unit, areas.unit)
    assert found.names == areas.names
    assert found.checks == areas.checks
    assert found.settings == areas.settings
    assert shapely.equals(found.lines, areas.lines).all()
    assert "OFFICIAL-SENSITIVE" in data.decode()


def test_hostile_names_and_long_lines_come_through(tmp_path, areas):
    names = ('<script>"', "=1+1", "a\nb", "\u202eabc", "Straße", "\0")
    bent = shapely.LineString([(0.004, 0), (0.006, 0.01), (1, 2), (-3, 4)])
    lines = np.array([bent, *areas.lines[1:]], dtype=object)
    changed = areas.__class__(**vars(areas) | {"names": names + areas.names[6:], "lines": lines})
    data = areas_json(changed)
    found = read_areas(tmp_path, put(tmp_path, data))
    assert found.names[:6] == names
    assert shapely.get_coordinates(found.lines[0])[:2].tolist() == [[0, 0], [0.01, 0.01]]
    assert areas_json(found) == data


def test_one_changed_byte_is_refused_with_its_hash(tmp_path, areas):
    data = areas_json(areas)
    wanted = put(tmp_path, data)
    for at in (0, len(data) // 2, len(data) - 2):
        spoilt = bytearray(data)
        spoilt[at] ^= 1
        found = put(tmp_path, bytes(spoilt))
        with pytest.raises(InputError, match="is not the file whose hash") as told:
            read_areas(tmp_path, wanted)
        assert found.sha256 in str(told.value)
        assert wanted.sha256[:12] in str(told.value)


def test_a_file_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(MissingFileError, match="--programme trial --fix"):
        read_areas(tmp_path, on_record("0" * 64))


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_is_refused_though_it_leads_to_the_right_bytes(tmp_path, areas, what):
    root, other = tmp_path / "here", tmp_path / "there"
    wanted = put(other, areas_json(areas))
    path = root / areas_file("trial")
    if what == "file":
        path.parent.mkdir(parents=True)
        path.symlink_to(other / areas_file("trial"))
    else:
        path.parent.parent.mkdir(parents=True)
        path.parent.symlink_to(other / areas_file("trial").rsplit("/", 1)[0])
    with pytest.raises(InputError, match="a link leads to it"):
        read_areas(root, wanted)


@pytest.mark.parametrize(
    "change",
    [
        {"parts": ["treated"]}, {"segments": [[0, 0, "A", [1]]]},
        {"segments": [[0, 0, "A", [1, 2]]]}, {"segments": [[0, 0, "A", []]]},
        {"segments": [[0]]}, {"segments": [[0, 0, "A", [1, 2, 3, 10**30]]]},
        {"segments": [[9, 0, "A", [1, 2, 3, 4]]]}, {"segments": [[0, 7, "A", [1, 2, 3, 4]]]},
        {"segments": [[-1, 0, "A", [1, 2, 3, 4]]]}, {"segments": None}, {"checks": [{}]},
        {"fixed_on": "1 March"}, {"units": 3}, {"settings": []}, {"settings": None},
    ],
)  # fmt: skip
def test_a_damaged_file_whose_hash_is_right_is_told_without_a_traceback(tmp_path, areas, change):
    data = json.loads(areas_json(areas)) | change
    with pytest.raises(InputError, match="is damaged"):
        read_areas(tmp_path, put(tmp_path, json.dumps(data).encode()))


@pytest.mark.parametrize("number", [1, 3, None])
def test_another_format_says_to_begin_a_new_programme(tmp_path, areas, number):
    data = json.loads(areas_json(areas)) | {"format": number}
    with pytest.raises(InputError, match=r"another format .* Begin a new programme"):
        read_areas(tmp_path, put(tmp_path, json.dumps(data).encode()))


@pytest.mark.parametrize(
    ("logged", "counts"),
    [(date(2026, 6, 1), date(2026, 6, 1)), (date(2025, 2, 1), date(2025, 3, 1))],
)
def test_areas_count_as_fixed_on_the_later_of_their_day_and_the_logs(
    tmp_path, areas, logged, counts
):
    assert read_areas(tmp_path, put(tmp_path, areas_json(areas), logged)).fixed_on == counts


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"null"])
def test_other_files_are_told_without_a_traceback(tmp_path, data):
    with pytest.raises(InputError, match="is damaged"):
        read_areas(tmp_path, put(tmp_path, data))
