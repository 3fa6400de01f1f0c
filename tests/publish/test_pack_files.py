"""The publication pack's files: whole, the same each time, safe in a spreadsheet, read by tools."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support_pack import HIDDEN, RULES, hostile_pack, made_pack

from corridors import files
from corridors.errors import InputError
from corridors.model import PublicPack, PublicTable
from corridors.publish.cells import FORMULA
from corridors.publish.pack import pack_files, write_pack
from corridors.publish.pack.figures import plain_number

HOME = Path("maps/public/pack/2026-Q1")
READ_BACK = """
import json, sys, warnings
warnings.simplefilter("ignore")
import frictionless
report = frictionless.validate(sys.argv[1])
package = frictionless.Package(sys.argv[1])
print(json.dumps({
    "valid": report.valid,
    "errors": report.flatten(["type", "note"]),
    "rows": {r.name: [list(map(str, row.values())) for row in r.read_rows()]
             for r in package.resources},
}))
"""


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def with_table(pack: PublicPack, named: str, /, **changes: object) -> PublicPack:
    assert named in {table.key for table in pack.tables}
    tables = tuple(replace(t, **changes) if t.key == named else t for t in pack.tables)
    return replace(pack, tables=tables)


def table(pack: PublicPack, key: str) -> PublicTable:
    return next(t for t in pack.tables if t.key == key)


# What is in it ----------------------------------------------------------------------------------


def test_a_csv_for_each_table_and_record_and_a_picture_for_each_chart():
    pack = made_pack()
    made = pack_files(pack)
    assert set(made) == {
        "index.html", "methods.html", "transparency.html", "transparency.json",
        "datapackage.json", "SHA256SUMS",
        *(f"data/{one.key}.csv" for one in (*pack.tables, *pack.records)),
        "charts/reports-1.svg", "charts/searches-1.svg", "charts/moved-1.svg", "charts/met-1.svg",
    }  # fmt: skip


@pytest.mark.parametrize("make", [made_pack, hostile_pack])
def test_same_pack_same_bytes(make):
    assert pack_files(make()) == pack_files(make())


def test_the_sums_are_those_of_the_files():
    made = pack_files(made_pack())
    lines = made["SHA256SUMS"].decode().splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert told == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in made.items()
        if name != "SHA256SUMS"
    }
    assert [line.split("  ")[1] for line in lines] == sorted(told)


@pytest.mark.parametrize("make", [made_pack, hostile_pack])
def test_no_file_names_a_server(make):
    for name, data in pack_files(make()).items():
        text = data.decode("utf-8-sig")
        spaces = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "://" not in spaces, name
        assert "url(" not in spaces, name


# CSV --------------------------------------------------------------------------------------------


def test_a_csv_says_what_the_table_says():
    pack = made_pack()
    rows = read_csv(pack_files(pack)["data/met.csv"])
    assert rows[0] == ["group", "ratio", "low", "high", "not_recorded_percent"]
    assert rows[1:] == [list(row) for row in table(pack, "met").rows]


def test_no_cell_runs_in_a_spreadsheet():
    made = pack_files(hostile_pack())
    cells = [
        cell
        for name, data in made.items()
        if name.endswith(".csv")
        for row in read_csv(data)
        for cell in row
    ]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert any(cell.startswith("'@SUM") for cell in cells)
    assert [c for c in cells if c.startswith(FORMULA) and plain_number(c) is None] == []
    assert not any(char in cell for cell in cells for char in "\r\n\t\u202e\u200f")


def test_a_negative_figure_stays_a_number_and_a_negative_text_does_not():
    pack = made_pack()
    rows = (("-1", "10", "10", "\N{MINUS SIGN}0.5"), ("b", "-5", "10", "-2"))
    changed = with_table(pack, "reports", rows=rows, charts=())
    made = read_csv(pack_files(changed)["data/reports.csv"])
    assert made[1:] == [["'-1", "10", "10", "-0.5"], ["b", "'-5", "10", "-2"]]


# Data package -----------------------------------------------------------------------------------


def test_frictionless_reads_it_back(tmp_path):
    """In a process of its own: a test-only library whose warnings are not ours."""
    pack = made_pack()
    for kind, made in (("calm", pack_files(pack)), ("hostile", pack_files(hostile_pack()))):
        for name, data in made.items():
            (tmp_path / kind / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / kind / name).write_bytes(data)
    found = {}
    for kind in ("calm", "hostile"):
        run = subprocess.run(
            [sys.executable, "-c", READ_BACK, str(tmp_path / kind / "datapackage.json")],
            capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        found[kind] = json.loads(run.stdout)
        assert found[kind]["errors"] == []
        assert found[kind]["valid"]
    assert set(found["calm"]["rows"]) == {one.key for one in (*pack.tables, *pack.records)}
    assert found["calm"]["rows"]["met"][2] == [
        "Pupils with special needs", "None", "None", "None", "22",
    ]  # fmt: skip
    assert found["calm"]["rows"]["searches"][1] == ["Asian", HIDDEN, "hidden"]


def test_a_damaged_csv_is_found(tmp_path):
    made = pack_files(made_pack())
    (tmp_path / "data").mkdir()
    for name, data in made.items():
        if name.endswith((".csv", ".json")):
            (tmp_path / name).write_bytes(data.replace(b"250,68", b"255,68"))
    run = subprocess.run(
        [sys.executable, "-c", READ_BACK, str(tmp_path / "datapackage.json")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert [kind for kind, _ in json.loads(run.stdout)["errors"]] == ["hash-count"]


def test_the_descriptor_says_what_each_column_is():
    pack = made_pack()
    data = json.loads(pack_files(pack)["datapackage.json"])
    assert data["licenses"] == [{"name": "OGL-UK-3.0", "title": "Open Government Licence v3.0"}]
    assert data["sources"][0] == {"title": "Program: corridors 0.9.0"}
    assert all(set(source) == {"title"} for source in data["sources"])
    resources = {r["name"]: r for r in data["resources"]}
    fields = {f["name"]: f for f in resources["reports"]["schema"]["fields"]}
    assert fields["after"]["type"] == "string"
    assert all(rule in fields["after"]["description"] for rule in RULES)
    assert fields["ratio"]["type"] == "number"
    assert fields["ratio"]["missingValues"] == ["", "not enough data"]
    assert fields["part"]["type"] == "string"
    on = resources["consultation"]["schema"]["fields"][1]
    assert (on["name"], on["type"]) == ("on", "date")


@pytest.mark.parametrize("cell", ["0.71 to 0.95", "about 2", "1,000"])
def test_a_figure_in_words_is_no_number(cell):
    pack = with_table(made_pack(), "reports", rows=(("a", "10", "10", cell),), charts=())
    (reports,) = (
        r for r in json.loads(pack_files(pack)["datapackage.json"])["resources"]
        if r["name"] == "reports"
    )  # fmt: skip
    assert reports["schema"]["fields"][3]["type"] == "string"


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["../up", "", "A", "con", "a b", "-a", "é", "a" * 61, "a\n", "<img>", "a/b", "a.csv"]
)
def test_a_key_that_may_not_name_a_file_is_refused(key):
    with pytest.raises(InputError, match="not a key"):
        pack_files(with_table(made_pack(), "met", key=key))


def test_two_tables_of_one_key_are_refused():
    with pytest.raises(InputError, match="same key"):
        pack_files(with_table(made_pack(), "met", key="equality"))


@pytest.mark.parametrize("quarter", ["2026-Q5", "2026-W10", "../2026-Q1", "2026-Q1\n", ""])
def test_only_a_quarter_names_a_folder(tmp_path, quarter):
    with pytest.raises(InputError, match="not a quarter"):
        write_pack(made_pack(quarter=quarter), tmp_path)
    assert not list(tmp_path.iterdir())


def test_only_a_public_pack_becomes_a_pack():
    class Wider(PublicPack):
        """A pack that could know more."""

    pack = made_pack()
    wider = Wider(**{name: getattr(pack, name) for name in pack.__dataclass_fields__})
    for wrong in (wider, object(), None, replace(pack, programmes=(object(),))):
        with pytest.raises(TypeError, match="publication pack"):
            pack_files(wrong)


def test_safer_never_stands_alone():
    columns = tuple(c for c in table(made_pack(), "feeling").columns if "less" not in c.key)
    rows = tuple(row[:3] + row[4:] for row in table(made_pack(), "feeling").rows)
    with pytest.raises(ValueError, match="G7"):
        pack_files(with_table(made_pack(), "feeling", columns=columns, rows=rows))


def test_a_ratio_never_stands_without_the_share_not_recorded():
    columns = table(made_pack(), "met").columns[:-1]
    rows = tuple(row[:-1] for row in table(made_pack(), "met").rows)
    with pytest.raises(ValueError, match="G8"):
        pack_files(with_table(made_pack(), "met", columns=columns, rows=rows))


def test_a_row_with_a_cell_too_few_is_refused():
    with pytest.raises(ValueError, match="one cell for each column"):
        pack_files(with_table(made_pack(), "rules", rows=(("a",),)))


# On disk ----------------------------------------------------------------------------------------


def test_it_stands_in_one_place_for_all_to_read(tmp_path):
    written = write_pack(made_pack(), tmp_path)
    made = pack_files(made_pack())
    assert {p.relative_to(tmp_path / HOME).as_posix(): p.read_bytes() for p in written} == made
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(written)
    assert {stat.S_IMODE(p.stat().st_mode) for p in written} == {0o644}
    for folder in (HOME, HOME / "data", HOME / "charts"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o755


def test_a_new_version_takes_the_place_of_the_old_one_whole(tmp_path):
    write_pack(made_pack(), tmp_path)
    later = made_pack(version=3, tables=made_pack().tables[:2])
    write_pack(later, tmp_path)
    home = tmp_path / HOME
    found = {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*.*")}
    found["SHA256SUMS"] = (home / "SHA256SUMS").read_bytes()
    assert found == pack_files(later)


@pytest.mark.parametrize("step", ["stage_folder", "put_in_place"])
def test_a_failure_leaves_the_old_pack_and_nothing_else(tmp_path, monkeypatch, step):
    written = write_pack(made_pack(), tmp_path)
    before = {p: p.read_bytes() for p in written}

    def failing(*_args, **_kwargs):
        raise OSError("disk gone")

    monkeypatch.setattr(files, step, failing)
    with pytest.raises(OSError, match="disk gone"):
        write_pack(made_pack(version=3), tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_a_link_out_of_the_workspace_is_refused(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / "maps/public").mkdir(parents=True)
    (root / "maps/public/pack").symlink_to(outside, target_is_directory=True)
    with pytest.raises(InputError, match="is a link"):
        write_pack(made_pack(), root)
    assert not list(outside.iterdir())
