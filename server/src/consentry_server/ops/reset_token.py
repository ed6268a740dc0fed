"""`consentry-server reset-token`: a new master token for a project of a demo."""

import os
from pathlib import Path

import click

from consentry_server.ops._start import now, start


@click.command("reset-token")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Default: DATA.")
def command(data: Path | None) -> None:
    """Replace the master token of the project OH_PROJECT_ID of a demo, and print the new one."""
    from consentry_server.ops.world import folder

    demo = folder.opened(data or Path(os.environ.get("DATA", "consentry-data")))
    folder.use(demo, site=demo.site)
    start()
    click.echo(reset(os.environ.get("OH_PROJECT_ID", "")))


def reset(project_id: str) -> str:
    """Give a project a new token at once and return it."""
    from consentry_server.ops.world.tokens import replaced
    from consentry_server.projects import queries as projects

    number = int(project_id) if project_id.isascii() and project_id.isdigit() else 0
    if not 0 < number < 2**63 or projects.by_id(number) is None:
        raise click.ClickException(f"OH_PROJECT_ID={project_id!r} is not the id of a project.")
    return replaced(number, now=now())
