"""The command line, one file a command. Imports of the stages stay inside the commands."""

from __future__ import annotations

import click

from corridors import __version__
from corridors.cli.approve import approvals, approve
from corridors.cli.audit import audit_log
from corridors.cli.backtest import backtest
from corridors.cli.batch import batch
from corridors.cli.bundle import bundle
from corridors.cli.cache import cache
from corridors.cli.check import check
from corridors.cli.decide import decide, decisions
from corridors.cli.demo import demo
from corridors.cli.evaluate import evaluate
from corridors.cli.explain import explain
from corridors.cli.fetch import fetch
from corridors.cli.init import init
from corridors.cli.ledger import ledger
from corridors.cli.log import log
from corridors.cli.map_columns import map_columns
from corridors.cli.plan import plan
from corridors.cli.profile import profile
from corridors.cli.publish_pack import publish_pack
from corridors.cli.purge import purge
from corridors.cli.score import score
from corridors.cli.withdraw import withdraw
from corridors.errors import InputError
from corridors.files import words_of

BAD_INPUT = 2


class _Corridors(click.Group):
    """Turns errors that a user can mend into one message and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except InputError as error:
            message = str(error)
        except OSError as error:
            if error.filename is None:
                raise
            message = words_of(error)
        click.echo(f"corridors: {message}", err=True)
        raise click.exceptions.Exit(BAD_INPUT)


@click.group(cls=_Corridors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="corridors")
def main() -> None:
    """Plan Safer Corridors: who walks with pupils after school, where, when and why.

    Start with `corridors demo DIR`, or `corridors init DIR` for your own area. Only
    `corridors fetch` uses the network, and it says first who learns what.
    """


for _command in (
    init,
    fetch,
    cache,
    map_columns,
    check,
    plan,
    batch,
    approve,
    approvals,
    decide,
    decisions,
    withdraw,
    log,
    score,
    explain,
    backtest,
    evaluate,
    publish_pack,
    ledger,
    purge,
    audit_log,
    profile,
    bundle,
    demo,
):
    main.add_command(_command)
