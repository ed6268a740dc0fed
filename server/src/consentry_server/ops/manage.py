"""`consentry-server manage …`: Django's own commands."""

import click

from consentry_server.ops._start import start


@click.command(
    "manage",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> None:
    """Pass on to Django: manage shell, manage showmigrations …"""
    from django.core.management import ManagementUtility

    start()
    ManagementUtility(["consentry-server manage", *words]).execute()
