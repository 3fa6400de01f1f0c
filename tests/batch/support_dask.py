"""Runs units or a batch on a Dask cluster of this machine; a program of its own.

    python support_dask.py killed|lost FOLDER
    python support_dask.py batch WORKSPACE SECONDS...

The first runs units whose worker is killed, or lost for good. The second kills a worker at each of
the moments and tells the exit code. What was found goes to stdout as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

WARDS = [f"E0500000{n}" for n in range(6)]


def units(what: str, folder: Path) -> dict[str, object]:
    from support_units import KILL, order_of, quick_unit

    from corridors.batch import engines

    def outcomes(address: str, unit=quick_unit) -> dict[str, str]:
        made = engines.finished(engines.dask_cluster(address), unit, map(order_of, WARDS))
        return {o.ward: o.status for o in sorted(made, key=lambda o: o.ward)}

    found: dict[str, object] = {"wards": WARDS}
    if what == "lost":
        return found | _lost(outcomes, folder)
    with _cluster({KILL: f"{WARDS[3]} 1 {folder}"}) as killed:
        found["killed"] = outcomes(killed.scheduler_address)
    found["deaths"] = len(list(folder.iterdir()))
    return found


def _lost(outcomes: Callable[[str], dict[str, str]], folder: Path) -> dict[str, object]:
    from support_units import KILL

    from corridors.batch import engines
    from corridors.errors import InputError

    found: dict[str, object] = {}
    with _cluster({KILL: f"{WARDS[3]} 99 {folder}"}) as poisoned:
        found["poisoned"] = outcomes(poisoned.scheduler_address)
    engines._REACH_S = "1s"
    for key, unit in (("no_scheduler", None), ("scheduler_gone", "slow")):
        try:
            found[key] = _without_scheduler(unit)
        except InputError as error:
            found[key] = str(error)
    return found


def _without_scheduler(unit: str | None) -> str:
    from support_units import order_of, slow_unit

    from corridors.batch import engines

    if unit is None:
        engines.dask_cluster("tcp://127.0.0.1:9")
        return "reached"
    port = _free_port()
    address = f"tcp://127.0.0.1:{port}"
    code = "from distributed.cli.dask_scheduler import main; main()"
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    scheduler = subprocess.Popen([sys.executable, "-c", code, *words], stderr=subprocess.DEVNULL)
    code = "from distributed.cli.dask_worker import main; main()"
    worker = subprocess.Popen(
        [sys.executable, "-c", code, address, "--nthreads", "1", "--no-dashboard", "--no-nanny"],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        engines._REACH_S = "20s"
        engine = engines.dask_cluster(address)
        for _ in engines.finished(engine, slow_unit, map(order_of, WARDS)):
            scheduler.kill()
        return "finished"
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()


def _free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def batch(root: Path, moments_s: list[float]) -> dict[str, object]:
    from corridors.cli import main

    with _cluster({}) as cluster:
        ended = threading.Event()
        killed: list[int] = []

        def kill() -> None:
            began_s = time.monotonic()
            for moment_s in moments_s:
                if ended.wait(max(0.0, began_s + moment_s - time.monotonic())):
                    return
                pids = [w.pid for w in cluster.workers.values() if w.pid]
                if pids:
                    os.kill(pids[len(killed) % len(pids)], signal.SIGKILL)
                    killed.append(1)

        threading.Thread(target=kill, daemon=True).start()
        code: object = None
        try:
            main(["batch", str(root), "--week", "2026-W10", "--made-on", "20/02/2026",
                  "--scheduler", cluster.scheduler_address])  # fmt: skip
        except SystemExit as error:
            code = error.code
        ended.set()
    return {"code": code, "killed": len(killed)}


def _cluster(environment: dict[str, str]):
    import dask
    from distributed import LocalCluster

    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    dask.config.set({"distributed.nanny.environ": environment})
    return LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    )


if __name__ == "__main__":
    found = (
        units(sys.argv[1], Path(sys.argv[2]))
        if sys.argv[1] in ("killed", "lost")
        else batch(Path(sys.argv[2]), [float(word) for word in sys.argv[3:]])
    )
    print(json.dumps(found))
