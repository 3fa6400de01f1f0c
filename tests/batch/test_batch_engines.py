"""Engines give the same outcomes, make up for lost processes, and hand out little ahead."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support_units import KILL, order_of, quick_unit, slow_unit

from corridors.batch.engines import LOST, engine_of, finished, in_process, local_processes
from corridors.batch.outcome import BAD_INPUT, DONE, FAILED, exit_code_of
from corridors.errors import InputError

DASK = Path(__file__).with_name("support_dask.py")
ROOT = Path(__file__).parents[2]
WARDS = [f"E0500000{n}" for n in range(8)]


def _outcomes(engine, unit=quick_unit, wards=WARDS):
    found = finished(engine, unit, (order_of(ward) for ward in wards))
    return {o.ward: replace(o, log=()) for o in found}


def test_processes_give_what_this_process_gives():
    assert _outcomes(local_processes(2)) == _outcomes(in_process())
    assert set(_outcomes(in_process())) == set(WARDS)


def test_work_goes_to_other_processes():
    made = list(finished(local_processes(2), slow_unit, map(order_of, WARDS)))
    here = list(finished(in_process(), quick_unit, map(order_of, WARDS)))
    assert len({o.log for o in made}) == 2
    assert not {o.log for o in made} & {o.log for o in here}


@pytest.mark.parametrize(("engine", "most"), [(in_process(), 1), (local_processes(2), 8)])
def test_orders_are_taken_only_a_few_ahead(engine, most):
    taken, most_ahead, back = 0, 0, 0

    def orders():
        nonlocal taken, most_ahead
        for number in range(20):
            taken += 1
            most_ahead = max(most_ahead, taken - back)
            yield order_of(f"E{number:08d}")

    for _ in finished(engine, quick_unit, orders()):
        back += 1
    assert back == 20
    assert most_ahead <= most + 1


WAITING = """
import sys
sys.path[:0] = sys.argv[1:]
if __name__ == "__main__":
    from support_units import order_of, waiting_unit
    from corridors.batch.engines import finished, local_processes
    list(finished(local_processes(2), waiting_unit, map(order_of, ["E05000001", "E05000002"])))
"""


def test_processes_end_with_a_parent_that_was_killed(tmp_path):
    (tmp_path / "waiting.py").write_text(WAITING)
    words = [sys.executable, str(tmp_path / "waiting.py"), *map(str, (DASK.parent, ROOT))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        assert [parent.stdout.readline() for _ in range(2)] == ["began\n"] * 2
        parent.kill()
        assert parent.stdout.read() == ""  # read to the end: the last of them is gone


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_process_is_made_up_for(tmp_path, monkeypatch, times):
    monkeypatch.setenv(KILL, f"{WARDS[3]} {times} {tmp_path}")
    made = _outcomes(local_processes(2))
    assert len(list(tmp_path.iterdir())) == times
    assert {ward: o.status for ward, o in made.items()} == dict.fromkeys(WARDS, DONE)


@pytest.mark.slow
def test_a_ward_that_kills_its_process_each_time_fails_alone(tmp_path, monkeypatch):
    monkeypatch.setenv(KILL, f"{WARDS[3]} 9 {tmp_path}")
    made = _outcomes(local_processes(2))
    assert len(list(tmp_path.iterdir())) == 3
    assert made.pop(WARDS[3]).reason == (LOST,)
    assert {o.status for o in made.values()} == {DONE}
    assert set(made) == {*WARDS} - {WARDS[3]}


def test_an_answer_that_is_none_is_one_failed_ward():
    def broken(order):
        if order.ward == WARDS[0]:
            raise RuntimeError("not an outcome")
        return quick_unit(order)

    made = _outcomes(in_process(), broken)
    assert made[WARDS[0]].status == FAILED
    assert made[WARDS[0]].exit_code == 1
    assert [o.status for w, o in made.items() if w != WARDS[0]] == [DONE] * 7


def test_exit_codes():
    done, *_ = _outcomes(in_process()).values()
    bad = replace(done, status=FAILED, exit_code=BAD_INPUT)
    crashed = replace(done, status=FAILED, exit_code=1)
    assert exit_code_of([done, replace(done, status="no_patrol")]) == 0
    assert exit_code_of([done, bad]) == 2
    assert exit_code_of([bad, crashed, done]) == 1


def test_processes_and_a_scheduler_are_one_too_many():
    with pytest.raises(InputError, match="--processes"):
        engine_of(2, "tcp://127.0.0.1:8786")


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"corridors\[dask\]"):
        engine_of(None, "tcp://127.0.0.1:8786")


def _dask(*words: str) -> dict[str, object]:
    """In a process of its own: here the network is refused."""
    done = subprocess.run(
        [sys.executable, str(DASK), *words], capture_output=True, text=True, check=False,
        timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_cluster_outlives_a_killed_worker(tmp_path):
    told = _dask("killed", str(tmp_path))
    assert told["killed"] == dict.fromkeys(told["wards"], DONE)
    assert told["deaths"] == 1


@pytest.mark.slow
def test_a_ward_that_kills_every_worker_and_a_scheduler_that_is_gone(tmp_path):
    told = _dask("lost", str(tmp_path))
    assert told["poisoned"].pop(told["wards"][3]) == FAILED
    assert set(told["poisoned"].values()) == {DONE}
    assert "cannot be reached" in told["no_scheduler"]
    assert "was lost on the way" in told["scheduler_gone"]
