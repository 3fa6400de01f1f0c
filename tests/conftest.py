"""What every test may count on: no network, the same examples each run, real data, a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings
from support_long_files import LONG_FILES, LONG_S
from support_server import LocalServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# Hypothesis -------------------------------------------------------------------------------------
# A test that passed must pass again: no random examples in the daily run, no clock.
# `pytest --hypothesis-profile nightly` looks further, with new examples each time.

settings.register_profile(
    "daily",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("daily")


# No network -------------------------------------------------------------------------------------


class NetworkUsedError(RuntimeError):
    """A test reached for the network. Not an OSError, so that no retry can swallow it."""


_FORBIDDEN_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
    }
)


# Ports of servers that a test runs itself; `support_server` opens and closes them.
OWN_PORTS: set[int] = set()


def _is_own(event: str, args: tuple[Any, ...]) -> bool:
    """Whether a test asks a server of its own, on this machine."""
    if event == "socket.gethostbyname":  # of an address: nobody is asked
        return args[0] == "127.0.0.1"
    place = args[1] if event == "socket.connect" else args[:2]
    if not isinstance(place, tuple) or len(place) < 2:
        return False
    return place[0] in ("127.0.0.1", b"127.0.0.1") and str(place[1]) in map(str, OWN_PORTS)


def _refuse_network(event: str, args: tuple[Any, ...]) -> None:
    """Stop at the interpreter's own audit events: no way of importing socket gets round these.

    Unix sockets stay open to asyncio, and so to Playwright, which talks to its browser by pipes.
    """
    if event not in _FORBIDDEN_EVENTS:
        return
    family = getattr(args[0], "family", None)
    if getattr(family, "name", "") == "AF_UNIX" or _is_own(event, args):
        return
    raise NetworkUsedError(f"tests may not use the network: {event} {args[1:] or args}")


sys.addaudithook(_refuse_network)
os.environ["PROJ_NETWORK"] = "OFF"  # PROJ fetches grids in C, where no audit event is raised


# Real data --------------------------------------------------------------------------------------


def _realdata_folder() -> Path:
    named = os.environ.get("CORRIDORS_REALDATA")
    return Path(named) if named else ROOT.parent / "shared" / "realdata"


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real data; see its INDEX.md. Never copy any of it into the repository."""
    folder = _realdata_folder()
    if not folder.is_dir():
        pytest.skip(f"real data not found at {folder}; set CORRIDORS_REALDATA")
    return folder


@pytest.fixture
def local_server() -> Iterator[LocalServer]:
    """A server on this machine that answers as a test tells it; see ``support_server``."""
    with LocalServer() as server:
        OWN_PORTS.add(server.port)
        yield server
        OWN_PORTS.discard(server.port)


# A database -------------------------------------------------------------------------------------


