"""`consentry-server outbox`: what waits to be done after a commit, and what was given up."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from consentry_server.ops._start import now, say, start

if TYPE_CHECKING:
    from consentry_server.outbox.rules import Entry

KIND = click.option("--kind", default="", help="Only of this kind, such as mail.send.")


@click.group("outbox")
def command() -> None:
    """Mail and whatever else the worker has to do; what it gave up can be tried again."""


@command.command("ls")
@click.option("--dead", is_flag=True, help="What was given up, instead of what waits.")
@KIND
@click.option("--about", default="", help="Only about this, such as project:3.")
@click.option("-o", "--output", default="text", show_default=True, type=click.Choice(["text", "json"]))
def ls(*, dead: bool, kind: str, about: str, output: str) -> None:
    """List what waits, longest due first; or with --dead what was given up. What each says stays sealed."""
    start()
    from consentry_server.outbox import queries

    found = (queries.dead if dead else queries.waiting)(kind=kind, about=about)
    for line in _json(found) if output == "json" else _text(found):
        click.echo(line)


def _text(entries: "Iterator[Entry]") -> Iterator[str]:
    """Write a line for each, if there are any under a line that names the columns."""
    line = "{:>8}  {:20}  {:16}  {:20}  {:>5}  {}"
    for nth, entry in enumerate(entries):
        if not nth:
            yield line.format("id", "kind", "about", "dead since" if entry.dead_at else "due", "tries", "reason")
        at = entry.dead_at or entry.due_at
        when = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        yield line.format(entry.id, entry.kind, entry.about, when, entry.attempts, entry.reason).rstrip()


def _json(entries: "Iterator[Entry]") -> Iterator[str]:
    yield json.dumps([asdict(entry) for entry in entries], default=lambda at: at.isoformat(), indent=1)


@command.command("replay")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
@click.option("--all-dead", is_flag=True, help="Everything that was given up.")
@KIND
def replay(*, ids: tuple[int, ...], all_dead: bool, kind: str) -> None:
    """Have these tried again now, with all their tries before them."""
    if bool(ids) == all_dead:
        raise click.UsageError("Name ids, or say --all-dead.")
    if kind and not all_dead:
        raise click.UsageError("--kind goes with --all-dead.")
    start()
    from consentry_server.outbox import actions

    count = actions.replay_dead(now=now(), kind=kind) if all_dead else _replay(ids)
    say(f"To be tried again: {count}.")


def _replay(ids: tuple[int, ...]) -> int:
    from consentry_server.outbox import actions

    unknown = []
    for effect_id in ids:
        try:
            actions.replay(effect_id=effect_id, now=now())
        except actions.NoSuchEffect:
            unknown.append(str(effect_id))
    if unknown:
        raise click.ClickException(f"No such effect, or done already: {', '.join(unknown)}.")
    return len(ids)
