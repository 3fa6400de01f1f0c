"""A new pack is held against everything that was ever public of the same cells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support_publication import (
    CELLS,
    PROGRAMME,
    QUARTER,
    SEEN,
    evaluation,
    pair,
    ratio,
    survey,
    told,
    touched,
)

from corridors.errors import InputError
from corridors.evaluation.cells import Cells
from corridors.model import EvaluationRecords
from corridors.publish.earlier_packs import (
    Published,
    published_json,
    read_published,
    results_told,
)
from corridors.publish.public_figures import Evaluated, Made, blocked, make_public

NOTHING = Published({}, {})
REPORTS = "reports-walks"


def written(root: Path, data: bytes) -> Published:
    """What a later run reads of a record."""
    (root / "log").mkdir(exist_ok=True)
    (root / "log/published_OS.json").write_bytes(data)
    return read_published(root)


def publish(root: Path, published: Published, quarter: str = QUARTER, **what) -> tuple:
    """One more pack: what it says, and what is public after it."""
    version = published.versions.get(quarter, 0) + 1
    made = make_public(
        told(quarter=quarter, version=version, earlier=published.before(quarter), **what)
    )
    return made, written(root, published_json(published, quarter, version, made.tables))


def result(treated) -> dict:
    cells = Cells(treated, pair(20, 30), pair(20, 0), pair(40, 0))
    return {"programmes": (Evaluated(PROGRAMME, None, evaluation(cells)),)}


def of_programme(made: Made) -> list[str]:
    table = made.tables[REPORTS].table
    return [cell.words for cell in table.cells[table.rows.index("treated")]]


# --- what may not be said -----------------------------------------------------------------------


def ratio_of(made: Made) -> str:
    (table,) = [one for one in made.pack.tables if one.key == "fairness-ratios"]
    return table.rows[0][2]


def test_what_would_uncover_a_cell_of_the_pack_before_is_not_told(tmp_path):
    """A table is public; a ratio beside it would now give one of its hidden cells away."""
    first, public = publish(tmp_path, NOTHING, touched=touched(encounters=SEEN))
    later, _ = publish(tmp_path, public, touched=touched(ratio(), encounters=SEEN))
    assert ratio_of(later) == "not enough data"
    assert later.tables == first.tables


def test_a_table_that_one_version_left_out_is_held_against_the_version_before(tmp_path):
    _, public = publish(tmp_path, NOTHING, touched=touched(encounters=SEEN))
    without, public = publish(tmp_path, public, touched=touched())
    assert "encounters" not in without.tables
    later, _ = publish(tmp_path, public, touched=touched(ratio(), encounters=SEEN))
    assert ratio_of(later) == "not enough data"


def test_a_correction_with_other_groups_is_refused(tmp_path):
    rows = survey(("girls", 40, 30, 30, 8), ("boys", 41, 30, 2, 9))
    _, public = publish(tmp_path, NOTHING, records=EvaluationRecords(surveys=rows))
    with pytest.raises(InputError, match="beside what is public already"):
        publish(tmp_path, public, records=EvaluationRecords(surveys=rows.iloc[:1]))


def test_a_result_told_in_three_quarters_is_held_against_all_of_them(tmp_path):
    """A late report makes 4 into 5, which is hidden: beside "fewer than 5" it would tell the 4."""
    _, public = publish(tmp_path, NOTHING, "2026-Q1", **result(pair(4, 4)))
    second, public = publish(tmp_path, public, "2026-Q2", **result(pair(5, 4)))
    assert of_programme(second) == ["not shown", "not shown"]
    only_last = make_public(
        told(earlier={REPORTS: (second.tables[REPORTS],)}, **result(pair(5, 4)))
    )
    assert of_programme(only_last) == ["5", "fewer than 5"]
    third, _ = publish(tmp_path, public, "2026-Q3", **result(pair(5, 4)))
    assert of_programme(third) == ["not shown", "not shown"]


def test_the_same_figures_may_be_published_again(tmp_path):
    seen = touched(encounters=SEEN)
    first, public = publish(tmp_path, NOTHING, touched=seen)
    again, _ = publish(tmp_path, public, touched=seen)
    assert again.tables == first.tables


def test_a_profile_that_tells_rates_of_larger_groups_alone_can_correct_its_pack(tmp_path):
    profile = told().profile
    larger = replace(profile, evaluation=replace(profile.evaluation, smallest_group=50))
    made, public = publish(tmp_path, NOTHING, touched=touched(encounters=SEEN), profile=larger)
    again, _ = publish(tmp_path, public, touched=touched(encounters=SEEN), profile=larger)
    assert again.tables == made.tables


# --- the record ---------------------------------------------------------------------------------


def test_what_is_public_is_read_back_as_it_was(tmp_path):
    first = make_public(told(touched=touched(ratio(), encounters=SEEN)))
    assert first.tables["encounters"].said
    data = published_json(NOTHING, QUARTER, 1, first.tables)
    found = written(tmp_path, data)
    assert found.before(QUARTER) == {key: (table,) for key, table in first.tables.items()}
    assert found.versions == {QUARTER: 1}
    assert found.before("2026-Q2") == {}  # quarters are of other days


def test_every_version_of_a_table_is_kept_and_none_twice(tmp_path):
    fewer, more = (
        make_public(told(touched=touched(encounters=SEEN, complaints=n))).tables for n in (9, 40)
    )
    public = NOTHING
    for version, tables in enumerate((fewer, {}, more, fewer), 1):
        public = written(tmp_path, published_json(public, QUARTER, version, tables))
    assert public.versions == {QUARTER: 4}
    assert public.before(QUARTER) == {
        key: (fewer[key], more[key]) if key == "patrol-harm" else (fewer[key],) for key in fewer
    }


def test_of_other_quarters_all_tables_of_programmes_stand_beside_a_pack(tmp_path):
    made = make_public(
        told(touched=touched(encounters=SEEN),
             programmes=(Evaluated(PROGRAMME, None, evaluation(CELLS)),))
    )  # fmt: skip
    late = make_public(told(**result(pair(5, 4)))).tables
    public = written(tmp_path, published_json(NOTHING, "2026-Q1", 1, made.tables))
    public = written(tmp_path, published_json(public, "2026-Q1", 2, late))
    public = written(tmp_path, published_json(public, "2026-Q2", 1, made.tables))
    assert public.before("2026-Q3") == {REPORTS: (made.tables[REPORTS], late[REPORTS])}


def test_a_record_of_an_older_program_is_read(tmp_path):
    """It kept the last table alone, without a list."""
    first = make_public(told(touched=touched(encounters=SEEN)))
    data = json.loads(published_json(NOTHING, QUARTER, 1, first.tables))
    data["tables"][QUARTER] = {key: told for key, (told,) in data["tables"][QUARTER].items()}
    for told_before in data["tables"][QUARTER].values():
        del told_before["said"]
    found = written(tmp_path, json.dumps(data).encode())
    assert found.before(QUARTER) == {key: (table,) for key, table in first.tables.items()}
    assert json.loads(published_json(found, QUARTER, 2, {}))["tables"][QUARTER].keys() == set(
        first.tables
    )


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[",
        b'{"tables": {"2026-Q1": 3}, "versions": {}}',
        b'{"tables": {"2026-Q1": {"patrols": []}}, "versions": {}}',
        b'{"tables": {"2026-Q1": {"patrols": [3]}}, "versions": {}}',
    ],
)
def test_a_damaged_record_of_what_is_public_is_refused(tmp_path, data):
    with pytest.raises(InputError, match="nobody knows what is public"):
        written(tmp_path, data)


def test_a_result_is_told_in_one_quarters_pack_alone(tmp_path):
    _, public = publish(tmp_path, NOTHING, **result(pair(400, 300)))
    assert results_told(public, "2026-Q3") == {PROGRAMME.key: QUARTER}
    assert results_told(public, QUARTER) == {}  # a correction of it
    later = {"programmes": (), "finished": ((PROGRAMME.title, QUARTER),)}
    made, _ = publish(tmp_path, public, "2026-Q3", **later)
    (record,) = [one for one in made.pack.records if one.key == "results-before"]
    assert record.rows == ((PROGRAMME.title, "January to March 2026"),)
    assert not any("no programme" in line for line in blocked(told(**later)))
