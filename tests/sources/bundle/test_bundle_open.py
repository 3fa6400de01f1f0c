"""A bundle from elsewhere: the whole workspace, or nothing, and never a file outside."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from support_workspace import make_workspace, write

from corridors.errors import InputError
from corridors.sources.bundle import make_bundle, open_bundle

CONFIG, MANIFEST, MARKING = "corridors.toml", "manifest.json", b"OFFICIAL-SENSITIVE"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    target = folder / "b_OS.zip"
    make_bundle(make_workspace(folder / "workspace"), target)
    return target


def entries(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def listed(files: dict[str, bytes]) -> list[dict[str, object]]:
    return [
        {"path": path, "kind": "schools", "size": len(data),
         "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in files.items()
    ]  # fmt: skip


def forge(path: Path, files: dict[str, bytes], manifest=None, **changes) -> Path:
    """A bundle whose manifest agrees with its files, unless told otherwise."""
    data = {
        "format": "corridors bundle", "format_version": 1, "marking": "OFFICIAL-SENSITIVE",
        "corridors": "0", "files": listed(files) if manifest is None else manifest,
    } | changes  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = MARKING
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(MANIFEST, json.dumps(data))
    return path


def good_files(bundle: Path) -> dict[str, bytes]:
    return {name: data for name, data in entries(bundle).items() if name != MANIFEST}


def refused(path: Path, words: str) -> None:
    """It is refused in these words, and leaves nothing."""
    folder = path.parent
    before = sorted(p.name for p in folder.iterdir())
    with pytest.raises(InputError, match=words) as caught:
        open_bundle(path, folder / "opened")
    assert caught.value.file
    assert sorted(p.name for p in folder.iterdir()) == before


def test_what_was_made_is_opened_byte_for_byte(bundle, tmp_path):
    target = tmp_path / "new" / "copy"
    opened = open_bundle(bundle, target)
    assert opened.sha256 == hashlib.sha256(bundle.read_bytes()).hexdigest()
    found = {p.relative_to(target).as_posix(): p for p in target.rglob("*") if p.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == good_files(bundle)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in found.values()}
    folders = {stat.S_IMODE(p.stat().st_mode) for p in (target, target / "incidents")}
    assert (modes, folders) == ({0o600}, {0o700})
    assert sorted(p.name for p in target.parent.iterdir()) == ["copy"]
    again = make_bundle(target, tmp_path / "again_OS.zip")
    assert again.sha256 == opened.sha256


def test_an_empty_folder_is_taken_and_a_folder_in_use_is_not(bundle, tmp_path):
    (tmp_path / "empty").mkdir()
    open_bundle(bundle, tmp_path / "empty")
    assert (tmp_path / "empty" / CONFIG).is_file()
    with pytest.raises(InputError, match="is not empty"):
        open_bundle(bundle, tmp_path / "empty")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        open_bundle(bundle, tmp_path / "link")
    write(tmp_path / "file", "x")
    with pytest.raises(InputError, match="is a file"):
        open_bundle(bundle, tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil.csv", "leads out"),
        ("a/../../evil.csv", "leads out"),
        ("/etc/evil", "leads out"),
        ("a//b", "leads out"),
        ("folder/", "leads out"),
        ("./x", "leads out"),
        ("C:/evil", "not every system"),
        ("c:evil", "not every system"),
        ("..\\evil.csv", "not every system"),
        ("\\\\host\\share", "not every system"),
        ("x.csv:stream", "not every system"),
        ("aux.csv", "device"),
        ("data/COM1", "device"),
        ("lpt\u00b9.txt", "device"),
        (".bashrc", "hidden"),
        (".git/config", "hidden"),
        ("x.", "full stop"),
        ("x ", "a space"),
        ("a\nb", "cannot be printed"),
        ("\u202ecsv.x", "cannot be printed"),
        ("x" * 300, "longer than"),
        ("SCHOOLS.csv", "clashes"),
        ("schools.csv/x", "clashes"),
        ("Corridors.TOML", "clashes"),
    ],
)
def test_a_name_that_could_do_harm_is_refused(bundle, tmp_path, name, words):
    refused(forge(tmp_path / "x_OS.zip", {**good_files(bundle), name: b"evil"}), words)


def test_a_name_behind_a_nul_is_refused(bundle, tmp_path):
    path = forge(tmp_path / "x_OS.zip", {**good_files(bundle), "good.csvX/../../evil": b"evil"})
    path.write_bytes(path.read_bytes().replace(b"good.csvX", b"good.csv\0"))
    refused(path, "cannot be printed|leads out")


def test_links_are_refused(bundle, tmp_path):
    path = tmp_path / "x_OS.zip"
    files = good_files(bundle) | {"link.csv": b"/etc/passwd"}
    with zipfile.ZipFile(forge(path, files)) as archive:
        infos = archive.infolist()
        contents = [archive.read(info) for info in infos]
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = MARKING
        for info, content in zip(infos, contents, strict=True):
            if info.filename == "link.csv":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, content)
    refused(path, "it is a link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(bundle, tmp_path):
    path = forge(tmp_path / "x_OS.zip", good_files(bundle))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("schools.csv", b"other")
    refused(path, "there twice")


def test_files_and_manifest_have_to_agree(bundle, tmp_path):
    files, path = good_files(bundle), tmp_path / "x_OS.zip"
    refused(forge(path, files | {"more.csv": b""}, listed(files)), "does not name it")
    refused(forge(path, files, listed(files | {"more.csv": b""})), "missing, though")
    refused(forge(path, files, listed(files | {"schools.csv": b""})), "not of the size")
    other = files["schools.csv"].replace(b"Academy", b"Acadomy")
    refused(forge(path, files, listed(files | {"schools.csv": other})), "SHA-256 differ")
    refused(forge(path, files, listed(files) * 2), "names a file twice")
    refused(forge(path, files, [{"path": CONFIG}]), "is no bundle")
    refused(forge(path, files, format="zip"), "is no bundle")
    refused(forge(path, files, format_version=2), "format that is not known")
    refused(forge(path, files, corridors=7), "is no bundle")
    del files[CONFIG]
    refused(forge(path, files), f"holds no {CONFIG}")


def test_a_file_that_corridors_toml_does_not_read_is_refused(bundle, tmp_path):
    files = good_files(bundle) | {"extra.csv": b"x"}
    refused(forge(tmp_path / "x_OS.zip", files), "reads other files than the bundle holds")


@pytest.mark.parametrize("place", ["/etc/hostname", "../x_OS.zip"])
def test_a_corridors_toml_that_reads_files_of_the_machine_is_refused(bundle, tmp_path, place):
    files = good_files(bundle)
    files[CONFIG] = files[CONFIG].replace(b'"schools.csv"', f'"{place}"'.encode())
    del files["schools.csv"]
    refused(forge(tmp_path / "x_OS.zip", files), "reads other files|no such file")


def test_bombs_are_refused(bundle, tmp_path, monkeypatch):
    files = good_files(bundle) | {"bomb.csv": bytes(60_000_000)}
    refused(forge(tmp_path / "x_OS.zip", files), "more than is safe")
    monkeypatch.setattr("corridors.sources.bundle.archive.MOST_FILES", 5)
    refused(forge(tmp_path / "x_OS.zip", good_files(bundle)), "more than 5 files")


def test_a_size_that_lies_is_found_out(bundle, tmp_path):
    """Declared small in the list of files, large in truth."""
    files = good_files(bundle) | {"schools.csv": b"x" * 100_000}
    path = forge(tmp_path / "x_OS.zip", files, listed(files | {"schools.csv": b"x" * 10}))
    data, real, lie = path.read_bytes(), struct.pack("<L", 100_000), struct.pack("<L", 10)
    assert data.count(real) == 2
    path.write_bytes(data.replace(real, lie))
    refused(path, "damaged|SHA-256 differ")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_bundle_cut_short_is_refused(bundle, tmp_path, share):
    data = bundle.read_bytes()
    path = write(tmp_path / "x_OS.zip", data[: int(share * len(data))])
    refused(path, "is empty|no zip file|not marked")


def test_one_wrong_byte_anywhere_changes_nothing_or_is_refused(bundle, tmp_path):
    data, good = bytearray(bundle.read_bytes()), good_files(bundle)
    for at in range(0, len(data), 97):
        path = write(
            tmp_path / f"{at}" / "x_OS.zip",
            bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]),
        )
        try:
            open_bundle(path, path.parent / "copy")
        except InputError:
            assert [p.name for p in path.parent.iterdir()] == ["x_OS.zip"]
        else:
            assert {name: (path.parent / "copy" / name).read_bytes() for name in good} == good


def test_a_password_and_other_ways_of_packing_are_refused(bundle, tmp_path):
    path = forge(tmp_path / "x_OS.zip", good_files(bundle))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.comment = MARKING
        for name, content in entries(bundle).items():
            archive.writestr(name, content)
    refused(path, "packed in a way")
