"""`corridors backtest`: how well each way of mapping risk foretold later months."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.audit import audited, reason_option
from corridors.cli.options import (
    day_of,
    json_option,
    made_on_option,
    workspace_argument,
)
from corridors.cli.progress import progress

if TYPE_CHECKING:
    from corridors.model import BacktestReport

_TITLE_CHARS = 40
_WIDTH = 80


@click.command()
@workspace_argument
@click.option("--ward", metavar="WARD", help="A ward code or name; all wards if not given.")
@click.option(
    "--keep-share",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    callback=lambda _ctx, _option, share: _number(share),
    help="Keep only this share of incidents, drawn at random: 0.1 shows how it does with few.",
)
@click.option("--seed", type=click.IntRange(0), help="For the draw; the profile's if not given.")
@made_on_option
@reason_option
@json_option
def backtest(
    workspace: Path,
    ward: str | None,
    keep_share: float,
    seed: int | None,
    made_on: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Score the risk map of WORKSPACE on months that it had not seen.

    Every month is foretold from the months before it, in each of several ways, and compared with
    what was reported. Writes a page, its chart and the figures for staff.
    """
    from corridors import pipeline
    from corridors.publish.backtest import backtest_data, write_backtest
    from corridors.sources import load_area, open_workspace

    opened = open_workspace(workspace)
    with audited(opened, "backtest") as audit, progress(quiet=as_json) as tell:
        tell("inputs", 0.0)
        inputs = load_area(opened, ward, day_of(made_on))
        audit.note_read(inputs.sources)
        profile = opened.profile if seed is None else replace(opened.profile, seed=seed)
        report = pipeline.make_backtest(
            inputs,
            profile,
            keep_share=keep_share,
            progress=lambda stage, share: tell(stage, 0.1 + 0.85 * share),
        )
        tell("pages", 0.95)
        written = write_backtest(report, inputs.ward.code, workspace)
        audit.note_wrote(written)
    paths = [str(path) for path in written]
    if as_json:
        data = backtest_data(report, inputs.ward.code) | {"files": paths}
        click.echo(json.dumps(data, indent=2, sort_keys=True))
    else:
        click.echo("\n".join([*_words(report), *paths]))


def _number(share: float) -> float:
    # A range lets "nan" through: it is neither below nor above.
    if math.isnan(share):
        raise click.BadParameter("nan is not a number over 0, up to 1.")
    return share


def _words(report: BacktestReport) -> list[str]:
    """The result as plain lines that fit a terminal of 80 columns."""
    from corridors.publish import backtest_words as told
    from corridors.publish.backtest import score_rows

    sentences = [
        f"Back-test of {told.area_name(report)}.",
        *([told.AFTER_SCHOOL] if report.has_times else []),
        *told.summary_words(report),
        *(f"Caution: {text}" for text in told.cautions(report)),
    ]
    lines = [line for text in sentences for line in _wrapped(text)]
    rows = score_rows(report)
    heads = [told.percent(share) for share in report.length_shares]
    for measure, titles, figures in (
        (told.HIT_WORDS, heads, [row.hits for row in rows]),
        (told.PAI_WORDS, heads, [row.pai for row in rows]),
        (told.PEI_WORDS, heads, [row.pei for row in rows]),
        (told.GAIN_WORDS, ["nats"], [(row.gain,) for row in rows]),
    ):
        lines += ["", *_wrapped(measure), *_table([row.title for row in rows], titles, figures)]
    return [*lines, "", told.WEIGHTS_LEAD, *told.weight_words(report), ""]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH)


def _table(titles: Sequence[str], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Titles at the left, figures at the right; a long title takes more than one line."""
    wide = max(7, *(len(head) for head in heads), *(len(cell) for row in rows for cell in row))
    lines = [" " * _TITLE_CHARS + "".join(f"{head:>{wide + 1}}" for head in heads)]
    for title, row in zip(titles, rows, strict=True):
        *above, last = textwrap.wrap(title, _TITLE_CHARS - 2) or [""]
        figures = "".join(f"{cell:>{wide + 1}}" for cell in row)
        lines += [*above, f"{last:<{_TITLE_CHARS}}{figures}"]
    return lines
