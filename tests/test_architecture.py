"""The house rules that no other tool holds, and the import linter for those who only run pytest."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support_long_files import LONG_FILES

import corridors

ROOT = Path(__file__).resolve().parent.parent
LARGEST_FILE_BYTES = 3_000_000

# In two pieces, so that this file keeps the rule that it checks.
PACKAGE_HOSTS = re.compile(
    "|".join([r"pypi" + r"\.org", "python" + "hosted", "npm" + "js", "debian" + r"\.org"]),
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.:/<>*}-])/" + r"(?:work|root|home)/")

# Rooms at the edge: they may open files, pages or sockets. All else in the package is pure.
EDGES = {"__main__", "batch", "cli", "demo", "files", "profiles", "publish", "sources"}


# Layers -----------------------------------------------------------------------------------------


def _settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _linted(folder: Path) -> subprocess.CompletedProcess[str]:
    # The linter imports the package from the folder it runs in.
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1"},
    )


def test_imports_run_one_way_and_the_core_is_pure():
    run = _linted(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("risk", "import corridors.network"),
        ("tables.py", "import corridors.model"),
        ("patrols", "from pathlib import Path"),
        ("teams", "import socket"),
    ],
)
def test_the_linter_would_see_a_breach(tmp_path, room, line):
    """A contract that names modules wrongly holds for ever: break it on purpose."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "corridors", tmp_path / "corridors", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    source = tmp_path / "corridors" / room
    source = source if source.suffix else source / "__init__.py"
    source.write_text(source.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")

    run = _linted(tmp_path)

    assert run.returncode == 1, run.stdout + run.stderr
    assert "BROKEN" in run.stdout


def test_every_room_is_an_edge_or_in_the_pure_core():
    contracts = _settings()["tool"]["importlinter"]["contracts"]
    (pure,) = (set(c["source_modules"]) for c in contracts if c["id"] == "pure-core")
    rooms = {
        path.stem
        for path in (ROOT / "corridors").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert {f"corridors.{room}" for room in rooms - EDGES} == pure, (
        "name a new core module in pyproject.toml, contract 'pure-core', or in EDGES here"
    )


# Of corridors.publish, what public pages may use; it knows no plan.
FOR_ALL = {"cells", "files", "folders", "pages", "wording"}


@pytest.mark.parametrize("room", ["families", "pack"])
def test_every_module_of_publish_is_for_staff_or_for_all(room):
    contracts = _settings()["tool"]["importlinter"]["contracts"]
    (closed,) = (c["forbidden_modules"] for c in contracts if c["id"] == room)
    rooms = [name.split(".")[2] for name in closed if name.startswith("corridors.publish.")]
    assert len(rooms) == len(set(rooms))
    found = {
        path.stem
        for path in (ROOT / "corridors/publish").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert found - FOR_ALL - {room} == set(rooms), (
        f"name a new module in pyproject.toml, contract {room!r}, or in FOR_ALL here"
    )


# Tests ------------------------------------------------------------------------------------------


def _test_files() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def _unexplained_skips(source: str) -> Iterator[int]:
    """Lines of skip, skipif, xfail and importorskip that give no reason."""
    tree = ast.parse(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        marks = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if re.fullmatch(r"(pytest\.)?mark\.(skip|skipif|xfail)", marks) and id(node) not in called:
            yield node.lineno
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        reasons = [k.value for k in node.keywords if k.arg in {"reason", "msg"}]
        if re.fullmatch(r"pytest\.(skip|xfail)|(pytest\.)?mark\.skip", name):
            reasons += node.args
        elif not re.fullmatch(r"pytest\.importorskip|(pytest\.)?mark\.(skipif|xfail)", name):
            continue
        if not any(not isinstance(r, ast.Constant) or str(r.value or "").strip() for r in reasons):
            yield node.lineno


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("pytest.skip()", [1]),
        ("pytest.skip('')", [1]),
        ("pytest.skip('no pbf here')", []),
        ("@pytest.mark.skip\ndef test_it(): pass", [1]),
        ("@pytest.mark.skipif(True)\ndef test_it(): pass", [1]),
        ("@pytest.mark.skipif(True, reason='needs a Mac')\ndef test_it(): pass", []),
        ("pytest.importorskip('dask')", [1]),
        ("pytest.importorskip('dask', reason='optional')", []),
    ],
)
def test_a_skip_without_reason_is_seen(source, lines):
    assert list(_unexplained_skips(source)) == lines


def test_no_test_is_skipped_without_a_reason():
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in _test_files()
        for line in _unexplained_skips(path.read_text(encoding="utf-8"))
    }
    assert not found


def test_test_files_have_names_of_their_own():
    """Without ``__init__.py`` files pytest cannot tell two of the same name apart."""
    names = Counter(path.name for path in _test_files() if path.name != "conftest.py")
    assert not [name for name, count in names.items() if count > 1]
    assert "__init__.py" not in names


def test_long_files_that_start_first_are_there_and_once():
    names = {path.name for path in _test_files()}
    assert len(set(LONG_FILES)) == len(LONG_FILES)
    assert set(LONG_FILES) <= names


def test_long_files_start_before_all_others(request):
    """As the run that this test is in was put in order."""
    found = list(dict.fromkeys(item.path.name for item in request.session.items))
    first = [name for name in LONG_FILES if name in found]
    assert found[: len(first)] == first


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: urllib.request.urlopen("https://example.org/", timeout=1),
    ],
    ids=["connect", "look-up", "https"],
)
def test_no_test_reaches_the_network(reach):
    with pytest.raises(Exception, match="tests may not use the network"):
        reach()


