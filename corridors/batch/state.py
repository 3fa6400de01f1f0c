"""What a batch remembers in ``log/batch/<week>``: its inputs by hash, and each ward's state.

A second run reads this before anything else, so nothing heavy is imported here. What stands there
may be damaged or by another hand: then it counts as not done.
"""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from corridors import files
from corridors.batch.outcome import BEGUN, STATUSES, Outcome, Written
from corridors.labels import WARD, WEEK

FOLDER: Final = "log/batch"
INPUTS_FILE: Final = "inputs.json"
PIECES: Final = "pieces"
FORMAT: Final = 1

_MOST_BYTES: Final = 50_000_000
# What comes of reading data that this tool did not write.
_NOT_OURS: Final = (
    OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """The inputs of a batch as they were when it began."""

    version: str
    made_on: date
    files: Mapping[str, str]  # place -> SHA-256; empty where there is no file
    patterns: Mapping[str, tuple[str, ...]]  # pattern -> places that it finds
    has_query: bool = False  # a database may hold something else each time
    wards: tuple[str, ...] = ()  # codes of the boundary file, sorted
    named: Mapping[str, str] = field(default_factory=dict)  # how a ward was asked for -> its code
    pages: tuple[Written, ...] = ()  # the summary, once it is written
    is_ended: bool = False  # the run came to its end
    is_settled: bool = False  # and nothing was left to do

    @property
    def digest(self) -> str:
        """One SHA-256 of all that a plan is made from."""
        told = {
            "version": self.version,
            "made_on": self.made_on.isoformat(),
            "files": dict(self.files),
            "patterns": {p: list(found) for p, found in self.patterns.items()},
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class WardState:
    """How far one ward is."""

    outcome: Outcome
    made_on: str
    inputs: str  # ``Known.digest`` of the run that planned it, or last found it unchanged
    key: str = ""  # of its piece
    piece: str = ""  # name of its piece, while it is begun
    reads: Mapping[str, str] = field(default_factory=dict)  # place -> SHA-256 of last week's plan


# --- places -------------------------------------------------------------------------------------


def is_week(label: str) -> bool:
    """Whether a text may name a week's folder as it stands."""
    return WEEK.fullmatch(label) is not None


def is_ward(code: str) -> bool:
    """Whether a text may name a ward's files."""
    return WARD.fullmatch(code) is not None


def batch_folder(root: Path, week: str) -> Path:
    """``log/batch/<week>``; only the owner may enter it.

    Raises
    ------
    InputError
        If a link would lead out of the workspace.
    """
    return files.folder_inside(root, *FOLDER.split("/"), week)


def only_one(root: Path, week: str) -> AbstractContextManager[None]:
    """Keep a second batch of the week out; it would plan every ward twice."""
    lock = files.folder_inside(root, *FOLDER.split("/")) / f".{week}.lock"
    return files.one_run(lock, wait_s=1.0, writes=f"batch of {week}")


# --- inputs -------------------------------------------------------------------------------------


def look(root: Path, places: Iterable[str], patterns: Iterable[str]) -> Known:
    """Files and what patterns find, as they stand now; version and day are for the caller to set.

    Parameters
    ----------
    places, patterns : relative to the workspace, or absolute.
    """
    found = {pattern: _found(root, pattern) for pattern in sorted(set(patterns))}
    wanted = sorted({*places, *(place for some in found.values() for place in some)})
    return Known("", date.min, {place: _digest(root / place) for place in wanted}, found)


def is_unchanged(root: Path, known: Known) -> bool:
    """Whether all files are as they were; what a query would give cannot be known."""
    if known.has_query:
        return False
    try:
        now = look(root, known.files, known.patterns)
    except (OSError, ValueError):
        return False
    return (now.files, now.patterns) == (known.files, known.patterns)


def read_known(folder: Path) -> Known | None:
    """The inputs of the last batch of a week; None if there was none, or it is not ours."""
    try:
        data = _json(folder / INPUTS_FILE)
        return Known(
            version=_text(data["version"]),
            made_on=date.fromisoformat(data["made_on"]),
            files=_texts(data["files"]),
            patterns={_text(p): tuple(map(_text, v)) for p, v in data["patterns"].items()},
            has_query=_truth(data["has_query"]),
            wards=tuple(map(_text, data["wards"])),
            named=_texts(data["named"]),
            pages=_written(data["pages"]),
            is_ended=_truth(data["is_ended"]),
            is_settled=_truth(data["is_settled"]),
        )
    except _NOT_OURS:
        return None


def write_known(folder: Path, known: Known) -> None:
    """Put the inputs of this batch on record."""
    data = asdict(replace(known, files=dict(known.files), named=dict(known.named)))
    _write(folder / INPUTS_FILE, data | {"made_on": known.made_on.isoformat()})


# --- wards --------------------------------------------------------------------------------------


def read_state(folder: Path, ward: str) -> WardState | None:
    """A ward's state; None if there is none, or it is not ours."""
    if not is_ward(ward):
        return None
    try:
        data = _json(folder / f"{ward}.json")
        if data["ward"] != ward or data["status"] not in STATUSES:
            return None
        outcome = Outcome(
            ward=ward,
            name=_text(data["name"]),
            status=data["status"],
            reason=tuple(map(_text, data["reason"])),
            exit_code=_count(data["exit_code"]),
            corridors=_count(data["corridors"]),
            patrols=_count(data["patrols"]),
            staffed=_count(data["staffed"]),
            warnings=_count(data["warnings"]),
            files=_written(data["files"]),
        )
        reads = {_inside(place): _text(digest) for place, digest in data["reads"].items()}
        texts = {key: _text(data[key]) for key in _TEXTS}
        return WardState(outcome, **texts | {"piece": _name(texts["piece"])}, reads=reads)
    except _NOT_OURS:
        return None


def write_state(folder: Path, state: WardState) -> None:
    """Put a ward's state in place, whole; its log before it."""
    outcome = asdict(state.outcome)
    log = outcome.pop("log")
    own = {k: getattr(state, k) for k in _TEXTS} | {"reads": dict(state.reads)}
    if log:
        text = "".join(f"{line}\n" for line in log)
        _put(folder / f"{state.outcome.ward}.log", text.encode("utf-8", "replace"))
    _write(folder / f"{state.outcome.ward}.json", outcome | own)


def all_states(folder: Path) -> list[WardState]:
    """The states of all wards of a week, by code."""
    names = sorted(p.stem for p in folder.glob("*.json") if is_ward(p.stem))
    return [state for name in names if (state := read_state(folder, name))]


def stands(root: Path, state: WardState) -> bool:
    """Whether a ward is settled and all that it wrote, and last week's plan, are as they were."""
    return state.outcome.is_settled and (
        are_there(root, state.outcome.files)
        and all(_digest(root / place) == digest for place, digest in state.reads.items())
    )


def are_there(root: Path, written: Sequence[Written]) -> bool:
    """Whether files stand as they were written; at least one must be named."""
    return bool(written) and all(_is_there(root / one.place, one) for one in written)


def written_file(root: Path, path: Path) -> Written:
    """A file that was just written."""
    place = path.resolve().relative_to(root.resolve()).as_posix()
    return Written(place, path.stat().st_size, files.sha256_of(path))


def hash_of(root: Path, place: str) -> str:
    """SHA-256 of a file in the workspace; empty if there is none."""
    return _digest(root / place)


def sweep(folder: Path) -> None:
    """Remove what killed runs left: half-written files, and pieces that no begun ward needs.

    A begun ward's piece is kept: planned from it again, the ward comes out the same, whatever of
    its pages was already in place.
    """
    files.sweep(folder)
    needed = {state.piece for state in all_states(folder) if state.outcome.status == BEGUN}
    pieces = folder / PIECES
    for path in sorted(pieces.iterdir()) if pieces.is_dir() else ():
        if path.name not in needed:
            path.unlink()


# --- reading and writing ------------------------------------------------------------------------

_TEXTS: Final = ("made_on", "inputs", "key", "piece")


def _found(root: Path, pattern: str) -> tuple[str, ...]:
    # Path.glob takes no absolute pattern, and real data lies outside the workspace.
    found = glob.glob(str(root / pattern), recursive=True)  # noqa: PTH207
    return tuple(sorted(_place(root, Path(path)) for path in found))


def _place(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of all names and files in a folder; empty if nothing is there."""
    if path.is_dir():
        whole = hashlib.sha256()
        for inside in sorted(p for p in path.rglob("*") if p.is_file()):
            line = f"{inside.relative_to(path).as_posix()}\0{files.sha256_of(inside)}\n"
            whole.update(line.encode("utf-8", "surrogateescape"))
        return whole.hexdigest()
    return files.sha256_of(path) if path.exists() else ""


def _is_there(path: Path, written: Written) -> bool:
    try:
        return (
            not path.is_symlink()
            and path.stat().st_size == written.size
            and files.sha256_of(path) == written.sha256
        )
    except (OSError, ValueError):
        return False


def _json(path: Path) -> Any:
    if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
        raise ValueError("not ours")
    data = json.loads(path.read_bytes())
    if data["format"] != FORMAT:
        raise ValueError("of another version")
    return data


def _write(path: Path, data: Mapping[str, Any]) -> None:
    text = json.dumps({**data, "format": FORMAT}, sort_keys=True, indent=1)
    _put(path, f"{text}\n".encode())


def _put(path: Path, data: bytes) -> None:
    files.make_folders(path.parent, is_private=True)
    files.write_text_atomically(path, data)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _texts(value: Any) -> dict[str, str]:
    return {_text(k): _text(v) for k, v in value.items()}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a truth")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10**12:
        raise ValueError("not a count")
    return value


def _written(value: Any) -> tuple[Written, ...]:
    return tuple(
        Written(_inside(one["place"]), _count(one["size"]), _text(one["sha256"])) for one in value
    )


def _name(name: str) -> str:
    if name and (name.startswith(".") or Path(name).name != name):
        raise ValueError("not a name")
    return name


def _inside(place: Any) -> str:
    if Path(_text(place)).is_absolute() or ".." in Path(place).parts:
        raise ValueError("not in the workspace")
    return str(place)
