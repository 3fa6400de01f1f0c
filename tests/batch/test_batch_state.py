"""What a batch remembers: read back as written, and never believed when it is not ours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from corridors import files
from corridors.batch import state
from corridors.batch.outcome import BEGUN, DONE, Outcome, Written
from corridors.batch.state import Known, WardState
from corridors.errors import InputError

WARD = "E05999001"


def _state(root, **more) -> WardState:
    page = root / "maps/page.html"
    page.parent.mkdir(exist_ok=True)
    page.write_text("page")
    outcome = Outcome(WARD, "A <b>ward</b>", DONE, ("why",), patrols=5, staffed=4,
                      files=(state.written_file(root, page),))  # fmt: skip
    return replace(WardState(outcome, "2026-02-20", "digest", "key", reads={"a": ""}), **more)


def test_a_state_comes_back_as_it_was_written(tmp_path):
    made = _state(tmp_path)
    state.write_state(
        tmp_path / "log", replace(made, outcome=replace(made.outcome, log=("a", "b")))
    )
    assert state.read_state(tmp_path / "log", WARD) == made
    assert (tmp_path / f"log/{WARD}.log").read_text() == "a\nb\n"
    assert (tmp_path / f"log/{WARD}.json").stat().st_mode & 0o777 == files.PRIVATE_FILE
    assert state.stands(tmp_path, made)


def test_inputs_come_back_as_they_were_written(tmp_path):
    known = Known(
        version="0.1",
        made_on=date(2026, 2, 20),
        files={"a.csv": "00", "b.csv": ""},
        patterns={"*.csv": ("a.csv",)},
        has_query=True,
        wards=(WARD,),
        named={"Green": WARD},
        pages=(Written("p", 1, "00"),),
        is_ended=True,
    )
    state.write_known(tmp_path, known)
    assert state.read_known(tmp_path) == known
    assert state.read_known(tmp_path).digest == known.digest
    assert replace(known, version="0.2").digest != known.digest


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(status="finished"),
        lambda d: d.update(status=["done"]),
        lambda d: d.update(patrols=-1),
        lambda d: d.update(patrols=float("inf")),
        lambda d: d.update(ward="E05999002"),
        lambda d: d.update(files=[{"place": "../../secret", "size": 1, "sha256": ""}]),
        lambda d: d.update(files=[{"place": "/secret", "size": 1, "sha256": ""}]),
        lambda d: d.update(reads={"../secret": ""}),
        lambda d: d.update(piece="../../other"),
        lambda d: d.update(format=2),
        lambda d: d.pop("key"),
        lambda d: d.clear(),
    ],
)
def test_a_foreign_state_is_none(tmp_path, change):
    state.write_state(tmp_path, _state(tmp_path))
    path = tmp_path / f"{WARD}.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    assert state.read_state(tmp_path, WARD) is None


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"[" * 100_000, b"null"])
def test_damaged_files_are_none(tmp_path, data):
    (tmp_path / f"{WARD}.json").write_bytes(data)
    (tmp_path / "inputs.json").write_bytes(data)
    assert state.read_state(tmp_path, WARD) is None
    assert state.read_known(tmp_path) is None
    assert state.all_states(tmp_path) == []


def test_a_file_that_changed_or_went_does_not_stand(tmp_path):
    made = _state(tmp_path)
    (tmp_path / "maps/page.html").write_text("pagE")
    assert not state.stands(tmp_path, made)
    (tmp_path / "maps/page.html").unlink()
    assert not state.stands(tmp_path, made)
    _state(tmp_path)
    assert state.stands(tmp_path, made)
    assert not state.stands(tmp_path, replace(made, reads={"maps/page.html": "00"}))
    assert not state.stands(tmp_path, replace(made, outcome=replace(made.outcome, status=BEGUN)))
    assert not state.stands(tmp_path, replace(made, outcome=replace(made.outcome, files=())))


def test_new_changed_and_gone_files_are_seen(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_text("a")
    known = state.look(tmp_path, ["toml", "data/b.csv"], ["data/*.csv"])
    assert state.is_unchanged(tmp_path, known)
    assert not state.is_unchanged(tmp_path, replace(known, has_query=True))
    (tmp_path / "data/c.csv").write_text("c")
    assert not state.is_unchanged(tmp_path, known)
    (tmp_path / "data/c.csv").unlink()
    (tmp_path / "toml").write_text("")
    assert not state.is_unchanged(tmp_path, known)
    (tmp_path / "toml").unlink()
    assert state.is_unchanged(tmp_path, known)
    (tmp_path / "data/a.csv").write_text("b")
    assert not state.is_unchanged(tmp_path, known)


def test_one_batch_of_a_week_at_a_time(tmp_path):
    with state.only_one(tmp_path, "2026-W10"):
        with state.only_one(tmp_path, "2026-W11"):
            pass
        with (
            pytest.raises(InputError, match="another run is writing the same batch of 2026-W10"),
            state.only_one(tmp_path, "2026-W10"),
        ):
            pass
