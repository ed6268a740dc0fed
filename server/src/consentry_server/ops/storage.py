"""`consentry-server storage copy`: an installation's bytes from one store to the other, as often as it takes."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consentry_server.common.errors import Unavailable
from consentry_server.ops._start import say, start

if TYPE_CHECKING:
    from consentry_server.storage import BlobStore

PAGE = 500


@click.group("storage")
def command() -> None:
    """Work on the place where the bytes of data files live."""


@command.command("copy")
@click.option("--from", "source", required=True, metavar="WHERE", help="A folder, or s3://bucket/prefix.")
@click.option("--to", "target", required=True, metavar="WHERE", help="The other one.")
def copy(source: str, target: str) -> None:
    """Copy the bytes of all files, each compared with its SHA-256 as it goes and as it arrived.

    The site may be served meanwhile. Interrupted, it goes on where it was when run again. Exits with 1 if a file is
    missing or damaged.
    """
    start()
    if source.rstrip("/") == target.rstrip("/"):
        raise click.UsageError("--from and --to are the same place.")
    from consentry_server.storage.copying import Copying

    try:
        copying = Copying(_store(source), _store(target, new=True), _journal(source, target))
        report = copying.run(_known())
    except Unavailable as error:
        raise click.ClickException(f"{error.detail} What was copied stays: run this again to go on.") from None
    for line in report.wrong:
        say(line)
    click.echo(f"files copied: {report.copied} ({report.size} bytes)")
    click.echo(f"files that were there already: {report.there}")
    click.echo(f"files missing or damaged: {len(report.wrong)}")
    if report.wrong:
        raise SystemExit(1)


def _store(location: str, *, new: bool = False) -> "BlobStore":
    from consentry_server.storage import at

    if not new and not location.startswith("s3://") and not Path(location).is_dir():
        raise click.UsageError(f"There is no folder {location}.")
    return at(location)


def _journal(source: str, target: str) -> Path:
    """Return the file that says what was copied and compared between these two."""
    from django.conf import settings

    name = hashlib.sha256(f"{source}\n{target}".encode()).hexdigest()[:16]
    return Path(settings.DATA) / f"storage-copy-{name}"


def _known() -> Iterator[tuple[str, str]]:
    """Walk the keys that must have bytes, with their SHA-256 where one is known: of files, not of pictures."""
    from consentry_server.files import queries as files
    from consentry_server.projects.queries import all_badges

    after = 0
    while page := files.present_keys(after=after, limit=PAGE):
        sums = files.sums([key for _, key, _ in page])
        yield from ((key, sums[key]) for _, key, _ in page if key in sums)  # the others were deleted meanwhile
        after = page[-1][0]
    badges = iter(all_badges())
    while keys := list(islice(badges, PAGE)):
        yield from ((key, "") for key in keys)
