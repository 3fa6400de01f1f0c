"""A batch from its beginning to its end: what is left as it is, what is handed out, what is kept.

``unchanged`` comes first and imports nothing heavy. ``run`` reads the workspace, cuts each ward's
piece and hands it out at once, so that workers begin before all are cut. Whatever stops it, each
ward that was finished stays so, and the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from corridors import __version__, files
from corridors.batch import state
from corridors.batch.engines import Engine, Unit, finished
from corridors.batch.outcome import (
    BEGUN,
    STATUSES,
    Order,
    Outcome,
    failed,
    outcome_of_error,
)
from corridors.batch.state import Known, WardState

if TYPE_CHECKING:
    from corridors.model import Inputs, SourceRecord
    from corridors.pipeline import Piece, Shared
    from corridors.publish.batch_page import WardRow
    from corridors.sources import Dropped, Workspace

ALL: Final = "all"

Tell = Callable[[int, int], None]  # wards that are finished, and all


@dataclass(frozen=True)
class Job:
    """What is asked for."""

    root: Path
    week: str  # as 2026-W10
    made_on: date
    wanted: tuple[str, ...] | None  # codes and names; None for all of the boundary file
    redo: bool = False  # also what is finished and unchanged


@dataclass
class Report:
    """How a batch went, ward by ward."""

    week: str
    outcomes: list[Outcome]  # of the wards asked for, by code; unknown ones at the end
    left: int = 0  # of them, those that were left as they stood
    pages: tuple[Path, ...] = ()
    read: dict[tuple[str, str], SourceRecord] = field(default_factory=dict)
    planned: list[Outcome] = field(default_factory=list)


def wanted_in(path: Path) -> tuple[str, ...]:
    """Codes and names of a text file, one a line, each once; ``#`` begins a comment.

    Raises
    ------
    InputError
        If it is not there, not UTF-8, or names no ward.
    """
    from corridors.errors import InputError, MissingFileError

    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise MissingFileError(
            "there is no such file", file=str(path), column="--wards",
            fix="Name a text file of ward codes or names, one a line, or say all",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", file=str(path), fix="Save it as UTF-8") from error
    found = tuple(dict.fromkeys(filter(None, (line.partition("#")[0].strip() for line in lines))))
    if not found:
        raise InputError("names no ward", file=str(path), fix="Write a code or a name on each line")
    return found


def begun_on(known: Known | None) -> date | None:
    """The day of a batch that was not finished, which the next one goes on with."""
    return known.made_on if known and not (known.is_ended and known.is_settled) else None


def unchanged(job: Job, known: Known | None) -> Report | None:
    """The report of a batch of which nothing has to be done, found by hashes alone; else None."""
    folder = state.batch_folder(job.root, job.week)
    if known is None or job.redo or not known.is_ended:
        return None
    if (known.version, known.made_on) != (__version__, job.made_on):
        return None
    codes = known.wards if job.wanted is None else _known_codes(job.wanted, known)
    if not codes or not state.is_unchanged(job.root, known):
        return None
    states = [state.read_state(folder, code) for code in codes]
    if not all(s and _is_as_left(job.root, s, known) for s in states):
        return None
    if not state.are_there(job.root, known.pages):
        return None
    outcomes = [s.outcome for s in states if s]
    pages = tuple(job.root / page.place for page in known.pages)
    return Report(job.week, outcomes, left=len(outcomes), pages=pages)


def run(
    opened: Workspace,
    job: Job,
    engine: Engine,
    unit: Unit,
    *,
    tell: Tell = lambda _done, _all: None,
    on_dropped: Callable[[Dropped], None] | None = None,
) -> Report:
    """Plan every ward that is asked for and not finished.

    Parameters
    ----------
    opened : the workspace of ``job``. Hold ``state.only_one`` meanwhile.
    unit : ``units.run_unit``, or what a test puts in its place.

    Raises
    ------
    InputError
        If a file that all wards need is wrong, or the engine is gone. What is finished stays.
    OSError
        If a ward's state cannot be written.
    """
    folder = state.batch_folder(job.root, job.week)
    state.sweep(folder)
    before = state.read_known(folder)
    known, unknown = _known(opened, job)
    if before is not None and before.digest == known.digest:
        known = replace(known, named=dict(before.named) | dict(known.named))
    state.write_known(folder, known)
    codes = sorted(set(_codes(job, known)))
    batch = _Batch(opened, job, folder, known, Report(job.week, unknown))
    left = {code for code in codes if batch.is_as_left(code)}
    batch.report.left = len(left)
    rest = [code for code in codes if code not in left]
    total = len(codes)
    count = len(left)
    tell(count, total)
    orders = _orders(batch, rest, on_dropped) if rest else iter(())
    with closing(finished(engine, unit, orders)) as outcomes:
        for outcome in outcomes:
            batch.keep(outcome)
            count = len(left) + batch.ended
            tell(count, total)
    tell(len(left) + batch.ended, total)
    return _end(batch, codes)


# --- before -------------------------------------------------------------------------------------


def _known(opened: Workspace, job: Job) -> tuple[Known, list[Outcome]]:
    """The inputs as they stand, and the wards that are asked for and not there."""
    from corridors import sources

    watched = sources.watched(job.root)
    seen = state.look(job.root, watched.places, watched.patterns)
    found = sources.find_codes(opened, job.wanted) if job.wanted else {}
    named = {text: code for text, code in found.items() if isinstance(code, str)}
    unknown = [failed(t, t, str(e)) for t, e in found.items() if not isinstance(e, str)]
    known = replace(
        seen,
        version=__version__,
        made_on=job.made_on,
        has_query=watched.has_query,
        wards=sources.ward_codes(opened),
        named=named,
    )
    return known, unknown


def _codes(job: Job, known: Known) -> Sequence[str]:
    if job.wanted is None:
        return known.wards
    return [known.named[text] for text in job.wanted if text in known.named]


def _known_codes(wanted: Sequence[str], known: Known) -> tuple[str, ...]:
    """The codes of all that is asked for; none if any of it was not asked for before."""
    if not all(text in known.named for text in wanted):
        return ()
    return tuple(sorted({known.named[text] for text in wanted}))


def _is_as_left(root: Path, old: WardState, known: Known) -> bool:
    return not known.has_query and old.inputs == known.digest and state.stands(root, old)


# --- one ward after the other -------------------------------------------------------------------


@dataclass
class _Batch:
    """A run on its way: what it knows of each ward that is out."""

    opened: Workspace
    job: Job
    folder: Path
    known: Known
    report: Report
    out: dict[str, WardState] = field(default_factory=dict)  # handed out and not back, by code
    ended: int = 0
    shared: Shared | None = None  # of the borough whose wards are cut now
    borough: object = None

    def is_as_left(self, code: str) -> bool:
        """Whether a ward is finished and nothing that it could be made from has changed."""
        old = None if self.job.redo else state.read_state(self.folder, code)
        return old is not None and _is_as_left(self.job.root, old, self.known)

    def keep(self, outcome: Outcome) -> None:
        """Put a ward's state on record: it is back."""
        begun = self.out.pop(outcome.ward, None) or self.fresh(outcome)
        self.put(replace(begun, outcome=outcome, piece=""))
        if begun.piece:
            (self.folder / state.PIECES / begun.piece).unlink(missing_ok=True)
        self.report.planned.append(outcome)

    def put(self, new: WardState) -> None:
        """Write the state of a ward with which this run is through."""
        state.write_state(self.folder, new)
        self.ended += 1

    def fresh(self, outcome: Outcome, **more: object) -> WardState:
        """A state of this run."""
        made = WardState(outcome, self.job.made_on.isoformat(), self.known.digest)
        return replace(made, **more)  # type: ignore[arg-type]


