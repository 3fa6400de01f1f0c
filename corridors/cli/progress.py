"""How far a long command has come: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_STEPS = 1000


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """A function that takes a stage's name and the share of all work done (0-1).

    It writes to stderr, so that stdout holds results only.
    """
    if quiet:
        yield lambda _stage, _share: None
    elif sys.stderr.isatty():
        with click.progressbar(length=_STEPS, file=sys.stderr, show_eta=False) as bar:
            yield lambda stage, share: _move(bar, stage, share)
    else:
        seen: set[str] = set()
        yield lambda stage, _share: _line(seen, stage)


def _move(bar: click._termui_impl.ProgressBar[int], stage: str, share: float) -> None:
    bar.label = f"{stage:<8}"
    bar.update(max(0, round(share * _STEPS) - bar.pos))
    bar.render_progress()


def _line(seen: set[str], stage: str) -> None:
    if stage not in seen:
        seen.add(stage)
        click.echo(stage, err=True)
