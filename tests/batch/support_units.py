"""Units that plan nothing, for what has to do with engines: they live, die and fail as told.

They are run in other processes too, so they import nothing that takes long.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path

from corridors.batch.outcome import DONE, Order, Outcome, Written, outcome_of_error

KILL = "CORRIDORS_TEST_KILL"  # "WARD TIMES FOLDER"; deaths are counted by files in the folder


def order_of(ward: str, piece: str = "none", root: str = ".") -> Order:
    return Order(root, piece, ward, f"Ward {ward}", "2026-W10", "0")


def quick_unit(order: Order) -> Outcome:
    """Done at once, unless the environment says that this ward's process is to be killed."""
    told = os.environ.get(KILL, "").split(" ", 2)
    if told[0] == order.ward:
        deaths = Path(told[2])
        if len(list(deaths.iterdir())) < int(told[1]):
            (deaths / f"{os.getpid()}-{time.monotonic_ns()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(order.ward, order.name, DONE, log=(f"process {os.getpid()}",))


def slow_unit(order: Order) -> Outcome:
    time.sleep(0.3)
    return quick_unit(order)


def waiting_unit(order: Order) -> Outcome:
    """Says that it began, and after half a minute that it lived on."""
    print("began", flush=True)
    time.sleep(30)
    print("lived on", flush=True)
    return quick_unit(order)


def writing_unit(order: Order) -> Outcome:
    """Writes one page, which tells which piece it was made from; may be killed after that."""
    from corridors import files

    place = f"maps/working/{order.ward}/{order.week}/map_OS.html"
    data = Path(order.piece).name.encode()
    try:
        files.write_text_atomically(Path(order.root) / place, data)
    except OSError as error:
        return outcome_of_error(order.ward, order.name, error)
    done = quick_unit(order)
    written = Written(place, len(data), hashlib.sha256(data).hexdigest())
    return Outcome(done.ward, done.name, DONE, patrols=1, staffed=1, files=(written,))


def failing_unit(order: Order) -> Outcome:
    """As ``writing_unit``; one ward fails, one crashes."""
    from corridors.errors import WardError

    try:
        if order.ward == "E05999002":
            raise WardError("no walkable street lies in ward", fix="Check the files")
        if order.ward == "E05999011":
            raise KeyError(95)
    except Exception as error:
        return outcome_of_error(order.ward, order.name, error)
    return writing_unit(order)
