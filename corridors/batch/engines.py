"""Where wards are planned: in this process, in processes of this machine, or on a Dask cluster.

An engine makes ``concurrent.futures`` executors; nothing of our own schedules work. ``finished``
hands out orders to one, a few ahead of what it can do, and tries again what lost its process.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Any, Final

from corridors.batch.outcome import Order, Outcome, failed, outcome_of_error
from corridors.errors import InputError

LOSSES: Final = 3  # after so many lost processes a ward is reported, and the rest goes on
LOST: Final = (
    "its process was lost three times, perhaps for want of memory. Give it more memory or fewer "
    "processes, then run it again"
)
_AHEAD: Final = 4  # orders beyond two a worker: the next ones are ready, and few wait on disk
_THREADS: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip
_REACH_S: Final = "10s"

Unit = Callable[[Order], Outcome]


@dataclass(frozen=True)
class Engine:
    """How to get an executor, and how many wards it plans at a time."""

    opened: Callable[[], AbstractContextManager[Executor]]
    workers: int
    gave_up: tuple[type[BaseException], ...] = ()  # it lost a ward's worker and tried it elsewhere
    unreachable: tuple[type[BaseException], ...] = ()  # the engine itself is gone

    @property
    def most_waiting(self) -> int:
        """Orders handed out and not finished."""
        return 2 * self.workers + _AHEAD if self.workers > 1 or self.gave_up else 1


def engine_of(processes: int | None, scheduler: str | None) -> Engine:
    """The engine that is asked for: a Dask scheduler, else processes of this machine.

    Parameters
    ----------
    processes : one for this process itself; the machine's processors if None.
    scheduler : address, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    InputError
        If both are given, or Dask is not installed.
    """
    if scheduler is None:
        count = processes or _processors()
        return local_processes(count) if count > 1 else in_process()
    if processes is not None:
        raise InputError(
            "cannot be given with --scheduler", column="--processes",
            fix="A cluster has as many as it has workers; leave --processes out",
        )  # fmt: skip
    return dask_cluster(scheduler)


def _processors() -> int:
    """Processors that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- engines ------------------------------------------------------------------------------------


class _Here(Executor):
    """Does the work as it is handed over, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def in_process() -> Engine:
    """One ward after the other, here."""
    return Engine(_Here, workers=1)


def local_processes(count: int) -> Engine:
    """Processes of this machine, each with one thread for numbers."""

    def opened() -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(
            count, mp_context=get_context("spawn"), initializer=_begin_worker
        )
        for _ in range(count):
            pool.submit(_import_all)  # while the files are read and the first piece is cut
        return pool

    return Engine(opened, workers=count)


def _begin_worker() -> None:
    """Before numpy is imported in a new process: one thread, and an end with the parent's."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends the pool
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _import_all() -> None:
    """What planning needs, some seconds before it is needed."""
    importlib.import_module("corridors.pipeline")
    importlib.import_module("corridors.publish")


def _end_with_parent() -> None:
    # A pool's processes outlive a parent that was killed, and wait for ever.
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def dask_cluster(address: str) -> Engine:
    """A Dask cluster, by its scheduler. Its workers need the same disk under the same path.

    Raises
    ------
    InputError
        If Dask is not installed, or the scheduler cannot be reached.
    """
    try:
        from distributed import CancelledError as NotDone
        from distributed import Client
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise InputError(
            "needs Dask, which is not installed", column="--scheduler",
            fix='Install it with: pip install "corridors[dask]"',
        ) from error  # fmt: skip

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said once

    connect: Any = Client

    def reached() -> Any:
        try:
            return connect(address, timeout=_REACH_S, set_as_default=False)
        except (OSError, ValueError, TypeError, ImportError) as error:
            raise _unreachable(address) from error

    with reached() as client:
        workers = sum(client.nthreads().values())

    @contextmanager
    def opened() -> Iterator[Executor]:
        client = reached()
        try:
            yield client.get_executor(pure=False)
        finally:
            with suppress(Exception, asyncio.CancelledError):  # if the scheduler is gone
                client.close()

    return Engine(
        opened,
        workers=max(1, workers),
        gave_up=(KilledWorker,),
        unreachable=(CancelledError, NotDone, CommClosedError),
    )


def _unreachable(address: str) -> InputError:
    return InputError(
        "the scheduler cannot be reached", column="--scheduler", value=address,
        fix="Start it with `dask scheduler`, or correct the address, as in tcp://host:8786",
    )  # fmt: skip


# --- handing out --------------------------------------------------------------------------------


def finished(engine: Engine, unit: Unit, orders: Iterable[Order]) -> Generator[Outcome, None, None]:
    """The outcome of every order, as they finish.

    A pool breaks as a whole when one of its processes dies: it is made anew, and what was in its
    hands is handed out again. Which ward it was cannot be told, so those that were there twice are
    planned alone at the end; then a third loss is a ward's own, and is its outcome.

    Parameters
    ----------
    orders : taken a few ahead only, so that they may be made meanwhile.

    Raises
    ------
    InputError
        If the engine itself is gone.
    """
    source, again = iter(orders), deque[Order]()
    losses: Counter[str] = Counter()
    alone: list[Order] = []
    lost = True
    while lost:
        lost_now = yield from _round(
            engine, unit, iter(lambda: again.popleft() if again else next(source, None), None)
        )
        for order in lost_now:
            losses[order.ward] += 1
            (again if losses[order.ward] < LOSSES - 1 else alone).append(order)
        lost = bool(lost_now)
    for order in alone:
        if (yield from _round(engine, unit, iter([order]))):
            yield failed(order.ward, order.name, LOST)


def _round(
    engine: Engine, unit: Unit, orders: Iterator[Order]
) -> Generator[Outcome, None, list[Order]]:
    """Outcomes until the orders end or the executor breaks; then what was in its hands."""
    pending: dict[Future[Outcome], Order] = {}
    lost: list[Order] = []
    with engine.opened() as executor:
        try:
            for order in orders:
                try:
                    pending[executor.submit(unit, order)] = order
                except BrokenExecutor:
                    lost.append(order)
                yield from _done(engine, pending, lost, is_full=len(pending) >= engine.most_waiting)
                if lost:
                    break
            while pending:
                yield from _done(engine, pending, lost, is_full=True)
        except BaseException:
            for future in pending:  # Dask's executor cannot do this when it is shut down
                future.cancel()
            raise
    return lost


def _done(
    engine: Engine, pending: dict[Future[Outcome], Order], lost: list[Order], *, is_full: bool
) -> Iterator[Outcome]:
    """What has ended, taken out of ``pending``; at least one if it is full."""
    ended = wait(pending, None if is_full else 0, return_when=FIRST_COMPLETED).done
    for future in [f for f in pending if f in ended]:
        order = pending.pop(future)
        try:
            yield future.result()
        except BrokenExecutor:
            lost.append(order)
        except engine.gave_up:
            yield failed(order.ward, order.name, LOST)
        except engine.unreachable as error:
            raise InputError(
                "the scheduler was lost on the way", column="--scheduler",
                fix="Start it, then run the same again: what is finished stays",
            ) from error  # fmt: skip
        except Exception as error:  # a worker that lacks corridors, or an answer that is none
            yield outcome_of_error(order.ward, order.name, error)
