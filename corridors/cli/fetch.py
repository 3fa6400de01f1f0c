"""`corridors fetch`: bring files into a workspace, the only command that uses the network."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corridors.cli.audit import audited, reason_option
from corridors.cli.options import json_option, workspace_argument

if TYPE_CHECKING:
    from corridors.sources import Workspace
    from corridors.sources.fetch.client import Limits
    from corridors.sources.fetch.endpoints import Endpoint
    from corridors.sources.fetch.jobs import Fetched
    from corridors.sources.positions import Bounds


@dataclass(frozen=True)
class _Kind:
    """A kind of data: who fetches it, and where corridors.toml names its files."""

    module: str  # in sources.fetch, with a function ``fetch_<kind>``
    section: str = ""
    key: str = "file"
    needs_area: bool = True


KINDS: Final[Mapping[str, _Kind]] = {  # boundaries first: they say which area is meant
    "boundaries": _Kind("registers", "boundaries", needs_area=False),
    "streets": _Kind("streets", "streets"),
    "schools": _Kind("registers", "schools", needs_area=False),
    "crimes": _Kind("crimes", "incidents", "files"),
    "stops": _Kind("registers", "stops", "files"),
    "holidays": _Kind("registers", needs_area=False),
}
_LONG_WAIT_S: Final = 3600.0
_MOST_MONTHS: Final = 120


@dataclass(frozen=True)
class _Ask:
    """What is asked for, beside the kinds."""

    ward: str | None
    months: tuple[str, ...]
    forces: tuple[str, ...]  # of an archive; all if none is named
    archive: bool

    def endpoint(self, kind: str) -> str:
        """Which address a kind is asked from."""
        return "crime_archive" if kind == "crimes" and self.archive else kind


class _Month(click.ParamType[str]):
    """A month as data.police.uk writes it."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text, if it is a month."""
        if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", str(value)):
            self.fail(f"{str(value)[:40]!r} is not a month. Write it as YYYY-MM", param, ctx)
        return str(value)


