"""`consentry-server demo`: a filled world on an empty machine, served."""

import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from consentry_server.common.errors import Full, Unavailable
from consentry_server.ops._beside import a_worker
from consentry_server.ops._server import free_port, numeric
from consentry_server.ops._start import now, say
from consentry_server.ops.serve import HOST, PORT, address, run
from consentry_server.ops.world import folder
from consentry_server.ops.world.build import Place, build
from consentry_server.ops.world.folder import Demo

WORKERS = 1
LOOPBACK = ("127.0.0.1", "::1", "localhost")
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Wish(Place):
    """What was asked for on the command line."""

    host: str
    port: int
    facts: Path | None
    no_serve: bool


@click.command("demo")
@click.option("--data", default="demo-data", show_default=True, type=FOLDER)
@HOST
@PORT
@click.option("--facts", metavar="FILE.json", type=FILE, help="Write what clients need to know here.")
@click.option("--database", metavar="URL", help="postgresql://…; SQLite in the folder if not given.")
@click.option("--storage", metavar="WHERE", help="A folder or s3://bucket/prefix; in --data if not given.")
@click.option("--fresh", is_flag=True, help="Forget the world in the folder and build it anew.")
@click.option("--no-serve", is_flag=True, help="Stop when everything is in place.")
def command(**given: Any) -> None:
    """Build a world with people, projects and files, serve it, and say how to get in.

    A later start with the same folder finds the same world.
    """
    wish = Wish(**given)
    # webhooks can be tried on one's own machine, unless others may come in from outside
    os.environ.setdefault("WEBHOOK_LOOPBACK", str(wish.host in LOOPBACK).lower())
    if wish.facts is not None:
        _make_way(wish.facts)
    if wish.no_serve:
        _prepare(wish, address(wish.host, wish.port or free_port(numeric(wish.host), 0)))()
    else:
        run(wish.host, wish.port, WORKERS, lambda site: _prepare(wish, site), beside=a_worker())


def _make_way(facts: Path) -> None:
    """Remove facts of an earlier start: whoever waits for them must not find those."""
    if not facts.absolute().parent.is_dir():
        raise click.ClickException(f"There is no folder for {facts}.")
    facts.unlink(missing_ok=True)


def _prepare(wish: Wish, site: str) -> Callable[[], None]:
    """Have everything in place for that address; return what tells about it."""
    try:
        demo = build(wish, site=site)
    except (Full, Unavailable) as reason:
        raise click.ClickException(f"{reason} Look at --storage and what it needs, then start again.") from None
    return partial(_tell, wish, demo, site)


def _tell(wish: Wish, demo: Demo, site: str) -> None:
    from consentry_server.ops.world.facts import facts
    from consentry_server.ops.world.guide import guide

    found = facts(demo.world, site=site, commands=_commands(demo), now=now())
    if wish.facts is not None:
        folder.write(wish.facts, found)
    click.echo(guide(found, site=site, passwords=demo.world["passwords"]))
    if not wish.no_serve:
        say("Serving until Ctrl-C.")


def _commands(demo: Demo) -> dict[str, str]:
    """Return the shell lines by which outside tests look into this demo."""
    program = [sys.executable, "-P", "-m", "consentry_server.ops.cli"]
    lines = {name: [*program, name, "--data", str(demo.path)] for name in ("written-mail", "reset-token")}
    return {name: shlex.join(words) for name, words in (lines | {"agree": [*program, "agree"]}).items()}
