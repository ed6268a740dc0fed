"""`consentry-server reconcile`: brings database and store together after a crash."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import click

from consentry_server.ops._start import now, say, start

PAGE = 500


@dataclass
class Report:
    """What was found. `lost` and `strays` need a person."""

    finished: int = 0
    given_up: int = 0
    unknown: list[str] = field(default_factory=list)
    stale: int = 0
    lost: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)


@click.command("reconcile")
@click.option("--dry-run", is_flag=True, help="Say what is there and change nothing.")
@click.option(
    "--older-than",
    default=60,
    show_default=True,
    type=click.IntRange(min=1),
    help="Minutes that an upload may take.",
)
def command(*, dry_run: bool, older_than: int) -> None:
    """Finish deletions, remove bytes that no file has, and report files whose bytes are gone.

    Exits with 1 if a person has to look.
    """
    start()
    before = now() - timedelta(minutes=older_than)
    report = _looked(before) if dry_run else _mended(before)
    click.echo(summary(report, dry_run=dry_run))
    if report.lost or report.strays:
        raise SystemExit(1)


def _mended(before: datetime) -> Report:
    from django.core.management import call_command

    from consentry_server.files import actions as files
    from consentry_server.storage import current
    from consentry_server.tokens import actions as tokens

    call_command("clearsessions")  # of those who logged in and never came back
    files.forget_keys(now=now())
    tokens.forget(now=now())
    report = Report(given_up=files.give_up_all(now=now()))
    report.finished, report.stale = files.erase_deleted(now=now()), current().sweep(older_than=before)
    for keys in _old(current().keys(), before):
        report.unknown += files.remove_unknown(keys)
    for keys in _old(current().inbox.keys(), before):
        report.unknown += files.forget_unknown(keys)
    return _reported(report)


def _looked(before: datetime) -> Report:
    from consentry_server.files import queries as files
    from consentry_server.projects.queries import badges
    from consentry_server.storage import current

    waiting = {file.key for file in files.blobs_to_erase(10**9)}
    report = Report(finished=len(waiting), given_up=files.given_up(now=now()).count())
    for keys in _old(current().keys(), before):
        report.unknown += sorted(set(keys) - files.known_keys(keys) - badges(keys) - waiting)
    for keys in _old(current().inbox.keys(), before):
        report.unknown += sorted(set(keys) - files.known_handles(keys))
    return _reported(report)


def _old(found: Iterator[tuple[str, datetime]], before: datetime) -> Iterator[list[str]]:
    """Walk the keys of bytes that are there since long before, some at a time."""
    keys = (key for key, since in found if since < before)
    while page := list(islice(keys, PAGE)):
        yield page


def _reported(report: Report) -> Report:
    from consentry_server.storage import current

    report.strays = sorted(current().strays())
    report.lost = list(_lost())
    return report


def _lost() -> Iterator[str]:
    """Say which files lack bytes or have others than they came with."""
    from consentry_server.files import queries as files

    after = 0
    while page := files.present_keys(after=after, limit=PAGE):
        for file_id, key, size in page:
            fault = _fault(key, size)
            # asked again: its owner may have deleted it a moment ago
            if fault and files.present_keys(after=file_id - 1, limit=1)[:1] == [(file_id, key, size)]:
                yield f"file {file_id}: {fault}"
        after = page[-1][0]


def _fault(key: str, size: int) -> str:
    from consentry_server.storage import current

    try:
        found = current().size(key)
    except FileNotFoundError:
        return f"its bytes are gone (key {key})"
    return "" if found == size else f"has {found} bytes instead of {size} (key {key})"


def summary(report: Report, *, dry_run: bool) -> str:
    """Return what was found and done, a line each."""
    done, removed = ("to finish", "to remove") if dry_run else ("finished", "removed")
    for line in (*report.lost, *(f"not a file of ours: {stray}" for stray in report.strays)):
        say(line)
    return "\n".join(
        [
            f"deletions {done}: {report.finished}",
            f"uploads {'to give up' if dry_run else 'given up'}: {report.given_up}",
            f"blobs that no file has, {removed}: {len(report.unknown)}",
            "stale uploads: not looked at" if dry_run else f"stale uploads removed: {report.stale}",
            f"files without their bytes: {len(report.lost)}",
            f"things in the store that are not files: {len(report.strays)}",
        ]
    )
