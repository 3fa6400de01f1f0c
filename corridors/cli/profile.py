"""`corridors profile`: what a policy profile says, in plain words."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import json_option

if TYPE_CHECKING:
    from corridors.profile import Profile


@click.group()
def profile() -> None:
    """Explain policy profiles: who walks for which aim, how near police are, what limits hold."""


@profile.command("list")
@json_option
def list_profiles(*, as_json: bool) -> None:
    """Name the profiles that come with corridors, and what each follows."""
    from corridors import sources

    found = {name: sources.read_profile(name).source for name in sources.shipped_profiles()}
    if as_json:
        click.echo(json.dumps(found, indent=2, sort_keys=True))
        return
    for name, source in found.items():
        click.echo(f"{name}: {source}")


@profile.command()
@click.argument("target", default=".", metavar="[WORKSPACE or NAME]")
@json_option
def show(target: str, *, as_json: bool) -> None:
    """Say in plain words what a profile means.

    Takes a workspace folder (the one you are in if none is given), the name of a profile that
    comes with corridors, or the path of a profile's .toml file.
    """
    from corridors.publish.profile_words import as_text, profile_words

    found = _profile_of(target)
    sections = profile_words(found)
    if as_json:
        data = {"words": [asdict(section) for section in sections], "profile": asdict(found)}
        click.echo(json.dumps(data, indent=2, sort_keys=True))
    else:
        click.echo(as_text(sections))


def _profile_of(target: str) -> Profile:
    from corridors import sources

    is_profile = target in sources.shipped_profiles() or target.endswith(".toml")
    if is_profile or not Path(target).is_dir():
        return sources.read_profile(target)
    return sources.open_workspace(Path(target)).profile
