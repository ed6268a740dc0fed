"""Settings and apps, loaded when a command needs them."""

import os
from datetime import UTC, datetime

import click


def start() -> None:
    """Load settings and apps; a wrong setting ends the command with the sentence that says so."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consentry_server.config.settings")
    try:
        django.setup(set_prefix=False)
    except ImproperlyConfigured as error:
        raise click.ClickException(str(error)) from None


def now() -> datetime:
    """Return the present moment, which every action is handed."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """Tell the person something that is not the command's data."""
    click.echo(text, err=True)
