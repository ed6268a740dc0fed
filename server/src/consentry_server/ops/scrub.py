"""`consentry-server scrub`: reads the bytes of all files again, and says which are not what they were."""

import logging
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from consentry_server.common.errors import Unavailable
from consentry_server.ops._start import now, say, start

log = logging.getLogger(__name__)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FOUND_WITHIN = timedelta(days=7)
MANY = 100  # wrong files, after which a person should look at the store first: it may not be mounted


@dataclass
class Report:
    """What was read. `wrong` needs a person."""

    files: int = 0
    size: int = 0
    wrong: int = 0
    all_read: bool = False


def _span(_: click.Context, __: click.Parameter, value: str | None) -> timedelta | None:
    """Read a time such as 10m."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value, re.ASCII) if value is not None else None
    if value is not None and found is None:
        raise click.BadParameter(f"{value!r} is not a time. Write a number and s, m, h or d, such as 10m.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


@click.command("scrub")
@click.option("--for", "lasting", callback=_span, metavar="TIME", help="Stop after this time, such as 10m or 2h.")
def command(lasting: timedelta | None) -> None:
    """Read every file and compare its size and SHA-256 with those it came with.

    Those whose last check is longest ago come first, so that a run goes on where the last one stopped. The site may be
    served meanwhile. Exits with 1 if a file is missing or damaged.
    """
    start()
    ends = time.monotonic() + lasting.total_seconds() if lasting else float("inf")
    try:
        report = _scrubbed(since=now(), ends=ends)
    except Unavailable:
        raise click.ClickException("The store of files does not work. Run this again: it goes on here.") from None
    _tell(report)
    if report.wrong:
        raise SystemExit(1)


def _scrubbed(*, since: datetime, ends: float) -> Report:
    from consentry_server.files import actions as files

    report = Report()
    while time.monotonic() < ends and report.wrong < MANY:
        checked = files.check_next(before=since, now=now())
        if checked is None:
            report.all_read = True
            break
        report.files += 1
        report.size += checked.size
        if checked.fault:
            report.wrong += 1
            log.error("file %d: %s", checked.file_id, checked.fault)
    return report


def _tell(report: Report) -> None:
    from consentry_server.files.queries import checking

    click.echo(f"files read: {report.files} ({report.size} bytes)")
    click.echo(f"files missing or damaged: {report.wrong}")
    if report.wrong >= MANY:
        say(f"Stopped after {MANY} of them. Look at the store first: is it there?")
    late = 0 if report.all_read else checking.unchecked_since(now() - FOUND_WITHIN)
    if late:
        say(f"{late} files were not read for {FOUND_WITHIN.days} days. Run this more often or for longer.")