@pytest.mark.browser
def test_the_browser_tests_see_what_a_page_does(browser_page, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><title>t</title><img src='https://example.org/a.png'>"
        "<script>console.log('drawn'); throw new Error('broken');</script>",
        encoding="utf-8",
    )
    opened = browser_page(page)

    assert opened.page.title() == "t"
    assert opened.requests[0] == page.as_uri()
    assert opened.outside_requests == ["https://example.org/a.png"]
    assert "log: drawn" in opened.console
    assert opened.errors == ["broken"]


# Words ------------------------------------------------------------------------------------------


def test_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def _commands() -> Iterator[tuple[str, click.Command]]:
    from corridors.cli import main

    waiting: list[tuple[str, click.Command]] = [("corridors", main)]
    while waiting:
        name, command = waiting.pop()
        yield name, command
        if isinstance(command, click.Group):
            waiting += [(f"{name} {sub}", c) for sub, c in command.commands.items()]


def test_every_command_has_help_and_stands_in_the_documents():
    documents = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    )
    for name, command in _commands():
        assert command.help, f"`{name}` has no help"
        assert name in documents, f"`{name}` is in neither README.md nor docs/"
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.help, f"`{name} {parameter.opts[0]}` has no help"


def test_version_is_the_packages_own():
    assert importlib.metadata.version("corridors") == corridors.__version__


# Committed files --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    """Files that git holds or would take: found before they are committed, not after."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def _matching_lines(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in paths:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode("utf-8", "replace").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(lines, start=1)
            if pattern.search(line)
        ]
    return found


@pytest.mark.parametrize(
    ("pattern", "seen", "unseen"),
    [
        (PACKAGE_HOSTS, "https://PyPI" + ".org/simple", "the Python package index"),
        (MACHINE_PATHS, "see '/" + "home/ann/x'", "maps/working/E05999001"),
        (MACHINE_PATHS, "/" + "root/.cache", "https://example.org/home/"),
    ],
)
def test_the_patterns_see_what_they_should(pattern, seen, unseen):
    assert pattern.search(seen)
    assert not pattern.search(unseen)


def test_committed_files_name_no_package_host(committed):
    assert not _matching_lines(committed, PACKAGE_HOSTS)


def test_committed_files_name_no_path_of_one_machine(committed):
    assert not _matching_lines(committed, MACHINE_PATHS)


def test_committed_files_are_small(committed):
    large = [str(p.relative_to(ROOT)) for p in committed if p.stat().st_size > LARGEST_FILE_BYTES]
    assert not large


def test_committed_files_hold_no_output_and_no_environment(committed):
    outputs = {"working", "public"}
    parts = [path.relative_to(ROOT).parts for path in committed]
    assert not [p for p in parts if p[0] == "maps" and len(p) > 2 and p[1] in outputs]
    assert not [p for p in parts if "site-packages" in p or "__pycache__" in p]


# Locks ------------------------------------------------------------------------------------------


def _locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    hashed = re.findall(r"^[a-z0-9.-]+==[^\n]*\\\n +--hash=sha256:", text, re.MULTILINE)
    assert len(pins) == len(hashed) > 0
    return {f"{package} {version}": version for package, version in pins}


def test_users_run_what_the_tests_ran():
    assert _locked("run").keys() < _locked("dev").keys()


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_python_gets_the_same_versions(name):
    packages = Counter(pin.split()[0] for pin in _locked(name))
    assert not [package for package, count in packages.items() if count > 1]


def test_locks_hold_every_requirement():
    settings = _settings()
    project = settings["project"]
    extras = project["optional-dependencies"]
    build = settings["build-system"]["requires"]
    expected = {
        "run": project["dependencies"] + build,
        "oldest": project["dependencies"] + build + extras["test"],
        "dev": project["dependencies"] + build + extras["test"] + extras["dev"],
    }
    for name, requirements in expected.items():
        locked = {pin.split()[0] for pin in _locked(name)}
        named = {re.split(r"[\[<>=!~; ]", text, maxsplit=1)[0].lower() for text in requirements}
        assert named - {"corridors"} <= locked, (
            f"run `make lock`: requirements/{name}.txt is behind"
        )


def _imported(folder: Path) -> set[str]:
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"corridors"}


def test_what_the_package_imports_it_also_declares():
    """A package that only another one brings along may be gone with that one's next version."""
    project = _settings()["project"]
    extras = project["optional-dependencies"]
    declared = {
        re.split(r"[\[<>=!~; ]", text, maxsplit=1)[0].lower()
        for text in [
            *project["dependencies"],
            *extras["dask"],
            *extras["parquet"],
            *extras["postgis"],
        ]
    }
    sources = importlib.metadata.packages_distributions()
    undeclared = {
        name
        for name in _imported(ROOT / "corridors")
        if not declared & {source.lower() for source in sources.get(name, [name])}
    }
    assert not undeclared


def test_oldest_lock_holds_the_floors_of_pyproject():
    """The floor that pyproject.toml promises is the version that `make test-oldest` tests."""
    locked = _locked("oldest")
    for requirement in _settings()["project"]["dependencies"]:
        name, floor = re.fullmatch(r"([A-Za-z0-9-]+)>=([\w.]+)", requirement).groups()
        version = next(v for pin, v in locked.items() if pin.startswith(f"{name.lower()} "))
        assert (version + ".").startswith(floor + "."), (
            f"{name}: {floor} promised, {version} tested"
        )
