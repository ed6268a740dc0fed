"""`consentry-server settings-table`: the page of settings, written from the settings themselves."""

from pathlib import Path

import click

from consentry_server.ops._start import say, start

HEAD = """# Settings

Every setting is an environment variable. This page is made by `consentry-server settings-table`.

| name | default | meaning |
|---|---|---|
"""


@click.command("settings-table")
@click.option("--check", "page", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def command(page: Path | None) -> None:
    """Print the page of settings; with --check, say whether FILE is that page."""
    start()
    written = table()
    if page is None:
        click.echo(written, nl=False)
    elif not page.is_file() or page.read_text() != written:
        raise click.ClickException(f"{page} is stale. Mend it with: consentry-server settings-table > {page}")
    else:
        say(f"{page} is fresh.")


def table() -> str:
    """Return the page of settings in Markdown."""
    from django.conf import settings

    return HEAD + "".join(
        f"| `{known.name}` | {f'`{known.default}`' if known.default else ''} | {known.meaning} |\n"
        for known in settings.KNOWN_SETTINGS
    )