def _orders(
    batch: _Batch, codes: Sequence[str], on_dropped: Callable[[Dropped], None] | None
) -> Iterator[Order]:
    """Orders of the wards that have to be planned, each when its piece is cut and written."""
    from corridors import sources

    job = batch.job
    for inputs in sources.load_wards(
        batch.opened, codes, job.week, job.made_on, on_dropped=on_dropped
    ):
        for record in inputs.sources:
            batch.report.read.setdefault((record.kind, record.sha256), record)
        try:
            order = _order(batch, inputs)
        except Exception as error:
            batch.keep(outcome_of_error(inputs.ward.code, inputs.ward.name, error))
            continue
        if order is not None:
            yield order


def _order(batch: _Batch, inputs: Inputs) -> Order | None:
    """A ward's order, its state being begun; None if it is left, as its piece is the same."""
    from corridors.batch.pieces import key_of, write_piece

    job, code, name = batch.job, inputs.ward.code, inputs.ward.name
    piece = _piece(batch, inputs)
    key = key_of(piece)
    old = state.read_state(batch.folder, code)
    if old and old.key == key and not job.redo and state.stands(job.root, old):
        batch.put(replace(old, inputs=batch.known.digest))
        batch.report.left += 1
        return None
    pieces = batch.folder / state.PIECES
    begun_before = old is not None and old.outcome.status == BEGUN and old.key == key
    if old and begun_before and (pieces / old.piece).is_file():
        path = pieces / old.piece
    else:
        path = write_piece(pieces, piece)
    batch.out[code] = batch.fresh(
        Outcome(code, name, BEGUN), key=key, piece=path.name, reads=_reads(job, code)
    )
    state.write_state(batch.folder, batch.out[code])
    return Order(str(job.root.resolve()), str(path.resolve()), code, name, job.week, __version__)


