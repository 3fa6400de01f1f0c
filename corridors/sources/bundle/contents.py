"""Which files of a workspace a bundle carries, and where they stand in the copy.

All files that corridors.toml names, with what is read beside them; nothing is taken because it
happens to lie there. A file outside the workspace (an absolute path, or one with ``..``) goes to
``data/carried``, and the copy's corridors.toml names it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from corridors.errors import InputError
from corridors.labels import PUBLISHED
from corridors.sources.areas import areas_file
from corridors.sources.bundle.names import first_clash, name_problem
from corridors.sources.bundle.rewriting import LISTS, Key, rewritten, written_paths
from corridors.sources.named import NamedFile
from corridors.sources.profiles import read_toml
from corridors.sources.programmes import FOLDER, programme_keys
from corridors.sources.rosters import CHANGES, PLAN_FILE, REMITS, written_plans
from corridors.sources.translations import FOLDER as TRANSLATIONS
from corridors.sources.workspace import FILE_NAME, Workspace, matches, open_workspace

CARRIED: Final = "data/carried"
PROVENANCE: Final = ".source.json"
_OUTPUTS: Final = "maps"
_PLAN: Final = "plan"


@dataclass(frozen=True)
class Source:
    """A file to carry: what it is, where it lies, and its path in the copy."""

    kind: str
    path: Path
    place: str


@dataclass(frozen=True)
class Contents:
    """All that is carried: corridors.toml as the copy has it, and the other files by place."""

    config: bytes
    sources: tuple[Source, ...]
    carried: tuple[str, ...]  # places of files from outside the workspace
    reads: frozenset[tuple[str, str]]  # kind and place: what reads which file

    @property
    def places(self) -> frozenset[str]:
        """Every path in the copy."""
        return frozenset({FILE_NAME, *(source.place for source in self.sources)})


def contents_of(root: Path, *, with_plans: bool) -> Contents:
    """The files that a workspace's inputs consist of.

    Parameters
    ----------
    root : the workspace.
    with_plans : also the plans that it has written, which a new plan reads for its roster.

    Raises
    ------
    InputError
        If corridors.toml is wrong; if a file is missing, a link, hidden, an output, or has a name
        that not every system can hold; if two would get the same name.
    """
    workspace = open_workspace(root)
    path = root / FILE_NAME
    _refuse_link(path, FILE_NAME)
    data = read_toml(path, file=FILE_NAME)
    named: list[Source] = []
    moves: dict[Key, tuple[str, str]] = {}
    for key, text in written_paths(data):
        files = _files(root, key, text)
        for file in files:
            file.require()
        if _is_of_workspace(text):
            named += [Source(str(key[0]), f.path, _place(root, f.path)) for f in files]
            continue
        folder, last = _carried_to(key), Path(text).name
        moves[key] = (text, f"{folder}/{last}")
        named += [Source(str(key[0]), f.path, f"{folder}/{f.path.name}") for f in files]
    _refuse_twice(named)
    sources = [*_with_beside(named), *_unnamed(workspace, with_plans=with_plans)]
    made = tuple(sorted({s.place: s for s in sources}.values(), key=lambda s: s.place))
    for source in made:
        _require_fit(root, source)
    clash = first_clash([FILE_NAME, *(source.place for source in made)])
    if clash:
        raise InputError(
            "has the name of another file, for a disk that ignores case", file=clash,
            fix="Rename one of them",
        )  # fmt: skip
    carried = tuple(s.place for s in made if s.place.startswith(f"{CARRIED}/"))
    reads = frozenset((source.kind, source.place) for source in sources)
    return Contents(rewritten(path.read_bytes(), moves), made, carried if moves else (), reads)


def _files(root: Path, key: Key, text: str) -> list[NamedFile]:
    name = ".".join(str(part) for part in key[:2])
    if key[1:2] and key[1] in LISTS:
        return matches(root, text, name)
    return [NamedFile(root / text, text, name)]


def _is_of_workspace(text: str) -> bool:
    path = Path(text)
    return not path.is_absolute() and not path.drive and ".." not in path.parts


def _place(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _carried_to(key: Key) -> str:
    """A folder for each key: files of one name from two folders do not meet."""
    parts = [key[0], *(part for part in key[1:] if part not in ("file", "files", "ical"))]
    return "/".join([CARRIED, *(str(p + 1) if isinstance(p, int) else p for p in parts)])


def _refuse_twice(named: list[Source]) -> None:
    found: dict[str, Path] = {}
    for source in named:
        if found.setdefault(source.place, source.path) != source.path:
            raise InputError(
                "has the name of another file that comes from outside the workspace",
                file=source.place, fix="Put both into the workspace",
            )  # fmt: skip


def _with_beside(named: list[Source]) -> Iterator[Source]:
    """Each file with its note of provenance, and a shapefile with all of its parts."""
    for source in named:
        yield source
        folder = PurePosixPath(source.place).parent
        if source.path.suffix.lower() == ".shp":
            for part in sorted(source.path.parent.iterdir()):
                if part.name.startswith(f"{source.path.stem}."):
                    yield Source(source.kind, part, str(folder / part.name))
        note = source.path.with_name(source.path.name + PROVENANCE)
        if note.is_file():
            yield Source("provenance", note, str(folder / note.name))


def _unnamed(workspace: Workspace, *, with_plans: bool) -> Iterator[Source]:
    """What is read by its place: translations, logs, programmes and, if asked for, plans."""
    root = workspace.root
    for code in workspace.profile.notice.languages:
        yield from _if_there(root, "translations", f"{TRANSLATIONS}/{code}.po")
    for log in (REMITS, CHANGES, PUBLISHED):
        yield from _if_there(root, "log", log)
    for programme in programme_keys(root):
        yield from _if_there(root, "programme", f"{FOLDER}/{programme}.toml")
        yield from _if_there(root, "programme", areas_file(programme))
    for ward, week in written_plans(root, None, None) if with_plans else ():
        yield from _if_there(root, _PLAN, f"{_OUTPUTS}/working/{ward}/{week}/{PLAN_FILE}")


def _if_there(root: Path, kind: str, place: str) -> Iterator[Source]:
    if (root / place).is_file():
        yield Source(kind, root / place, place)


def _require_fit(root: Path, source: Source) -> None:
    problem = name_problem(source.place)
    if not problem and source.place.startswith(f"{_OUTPUTS}/") and source.kind != _PLAN:
        problem = "it lies among the outputs"
    if problem:
        raise InputError(
            f"cannot be carried: {problem}", file=source.place, fix="Move or rename it"
        )
    is_inside = source.path == root / source.place
    above = [root / part for part in PurePosixPath(source.place).parents] if is_inside else []
    for path in (source.path, *(folder for folder in above if folder != root)):
        _refuse_link(path, source.place)
    if not source.path.is_file():
        raise InputError("is no plain file", file=source.place, fix="Name the file itself")


def _refuse_link(path: Path, file: str) -> None:
    if path.is_symlink():
        raise InputError(
            "is a link, or lies behind one; a bundle carries no links", file=file,
            fix="Put the file itself there",
        )  # fmt: skip
