"""Damaged files by the thousand: each is read, or refused by one ``InputError``."""

from __future__ import annotations

import shutil
import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support_mutations import generator, mutated
from support_readers import Reader

from corridors.errors import InputError

SEED = 7
HANGS_S = 30  # a case takes milliseconds; the machine may be busy


@dataclass
class Tally:
    """What became of a reader's cases."""

    read: int = 0
    refused: int = 0
    with_row: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.read + self.refused + len(self.faults)

    def words(self) -> str:
        share = f", {self.with_row / self.refused:.0%} with row" if self.refused else ""
        return f"{self.cases} cases: {self.read} read, {self.refused} refused{share}"


def fuzz(reader: Reader, numbers: range, folder: Path, *, seed: int = SEED) -> Tally:
    """Read the cases of these numbers; a fault says how to get it again."""
    tally = Tally()
    with (folder / "last_case.txt").open("w", encoding="utf-8") as last:
        for number in numbers:
            last.seek(0)
            print(f"{reader.name}:{number:09} seed {seed}", file=last, flush=True)
            _one(reader, number, folder / "files", tally, seed)
    return tally


def damaged(reader: Reader, number: int, seed: int = SEED) -> tuple[dict[str, bytes], str]:
    """The files of a case, one of them damaged, and how."""
    rng = generator(seed, reader.name, number)
    made = reader.files
    names = list(made) if reader.are_parts else [reader.name]
    name = names[int(rng.integers(len(names)))]
    made[name], how = mutated(made[name], rng)
    return made, f"{name}: {how}"


def write_files(made: dict[str, bytes], home: Path) -> None:
    """Just these files; what a reader left beside them is removed."""
    home.mkdir(exist_ok=True)
    own = {name.partition("/")[0] for name in made}
    for path in home.iterdir():
        if path.name not in own:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in made.items():
        place = home / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _one(reader: Reader, number: int, home: Path, tally: Tally, seed: int) -> None:
    made, how = damaged(reader, number, seed)
    write_files(made, home)
    try:
        with _watched():
            reader.read(home / reader.name)
    except InputError as error:
        wrong = _unfit(error, home)
        if wrong:
            tally.faults.append(_told(reader, number, seed, how, f"{wrong}: {error}"))
            return
        tally.refused += 1
        tally.with_row += error.row is not None
    except Exception:
        tally.faults.append(_told(reader, number, seed, how, traceback.format_exc()))
    else:
        tally.read += 1


def _unfit(error: InputError, home: Path) -> str:
    """Why a refusal would not help the person who reads it."""
    if not error.file:
        return "it names no file"
    if str(home.parent) in str(error) and error.file != str(home):
        return "it gives away where the file lies"
    if not str(error).isprintable():
        return "it holds what moves a terminal's cursor"
    if len(str(error)) > 2500:
        return "it is too long to read"
    return ""


def _told(reader: Reader, number: int, seed: int, how: str, what: str) -> str:
    again = f'CORRIDORS_FUZZ_ONLY="{reader.name}:{number}"'
    return f"{reader.name}, case {number}, seed {seed} ({how}); again with {again}\n{what}"


@contextmanager
def _watched() -> Iterator[None]:
    """Warnings are errors, and so is what does not come to an end."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        old = signal.signal(signal.SIGALRM, _too_slow)
        signal.setitimer(signal.ITIMER_REAL, HANGS_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)


def _too_slow(*_: Any) -> None:
    raise TimeoutError(f"not done after {HANGS_S} s")
