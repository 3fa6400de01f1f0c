"""Runs benchmarks: ``python -m benchmarks [NAME ...]``, all of them without a name.

A benchmark is a module beside this one with ``run() -> list[tuple[str, float, str]]``: figures as
(name, value, unit). Each is printed on a line of its own and kept in ``benchmarks/results.json``,
with the machine it was measured on. Figures of benchmarks that did not run are kept.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
PACKAGES = (
    "corridors",
    "numpy",
    "scipy",
    "pandas",
    "geopandas",
    "shapely",
    "scikit-learn",
    "ortools",
    "pyvrp",
)

Figure = tuple[str, float, str]


def names() -> list[str]:
    """The benchmarks that there are."""
    return sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))


def measure(name: str) -> list[Figure]:
    """The figures of one benchmark, checked, and the seconds that it took as the last of them."""
    module = importlib.import_module(f"benchmarks.{name}")
    started_s = time.perf_counter()
    figures = list(module.run())
    figures.append((f"{name}.whole", time.perf_counter() - started_s, "s"))
    seen: set[str] = set()
    for figure, value, unit in figures:
        if figure in seen or set(figure + unit) & set(" \t\n") or not math.isfinite(value):
            raise ValueError(
                f"{name}: {(figure, value, unit)} is twice there, spaced or not finite"
            )
        seen.add(figure)
    return figures


def machine() -> dict[str, Any]:
    """What the figures depend on beside the code."""
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
    }


def keep(name: str, figures: list[Figure]) -> None:
    """Put the figures of ``name`` into the results file, in place of its old ones."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[name] = {
        "machine": machine(),
        "figures": [{"name": n, "value": float(v), "unit": u} for n, v, u in figures],
    }
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benchmarks.")
    parser.add_argument("name", nargs="*", help=f"of: {', '.join(names()) or 'none yet'}")
    chosen = parser.parse_args(arguments).name or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown or not chosen:
        parser.error(
            f"no benchmark {', '.join(unknown)}; there are: {', '.join(names()) or 'none'}"
        )
    for name in chosen:
        figures = measure(name)
        for figure, value, unit in figures:
            print(f"{figure} {value:.6g} {unit}", flush=True)
        keep(name, figures)


if __name__ == "__main__":
    main()
