"""`consentry-server migrate`: bring the database up to date."""

import click

from consentry_server.ops._start import now, start


@click.command("migrate")
def command() -> None:
    """Bring the database up to date."""
    start()
    migrate()


def migrate() -> None:
    """Make every table as this version needs it, and what stands in each; harmless when nothing has changed."""
    from django.core.management import call_command

    from consentry_server.projects.actions.own import own_source

    call_command("migrate", interactive=False, verbosity=0)
    own_source(now=now())


def pending() -> bool:
    """Say whether the database is older than the code."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def refuse_if_older() -> None:
    """End a command that needs the tables of this version and does not find them."""
    if pending():
        raise click.ClickException("The database is older than this version. Mend it with: consentry-server migrate")