def _postgres_programs() -> Path | None:
    """Debian keeps them off the PATH, one folder a version; the newest with PostGIS beside it."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: f.parent.name.zfill(4)
    )
    named = os.environ.get("CORRIDORS_POSTGRES")
    return Path(named) if named else next(reversed(folders), None)


def _no_database(problem: str) -> NoReturn:
    if IN_CI:
        pytest.fail(f"{problem}; in CI the database tests must run")
    pytest.skip(problem)


def _as_postgres(command: list[str], folder: Path) -> None:
    """Run one of its programs; it refuses to be root."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": ()} if not os.geteuid() else {}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120, **user)


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """The address of a PostgreSQL with PostGIS, run for this session only; user and password in it.

    Without the programs the tests skip; in CI they fail. It listens on 127.0.0.1 alone.
    """
    programs = _postgres_programs()
    if programs is None or not (programs / "initdb").is_file():
        _no_database("no PostgreSQL here; run `make postgis` or set CORRIDORS_POSTGRES")
    folder = Path(tempfile.mkdtemp(prefix="corridors-postgis-"))  # short, for the socket's path
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if not os.geteuid():
        shutil.chown(folder, "postgres", "postgres")
    data, secret = folder / "data", folder / "secret"
    secret.write_text("s3cret-canary\n", encoding="utf-8")
    secret.chmod(0o644)
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder,
                "fsync": "off"}  # fmt: skip
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    control = [f"{programs}/pg_ctl", "-D", f"{data}"]
    try:
        _as_postgres(
            [f"{programs}/initdb", "-D", f"{data}", "-U", "ann", "-A", "scram-sha-256",
             "--pwfile", f"{secret}", "--locale=C.UTF-8", "-E", "UTF8"], folder,
        )  # fmt: skip
        _as_postgres([*control, "-w", "-l", f"{folder}/log", "-o", options, "start"], folder)
    except (OSError, subprocess.SubprocessError, KeyError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        _no_database(f"PostgreSQL does not start ({error})")
    OWN_PORTS.add(port)
    try:
        yield f"postgresql://ann:s3cret-canary@127.0.0.1:{port}/postgres"
    finally:
        OWN_PORTS.discard(port)
        _as_postgres([*control, "-m", "immediate", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)


# A browser --------------------------------------------------------------------------------------

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # a page may ask, and is answered by nobody
)


@dataclass
class OpenedPage:
    """A page and all that it did since it was made."""

    page: Page
    requests: list[str] = field(default_factory=list)  # every address asked for, file: included
    console: list[str] = field(default_factory=list)  # "type: text"
    errors: list[str] = field(default_factory=list)  # exceptions that nothing caught

    @property
    def outside_requests(self) -> list[str]:
        """Requests that left the machine, had there been a network."""
        local = ("file:", "data:", "blob:", "about:")
        return [address for address in self.requests if not address.startswith(local)]


OpenPage = Callable[..., OpenedPage]


def _installed_chromium() -> str | None:
    """The Chromium to use, unless it is Playwright's own."""
    named = os.environ.get("CORRIDORS_CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)


def _no_browser(problem: str) -> NoReturn:
    if IN_CI:
        pytest.fail(f"{problem}; in CI the browser tests must run")
    pytest.skip(problem)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    try:
        running = sync_playwright().start()
    except Exception as error:  # Playwright raises no narrower one
        _no_browser(f"Playwright does not start ({error}); run `make chromium` to see why")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium_path(_playwright: Any) -> str:
    """The Chromium that browser tests use. Without one they skip; in CI they fail."""
    path = _installed_chromium() or _playwright.chromium.executable_path
    if not Path(path).is_file():
        _no_browser(f"no Chromium at {path}; run `make chromium` or set CORRIDORS_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def chromium(chromium_path: str, _playwright: Any) -> Iterator[Browser]:
    """One browser for the whole session; `browser_page` gives each test pages of its own."""
    browser = _playwright.chromium.launch(
        executable_path=chromium_path, args=list(_CHROMIUM_ARGS), headless=True
    )
    yield browser
    browser.close()


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[OpenPage]:
    """``browser_page(target=None, **options) -> OpenedPage``: a fresh page, nothing shared.

    ``target`` is a file's path, or the address to go to; ``None`` leaves the page blank, for
    ``page.set_content``. ``options`` go to Playwright's ``new_context`` (``viewport``,
    ``java_script_enabled``, ``locale`` and so on). The page's requests, console lines and uncaught
    errors are logged from its first moment.
    """
    contexts = []

    def open_page(target: Path | str | None = None, **options: Any) -> OpenedPage:
        context = chromium.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
        )
        contexts.append(context)
        opened = OpenedPage(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda line: opened.console.append(f"{line.type}: {line.text}"))
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        if target is not None:
            opened.page.goto(target.resolve().as_uri() if isinstance(target, Path) else target)
        return opened

    yield open_page
    for context in contexts:
        context.close()


# The order of files ----------------------------------------------------------------------------


def _place_of(item: pytest.Item) -> int:
    name = item.path.name
    return LONG_FILES.index(name) if name in LONG_FILES else len(LONG_FILES)


def _unlisted_long_files(reports: Iterable[pytest.TestReport]) -> dict[str, float]:
    """Seconds of each file that takes long and is not in the list."""
    took_s: Counter[str] = Counter()
    for report in reports:
        took_s[report.nodeid.partition("::")[0].rpartition("/")[2]] += report.duration
    return {n: s for n, s in took_s.items() if s > LONG_S and n not in LONG_FILES}


# What the run says about itself -----------------------------------------------------------------

_MARKED_BY_FIXTURE = {"realdata": "realdata", "chromium_path": "browser", "postgis": "database"}


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for the fixture gets the marker, also where its author forgot."""
    for item in items:
        for fixture, marker in _MARKED_BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
    items.sort(key=_place_of)


def pytest_report_header() -> list[str]:
    folder = _realdata_folder()
    found = "found" if folder.is_dir() else "NOT FOUND"
    chromium = _installed_chromium() or "none on PATH; Playwright's own, if it is there"
    return [f"real data: {found} at {folder}", f"chromium: {chromium}"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (r for rs in terminalreporter.stats.values() for r in rs if hasattr(r, "duration"))
    for name, took_s in sorted(_unlisted_long_files(reports).items()):
        terminalreporter.write_line(
            f"LONG FILE: {name} took {took_s:.0f} s. Split it, or add it to "
            "tests/support_long_files.py.", yellow=True,
        )  # fmt: skip
    skipped = terminalreporter.stats.get("skipped", [])
    advice = {
        "realdata": "Set CORRIDORS_REALDATA to the folder of real data.",
        "browser": "Run `make chromium`, or set CORRIDORS_CHROMIUM.",
        "database": "Run `make postgis`, or set CORRIDORS_POSTGRES.",
    }
    for marker, remedy in advice.items():
        count = sum(marker in report.keywords for report in skipped)
        if count:
            terminalreporter.write_line(
                f"NOT CHECKED: {count} {marker} tests did not run. {remedy}", yellow=True
            )
