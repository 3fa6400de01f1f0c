"""The audit log (s.62 DPA 2018): who read or wrote what, when and why; and `corridors audit`."""

from __future__ import annotations

import getpass
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corridors.cli.options import json_option, workspace_argument
from corridors.files import sha256_of

if TYPE_CHECKING:
    from corridors.model import SourceRecord
    from corridors.sources import CheckLine, Workspace
    from corridors.sources.audit import AuditEntry

_NOT_GIVEN: Final = "not given"
_META: Final = "corridors.reason"
# What each command does with data, in the words of s.62.
_ACTIONS: Final = {
    "check": "consultation",
    "log": "collection",
    "plan": "combination",
    "batch": "combination",
    "backtest": "combination",
    "evaluate": "combination",
    "publish-pack": "disclosure",
    "score": "consultation",
    "explain": "consultation",
    "withdraw": "alteration",
    "map-columns": "consultation",
    "purge": "erasure",
    "fetch": "collection",
    "bundle": "disclosure",
}


@dataclass
class Audit:
    """What a run has read and written so far: kinds, counts and hashes, never contents."""

    root: Path
    read: list[dict[str, Any]] = field(default_factory=list)
    wrote: list[dict[str, Any]] = field(default_factory=list)

    def note_read(self, records: Iterable[SourceRecord | CheckLine]) -> None:
        """Tables that were read."""
        for record in records:
            self.note_table(record.kind, record.rows_read, record.rows_used, record.sha256)

    def note_table(self, kind: str, rows_read: int, rows_used: int, sha256: str) -> None:
        """One table that was read."""
        counts = {"rows_read": rows_read, "rows_used": rows_used}
        self.read.append({"kind": kind, **counts, "sha256": sha256})

    def note_wrote(self, paths: Iterable[Path]) -> None:
        """Files that were written: a count and one hash for each folder of a week."""
        self.note_hashes({path: sha256_of(path) for path in paths})

    def note_hashes(self, hashes: Mapping[Path, str]) -> None:
        """The same for files whose SHA-256 is known."""
        by_folder: dict[str, dict[Path, str]] = {}
        for path in sorted(hashes):
            by_folder.setdefault(_folder(self.root, path), {})[path] = hashes[path]
        for folder, files in by_folder.items():
            self.wrote.append({"folder": folder, "files": len(files), "sha256": _digest(files)})

    def note_removed(self, kind: str, files: int) -> None:
        """Files that were removed; an erasure log must not hold what was erased."""
        for entry in self.wrote:
            if entry.get("removed") == kind:
                entry["files"] += files
                return
        self.wrote.append({"removed": kind, "files": files})


def reason_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--reason``: why the data is read, for the audit log. The command need not know of it."""

    def keep(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
        ctx.meta[_META] = value

    return click.option(
        "--reason", metavar="TEXT", envvar="CORRIDORS_REASON", expose_value=False, callback=keep,
        help="Why, for the audit log: a few plain words, no names. Or set CORRIDORS_REASON.",
    )(command)  # fmt: skip


@contextmanager
def audited(workspace: Workspace, command: str) -> Iterator[Audit]:
    """Log that a command begins, before it reads anything, and how it ended.

    Raises
    ------
    InputError
        If the workspace requires a reason and none is given, or the log cannot be added to. Then
        nothing was read.
    """
    why = _reason(is_required=workspace.profile.governance.require_reason)
    run = secrets.token_hex(8)
    audit = Audit(workspace.root)
    _write(audit, {"run": run, "why": why, "command": command, "state": "begun"})
    state = "failed"
    try:
        yield audit
        state = "done"
    finally:
        _write(audit, {"run": run, "why": why, "command": command, "state": state})


@click.command(name="audit")
@workspace_argument
@json_option
def audit_log(workspace: Path, *, as_json: bool) -> None:
    """Print who read or wrote what, when and why, and check that no line was changed.

    Keep the last chain elsewhere: it shows whether lines at the end were cut off.
    """
    from corridors import sources
    from corridors.sources.audit import read_audit

    entries = read_audit(sources.open_workspace(workspace).root)
    if as_json:
        report = {"chain_holds": True, "entries": [asdict(e) for e in entries]}
        click.echo(json.dumps(report, indent=2, sort_keys=True))
        return
    runs: dict[str, list[AuditEntry]] = {}
    for entry in entries:
        runs.setdefault(entry.run, []).append(entry)
    for lines in runs.values():
        click.echo(_line(lines))
    last = f" The last chain is {entries[-1].chain}." if entries else ""
    click.echo(
        f"{len(runs)} runs, {len(entries)} lines. The chain holds: no line was changed, moved or "
        f"taken out before the last.{last}"
    )


def _reason(*, is_required: bool) -> str:
    from corridors.errors import InputError
    from corridors.publish.logs import plain_cell

    ctx = click.get_current_context(silent=True)
    given = ctx.meta.get(_META) if ctx else None
    if given and given.strip():
        return plain_cell(given, "--reason")
    if is_required:
        raise InputError(
            "is missing: corridors.toml says [governance] require_reason = true",
            column="--reason", fix="Say why in a few plain words, without names",
        )  # fmt: skip
    return _NOT_GIVEN


def _write(audit: Audit, what: dict[str, str]) -> None:
    from corridors.publish.logs import append_chained
    from corridors.sources.audit import FILE

    entry = {
        **what,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": _who(),
        "action": _ACTIONS[what["command"]],
        "read": audit.read,
        "wrote": audit.wrote,
    }
    append_chained(audit.root, FILE, entry)


def _who() -> str:
    """The user as the system knows them, not as the environment says."""
    try:
        import os
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _folder(root: Path, path: Path) -> str:
    """The ward's week or other folder under ``maps`` that a file lies in; ``other`` elsewhere."""
    try:
        parts = path.resolve().relative_to(root.resolve()).parts
    except ValueError:
        return "other"
    return "/".join(parts[:4]) if parts[0] == "maps" and len(parts) > 4 else parts[0]


def _digest(files: Mapping[Path, str]) -> str:
    """One SHA-256 for files: of each one's name and own SHA-256, in their order."""
    whole = hashlib.sha256()
    for path, digest in files.items():
        whole.update(f"{path.name}\0{digest}\n".encode("utf-8", "replace"))
    return whole.hexdigest()


def _sum(entries: tuple[dict[str, Any], ...], key: str) -> int:
    return sum(found for entry in entries if isinstance(found := entry.get(key), int))


def _line(lines: list[AuditEntry]) -> str:
    """One run: when, who, what, why, how much, and how it ended."""
    from corridors.publish.wording import clean

    first, last = lines[0], lines[-1]
    ended = {"begun": "did not end", "done": "done", "failed": "failed"}.get(last.state, "unknown")
    rows = _sum(last.read, "rows_read")
    said = clean(
        f"{first.at}  {first.who}: {first.command} ({first.action}), why: {first.why}; {ended}"
    )
    parts = [said]
    parts += [f"{rows} rows of {len(last.read)} inputs read"] if last.read else []
    files = _sum(last.wrote, "files")
    removed = any("removed" in w for w in last.wrote)
    parts += [f"{files} files {'removed' if removed else 'written'}"] if last.wrote else []
    return "; ".join(parts)