@click.command()
@workspace_argument
@click.argument("kinds", nargs=-1, type=click.Choice(list(KINDS)))
@click.option("--ward", help="Only the area of one ward, by code or name. [all wards]")
@click.option(
    "--from",
    "first",
    type=_Month(),
    metavar="YYYY-MM",
    help="First month of crimes. [last 24 months]",
)
@click.option("--to", "last", type=_Month(), metavar="YYYY-MM", help="Last month of crimes.")
@click.option(
    "--archive",
    is_flag=True,
    help="Crimes from the monthly archives: large files, but nobody learns the area.",
)
@click.option(
    "--force",
    "forces",
    multiple=True,
    metavar="FORCE",
    help="With --archive: only this force, such as city-of-london. May be repeated.",
)
@click.option("--yes", is_flag=True, help="Do not ask: who learns what is agreed already.")
@reason_option
@json_option
def fetch(  # noqa: PLR0913  (one for each option)
    workspace: Path,
    kinds: tuple[str, ...],
    ward: str | None,
    first: str | None,
    last: str | None,
    forces: tuple[str, ...],
    *,
    archive: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring streets, crimes, schools, boundaries, stops and holidays into WORKSPACE as files.

    This is the only command that uses the network. It says which host learns what, and asks before
    the first request. Name the KINDS to fetch; all if none is named. Areas are padded to whole
    squares of 5 km, so that no single school shows.
    """
    from corridors import sources

    chosen = tuple(kind for kind in KINDS if kind in kinds or not kinds)
    ask = _Ask(ward, _months(first, last, needed="crimes" in chosen), forces, archive=archive)
    opened = sources.open_workspace(workspace)
    _agree(opened, chosen, ask, yes=yes)
    made: dict[str, tuple[Fetched, ...]] = {}
    with audited(opened, "fetch") as audit, _one_fetch(workspace):
        for kind in chosen:
            made[kind] = _fetch(opened, kind, _area(opened, kind, ward), ask)
            for one in made[kind]:
                audit.note_table(kind, one.rows, one.rows, one.sha256)
            if not as_json:
                click.echo("\n".join(f"{kind}: {_line(one)}" for one in made[kind]))
    to_name = _to_name(sources.open_workspace(workspace), made)
    if as_json:
        report = {
            "fetched": [asdict(one) for found in made.values() for one in found],
            "to_name": to_name,
        }
        click.echo(json.dumps(report, indent=2, sort_keys=True))
    elif to_name:
        click.echo("Now name in corridors.toml what it does not name yet:")
        click.echo("\n".join(to_name))


def now() -> datetime:
    """The time that goes on record as that of the answers (UTC)."""
    return datetime.now(UTC)


def _fetch(opened: Workspace, kind: str, area_m: Bounds, ask: _Ask) -> tuple[Fetched, ...]:
    from corridors.sources.fetch.cache import Cache
    from corridors.sources.fetch.client import Client
    from corridors.sources.fetch.jobs import Job

    cache = Cache(opened.root)
    cache.sweep()
    job = Job(
        root=opened.root,
        endpoints=opened.endpoints,
        client=Client(_say, _limits(ask.endpoint(kind))),
        cache=cache,
        area_m=area_m,
        now=now(),
        tell=_say,
        months=ask.months,
    )
    if ask.endpoint(kind) == "crime_archive":
        from corridors.sources.fetch.archive import fetch_archive

        return fetch_archive(job, ask.forces)
    module = import_module(f"corridors.sources.fetch.{KINDS[kind].module}")
    run: Callable[[Job], tuple[Fetched, ...]] = getattr(module, f"fetch_{kind}")
    return run(job)


def _limits(kind: str) -> Limits:
    if kind == "streets":
        from corridors.sources.fetch.streets import LIMITS

        return LIMITS
    found: Limits = import_module("corridors.sources.fetch.limits").limits_for(kind)
    return found


def _say(line: str) -> None:
    """A line for the person who waits; stdout holds results only."""
    click.echo(line, err=True)


def _area(opened: Workspace, kind: str, ward: str | None) -> Bounds:
    from corridors.sources.fetch.area import EVERYWHERE, area_of

    if not KINDS[kind].needs_area and not opened.boundaries.path.is_file():
        return EVERYWHERE
    return area_of(opened, ward)


def lock_of(root: Path) -> Path:
    """The file that a run holds while it fetches into a workspace, or clears its cache."""
    from corridors.files import folder_inside
    from corridors.sources.fetch.cache import FOLDER

    return folder_inside(root, *FOLDER) / ".fetch.lock"


@contextmanager
def _one_fetch(root: Path) -> Iterator[None]:
    """Hold the workspace's lock of fetching; wait for another fetch, and say so."""
    from corridors.errors import InputError
    from corridors.files import one_run

    lock = lock_of(root)
    with ExitStack() as held:
        try:
            held.enter_context(one_run(lock, wait_s=0.0, writes="files"))
        except InputError:
            _say("Another fetch of this workspace is running; waiting for it to end")
            held.enter_context(one_run(lock, wait_s=_LONG_WAIT_S, writes="files"))
        yield


# --- before anything is asked -------------------------------------------------------------------


def _agree(opened: Workspace, chosen: Sequence[str], ask: _Ask, *, yes: bool) -> None:
    """Say who learns what; go on only if that is agreed to.

    Raises
    ------
    InputError
        Without a terminal to ask on, and without ``--yes``.
    """
    from corridors.errors import InputError

    _say("Fetching tells other machines something:")
    for kind in chosen:
        _say(f"  {kind}: {_learns(opened.endpoints[ask.endpoint(kind)])}")
    if opened.boundaries.path.is_file() and any(KINDS[kind].needs_area for kind in chosen):
        west, south, east, north = (edge / 1000 for edge in _area(opened, "streets", ask.ward))
        _say(
            f"The padded area: {west:g} to {east:g} km east, {south:g} to {north:g} km north "
            "(British National Grid)."
        )
    if yes:
        return
    if not _has_terminal():
        raise InputError(
            "nothing was asked: there is no terminal to agree on",
            fix="Give --yes if these machines may learn this, or carry the files in",
        )
    click.confirm("Go on?", abort=True, err=True)


def _has_terminal() -> bool:
    return sys.stdin.isatty()


def _learns(endpoint: Endpoint) -> str:
    return f"{endpoint.host} learns {endpoint.learns}. Licence: {endpoint.licence}"


def _months(first: str | None, last: str | None, *, needed: bool) -> tuple[str, ...]:
    from corridors.errors import InputError

    if not needed:
        return ()
    if first is None and last is None:
        return ()  # the last two years that are published
    if first is None or last is None:
        raise InputError(
            "only one end of the months is said",
            fix="Give both --from YYYY-MM and --to YYYY-MM, or neither for the last two years",
        )
    begin, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    if not 0 <= end - begin < _MOST_MONTHS:
        raise InputError(
            f"is before --from, or {_MOST_MONTHS} months and more after it",
            column="--to", value=last, fix="Give both as YYYY-MM, the earlier one first",
        )  # fmt: skip
    return tuple(f"{n // 12}-{n % 12 + 1:02}" for n in range(begin, end + 1))


# --- afterwards ---------------------------------------------------------------------------------


def _line(one: Fetched) -> str:
    dated = max((source.dated for source in one.sources), default="")
    of = f", data of {dated}" if dated else ""
    return "; ".join([f"{one.file}, {one.rows:,} rows{of}", *one.notes])


def _to_name(opened: Workspace, made: Mapping[str, Sequence[Fetched]]) -> list[str]:
    """Lines for corridors.toml: fetched files that it does not name."""
    lines: list[str] = []
    for kind, found in made.items():
        entry = KINDS[kind]
        if not entry.section:
            continue
        named = {path.resolve() for path in _named(opened, entry)}
        absent = [one.file for one in found if (opened.root / one.file).resolve() not in named]
        if absent:
            files = absent if entry.key == "files" else absent[-1]
            lines += [f"[{entry.section}]", f"{entry.key} = {json.dumps(files)}"]
    return lines


def _named(opened: Workspace, entry: _Kind) -> list[Path]:
    if entry.section == "incidents":
        return [named.path for named in opened.incidents.files]
    if entry.key == "files":
        return [named.path for named in getattr(opened, entry.section)]
    return [getattr(opened, entry.section).path]
