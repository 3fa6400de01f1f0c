"""A zip is read like the files in it, and nothing in it is believed."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_workspace import make_workspace, named, write

from corridors import sources
from corridors.errors import InputError
from corridors.sources import IncidentSource, archives, read_incidents
from corridors.sources.archives import open_archive, read_archive

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
NEAR_M = (530_000.0, 180_000.0, 532_000.0, 181_000.0)
NAME = "2025-01/2025-01-made-up-street.csv"


def street(*rows, end="\r\n"):
    body = [f"{i},{month},F,F,{lon},{lat},On or near X,,,Robbery,," for i, month, lon, lat in rows]
    return (end.join([HEADER, *body]) + end).encode()


def january(count=30, lon=-0.115):
    return street(*[(f"{n:064x}", "2025-01", lon + n / 1e4, 51.505) for n in range(count)])


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return path


def whole(path):
    return {m.name: place.read_bytes() for m, place in open_archive(path, file="a.zip")}


def test_months_and_forces_are_picked_inside(tmp_path):
    path = zipped(
        tmp_path / "a.zip",
        {
            f"{month}/{month}-{force}-{kind}.csv": january(2)
            for month in ("2025-02", "2025-01")
            for force in ("made-up", "other")
            for kind in ("street", "outcomes", "stop-and-search")
        },
    )
    every = [(m.month, m.force) for m, _ in open_archive(path, file="a.zip")]
    assert every == [(m, f) for m in ("2025-01", "2025-02") for f in ("made-up", "other")]
    picked = open_archive(path, file="a.zip", months=("2025-02",), forces=("other",))
    assert [m.name for m, _ in picked] == ["2025-02/2025-02-other-street.csv"]
    assert list(open_archive(path, file="a.zip", months=("2019-01",))) == []


def test_what_is_unpacked_is_private_and_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = zipped(tmp_path / "a.zip", {NAME: january()})
    for _, place in open_archive(path, file="a.zip"):
        assert place.read_bytes() == january()
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def both(tmp_path, members):
    """The incidents of a zip, and those of the same files beside it."""
    path = zipped(tmp_path / "a.zip", members)
    files = [write(tmp_path / "files" / n.rsplit("/", 1)[-1], b) for n, b in members.items()]
    sources_of = [IncidentSource((named(path),)), IncidentSource(tuple(named(f) for f in files))]
    return [read_incidents(source, near_m=NEAR_M) for source in sources_of]


def test_a_zip_in_corridors_toml_is_read_like_its_files(tmp_path):
    members = {
        NAME: january(),
        "2025-02/2025-02-made-up-street.csv": january().replace(b"2025-01", b"2025-02"),
        "2025-02/2025-02-empty-street.csv": HEADER.encode() + b"\r\n",
        "2025-02/2025-02-made-up-outcomes.csv": b"Crime ID,Month,Outcome type\r\n",
    }
    street_files = {n: members[n] for n in list(members)[:2]}
    (from_zip, (record,)), (from_files, records) = both(tmp_path, street_files)
    pd.testing.assert_frame_equal(from_zip, from_files)
    assert record.rows_read == sum(r.rows_read for r in records) == 60
    assert record.dropped == ()
    assert (record.first, record.last) == (records[0].first, records[-1].last)
    path = zipped(tmp_path / "b.zip", members)
    more, _ = read_incidents(IncidentSource((named(path),)), near_m=NEAR_M)
    pd.testing.assert_frame_equal(more, from_files)


def test_forces_far_away_are_left_out_and_counted(tmp_path):
    far = "2025-01/2025-01-far-away-street.csv"
    path = zipped(tmp_path / "a.zip", {NAME: january(), far: january(lon=-2.0)})
    draft = read_archive(path, file="a.zip", near_m=NEAR_M, salt=b"")
    assert draft.rows_read == 30
    assert draft.notes == ("files with nothing near the wards: 1",)
    assert read_archive(path, file="a.zip", near_m=None, salt=b"").rows_read == 60
    path = zipped(tmp_path / "a.zip", {far: january(lon=-2.0)})
    with pytest.raises(InputError, match=r"a\.zip: holds no crime near the wards"):
        read_archive(path, file="a.zip", near_m=NEAR_M, salt=b"")


def test_official_files_read_the_same_from_a_zip(tmp_path, realdata):
    files = sorted((realdata / "city_shoreditch/police_monthly").glob("*.csv"))
    assert len(files) == 6
    members = {f"{f.name[:7]}/{f.name}": f.read_bytes() for f in files}
    path = zipped(tmp_path / "latest.zip", members)
    near = (530_000.0, 179_000.0, 535_000.0, 184_000.0)
    zip_table, (record,) = read_incidents(IncidentSource((named(path),)), near_m=near)
    table, records = read_incidents(IncidentSource(tuple(map(named, files))), near_m=near)
    pd.testing.assert_frame_equal(zip_table, table)
    assert len(table) > 3_900
    assert record.rows_read == sum(r.rows_read for r in records)
    dropped = pd.Series(dtype="int64")
    for one in records:
        dropped = dropped.add(pd.Series(dict(one.dropped), dtype="int64"), fill_value=0)
    assert dict(record.dropped) == dropped.astype(int).to_dict()


def test_messages_name_archive_member_and_row(tmp_path):
    broken = january(3).replace(b"000002,2025-01,F,F", b"000002,2025-01,F")
    path = zipped(tmp_path / "a.zip", {NAME: broken})
    with pytest.raises(InputError) as raised:
        read_incidents(IncidentSource((replace(named(path), file="data/a.zip"),)), near_m=NEAR_M)
    assert raised.value.file == f"data/a.zip/{NAME}"
    assert raised.value.row == 4


def test_a_force_export_is_no_archive(tmp_path):
    path = zipped(tmp_path / "a.zip", {NAME: january()})
    with pytest.raises(InputError, match="zip file, not CSV"):
        read_incidents(IncidentSource((named(path),), kind="force"), near_m=NEAR_M)


@pytest.mark.parametrize(
    "name",
    [
        "../evil-street.csv", "2025-01/../../evil.csv", "/etc/passwd", "C:/evil.csv", "C:evil.csv",
        "..\\evil.csv", "2025-01\\evil.csv", "\\\\host\\share\\x.csv", "a\nb.csv", "a\x1b[2J.csv",
        "..", "2025-01/..",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    path = zipped(tmp_path / "a.zip", {NAME: january(), name: b"evil"})
    with pytest.raises(InputError, match="has a name") as raised:
        whole(path)
    assert raised.value.file == f"a.zip/{name}"
    assert str(raised.value).isprintable()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.zip", "tmp"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo(NAME)
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(InputError, match="is a link or a device"):
        whole(path)


def test_plain_files_and_folders_are_not(tmp_path):
    path = tmp_path / "a.zip"
    folder, plain = zipfile.ZipInfo("2025-01/"), zipfile.ZipInfo(NAME)
    folder.external_attr = (stat.S_IFDIR | 0o755) << 16
    plain.external_attr = (stat.S_IFREG | 0o644) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(folder, b"")
        archive.writestr(plain, january())
    assert whole(path) == {NAME: january()}


def test_bombs_are_refused_before_anything_is_unpacked(tmp_path, monkeypatch):
    unpacked = []
    monkeypatch.setattr(archives, "_unpack", lambda *a: unpacked.append(a))
    bomb = zipped(tmp_path / "a.zip", {NAME: january(), "2025-01/x.csv": b"\0" * 3_000_000})
    with pytest.raises(InputError, match=r"more than 150 times its size") as raised:
        whole(bomb)
    assert raised.value.file == "a.zip/2025-01/x.csv"
    good = zipped(tmp_path / "b.zip", {NAME: january(), "2025-01/x.csv": b"x"})
    for limit, value, words in (
        ("MOST_MEMBERS", 1, "more than 1 files"),
        ("MOST_MEMBER_BYTES", 100, "more than 0 MB"),
        ("MOST_BYTES", 100, "more than 0 GB"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(archives, limit, value)
            with pytest.raises(InputError, match=words):
                whole(good)
    assert unpacked == []


@pytest.mark.parametrize("name", ["2025-01/inner.zip", "x.GZ", "2025-01-made-up-street.csv.7z"])
def test_archives_inside_are_refused(tmp_path, name):
    path = zipped(tmp_path / "a.zip", {NAME: january(), name: b"x"})
    with pytest.raises(InputError, match="another archive inside"):
        whole(path)


def test_an_archive_that_calls_itself_csv_is_refused(tmp_path):
    inner = zipped(tmp_path / "b.zip", {NAME: january()}).read_bytes()
    path = zipped(tmp_path / "a.zip", {NAME: inner})
    with pytest.raises(InputError, match="zip file, not CSV"):
        read_archive(path, file="a.zip", near_m=None, salt=b"")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(NAME, january())
    with pytest.raises(InputError, match="packed in a way"):
        whole(path)


def test_an_encrypted_file_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {NAME: january()})
    body = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + at] |= 1
    path.write_bytes(body)
    with pytest.raises(InputError, match="is encrypted") as raised:
        whole(path)
    assert raised.value.file == f"a.zip/{NAME}"


def test_a_wrong_crc_is_told_with_its_file(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(NAME, january())
    body = path.read_bytes()
    path.write_bytes(body.replace(b"Robbery", b"robbery", 1))
    with pytest.raises(InputError, match="is damaged") as raised:
        whole(path)
    assert raised.value.file == f"a.zip/{NAME}"


def test_a_file_longer_than_it_says_is_never_taken_whole(tmp_path):
    path = zipped(tmp_path / "a.zip", {NAME: january(200)})
    size = len(january(200))
    body = path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", size - 100))
    path.write_bytes(body)
    with pytest.raises(InputError, match="is damaged"):
        whole(path)


def test_the_same_name_twice_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(NAME, january())
            archive.writestr(NAME, january(3))
    with pytest.raises(InputError, match="stands in the archive twice"):
        whole(path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"), (b"PK\x03\x04", "is damaged, or no zip"), (b"x,y\n1,2\n", "no zip"),
    ],
)  # fmt: skip
def test_what_is_no_zip_is_told(tmp_path, body, words):
    path = write(tmp_path / "a.zip", body)
    with pytest.raises(InputError, match=words):
        whole(path)


def test_an_archive_of_something_else_is_told(tmp_path):
    path = zipped(tmp_path / "a.zip", {"photos/1.jpg": b"x"})
    with pytest.raises(InputError, match="holds no file like 2025-01"):
        whole(path)


def _sound():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(NAME), january(), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("2025-01/x.csv"), b"x" * 50)
    return out.getvalue()


SOUND = _sound()
MUTATIONS = st.lists(
    st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6
)


@given(MUTATIONS, st.integers(0, len(SOUND)))
def test_a_damaged_archive_is_one_clear_error_or_whole(tmp_path_factory, changes, cut):
    body = bytearray(SOUND)
    for at, value in changes:
        body[at] = value
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    for data in (bytes(body), SOUND[:cut]):
        path.write_bytes(data)
        try:
            told, found = "a.zip", whole(path)
        except InputError as error:
            told, found = str(error), {}
        assert told.startswith("a.zip")
        assert set(found.values()) <= {january()}


def test_the_check_reads_a_zip_too(tmp_path):
    root = make_workspace(tmp_path / "ws")
    (root / "incidents/a.csv").unlink()
    zipped(root / "incidents/latest.zip", {NAME: january()})
    toml = (root / "corridors.toml").read_text().replace("incidents/*.csv", "incidents/*.zip")
    (root / "corridors.toml").write_text(toml)
    lines, errors = sources.check(sources.open_workspace(root))
    assert not errors
    (line,) = [line for line in lines if line.kind == "incidents"]
    assert line.file == "incidents/latest.zip"
    assert line.rows_used == 30