def _piece(batch: _Batch, inputs: Inputs) -> Piece:
    """The ward's piece with what was told, agreed and logged before."""
    from corridors import sources
    from corridors.pipeline import Shared

    if batch.shared is None or batch.borough is not inputs.borough:
        assert inputs.borough is not None
        batch.shared = Shared(inputs.borough, batch.opened.profile)
        batch.borough = inputs.borough
    return batch.shared.piece(_own_remits(sources.with_told(inputs, batch.job.root)))


def _own_remits(inputs: Inputs) -> Inputs:
    """Without the remits of other wards: the log of all grows while a batch runs."""
    from corridors.teams.agreement import entries_of

    named = {e.remit for e in entries_of(inputs.approvals, inputs.ward.code, inputs.week.label)}
    return replace(inputs, remits=tuple(r for r in inputs.remits if r[0] in named))


def _reads(job: Job, code: str) -> Mapping[str, str]:
    """Last week's plan, which is read for its roster; it may come, go or change."""
    from corridors.sources.rosters import plan_place, week_before

    place = plan_place(code, week_before(job.week))
    return {place: state.hash_of(job.root, place)}


# --- after --------------------------------------------------------------------------------------


def _end(batch: _Batch, codes: Sequence[str]) -> Report:
    """Write the summary and the indexes, and put on record that the run came to its end."""
    from corridors.publish.batch_page import write_summary
    from corridors.publish.indexes import write_indexes

    job, report = batch.job, batch.report
    unknown = report.outcomes
    states = state.all_states(batch.folder)
    day = job.made_on.isoformat()
    rows = [*((s.outcome, s.made_on) for s in states), *((o, day) for o in unknown)]
    summary = write_summary(job.root, job.week, [_row(o, made_on) for o, made_on in rows], STATUSES)
    indexes: tuple[Path, ...] = ()
    with suppress(files.StillLockedError):  # somebody plans a ward meanwhile, and writes them
        indexes = write_indexes(job.root)
    mine = {s.outcome.ward: s.outcome for s in states}
    report.outcomes = [*(mine[code] for code in codes if code in mine), *unknown]
    report.pages = (*summary, *indexes)
    ended = replace(
        batch.known,
        pages=tuple(state.written_file(job.root, path) for path in summary),
        is_ended=True,
        is_settled=all(o.is_settled for o in report.outcomes),
    )
    state.write_known(batch.folder, ended)
    return report


def _row(outcome: Outcome, made_on: str) -> WardRow:
    from corridors.publish.batch_page import WardRow

    told = {k: v for k, v in vars(outcome).items() if k not in ("files", "log")}
    return WardRow(**told, made_on=made_on)
