"""Says at the end what the fuzz did, when ``make fuzz`` asks for it."""

from __future__ import annotations

import os
from collections import defaultdict

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "CORRIDORS_FUZZ" not in os.environ:
        return
    found = defaultdict(list)
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for key, value in report.user_properties:
            if key == "fuzz":
                found[value[0]].append(value[1:])
    sums = {
        name: [sum(column) for column in zip(*rows, strict=True)] for name, rows in found.items()
    }
    for name, (cases, read, refused, with_row, took_s) in sorted(sums.items()):
        terminalreporter.write_line(
            f"fuzz {name}: {cases} cases, {read} read, {refused} refused, "
            f"{with_row} of them with a row; {took_s:.0f} s"
        )
    total = sum(cases for cases, *_ in sums.values())
    faults = total - sum(read + refused for _, read, refused, *_ in sums.values())
    terminalreporter.write_line(f"fuzz: {total} cases, {len(sums)} readers, {faults} faults")
