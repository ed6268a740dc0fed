"""`consentry-server migrate`: bring the database up to date."""

import click

from consentry_server.ops._start import start


@click.command("migrate")
def command() -> None:
    """Bring the database up to date."""
    start()
    migrate()


def migrate() -> None:
    """Make every table as this version needs it; harmless when nothing has changed."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def pending() -> bool:
    """Say whether the database is older than the code."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
