"""`consentry-server written-mail`: what a mail folder holds, for tests and for the curious."""

import json
import os
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import click

# Django ends each mail of a file with such a line.
_END = re.compile(rb"\n-{79}\n(?=Content-Type: |\Z)")


@click.command("written-mail")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Default: DATA.")
def command(data: Path | None) -> None:
    """Print a line of JSON for each mail that was written to the data folder, oldest first."""
    folder = data or Path(os.environ.get("DATA", "consentry-data"))
    for mail in mails(folder / "mail"):
        click.echo(json.dumps(mail, ensure_ascii=False))


def mails(folder: Path) -> Iterator[dict[str, object]]:
    """Read the mails of a folder, oldest first."""
    for path in sorted(folder.glob("*.log"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        for raw in _END.split(path.read_bytes()):
            if raw.strip():
                yield _summary(message_from_bytes(raw, _class=EmailMessage, policy=default))


def _summary(mail: EmailMessage) -> dict[str, object]:
    body = mail.get_body(("plain", "html"))
    return {
        "to": [address.addr_spec for address in mail["To"].addresses] if mail["To"] else [],
        "subject": str(mail["Subject"] or ""),
        "body": body.get_content() if body else "",
    }
