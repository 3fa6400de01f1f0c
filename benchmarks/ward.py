"""One ward, from files to pages: seconds, peak memory, and how often it fits into its limit.

The limit is 60 s and 1.5 GB on 2 cores. Camden's ward is measured where the real data is (see
CONTRIBUTING.md); the demo ward always.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S, LIMIT_MB = 60.0, 1536.0
# Runs the command line and says its peak memory last; children's peaks cannot be told apart here.
_PROBE = (
    "import resource, sys\nfrom corridors.cli import main\n"
    "main(sys.argv[1:], standalone_mode=False)\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)

Figure = tuple[str, float, str]


def run() -> list[Figure]:
    """Figures of the demo ward, and of Holborn in Camden where the real data is."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        shutil.copytree(ROOT / "data", demo / "data")
        shutil.copy(ROOT / "corridors.toml", demo)
        figures = _figures("demo", demo, "E05999001", "2026-W10", "2026-02-20")
        real = Path(os.environ.get("CORRIDORS_REALDATA", ROOT.parent / "shared" / "realdata"))
        if (real / "camden").is_dir():
            sys.path.insert(0, str(ROOT / "tests"))
            from support_camden import MADE_ON, WEEK, write_camden

            camden = write_camden(Path(folder) / "camden", (real / "camden").resolve())
            figures += _figures("camden", camden, "E05000138", WEEK, MADE_ON)
    return figures


def _figures(name: str, workspace: Path, ward: str, week: str, made_on: str) -> list[Figure]:
    started_s = time.perf_counter()
    arguments = ["plan", str(workspace), ward, "--week", week, "--made-on", made_on, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments], check=True, capture_output=True, text=True
    )
    seconds = time.perf_counter() - started_s
    peak_mb = int(done.stdout.splitlines()[-1]) / 1024
    return [
        (f"ward.{name}.time", seconds, "s"),
        (f"ward.{name}.time_of_limit", seconds / LIMIT_S, "ratio"),
        (f"ward.{name}.peak", peak_mb, "MB"),
        (f"ward.{name}.peak_of_limit", peak_mb / LIMIT_MB, "ratio"),
    ]
