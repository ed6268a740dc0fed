"""The command `consentry-server`: each subcommand is a module, imported when asked for."""

import os
from importlib import import_module

import click

from consentry_server import __version__

COMMANDS = {
    "serve": "serve",
    "worker": "worker",
    "outbox": "outbox",
    "demo": "demo",
    "migrate": "migrate",
    "manage": "manage",
    "check": "check",
    "reconcile": "reconcile",
    "scrub": "scrub",
    "storage": "storage",
    "settings-table": "settings_table",
    "staff": "staff",
    "written-mail": "written_mail",
    "reset-token": "reset_token",
    "rotate-signing-key": "rotate_signing_key",
    "agree": "agree",
}


class Commands(click.Group):
    """Subcommands that cost nothing until they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"consentry_server.ops.{COMMANDS[cmd_name]}").command
        return found if isinstance(found, click.Command) else None


@click.command(cls=Commands)
@click.version_option(__version__, prog_name="consentry-server")
def main() -> None:
    """Run a home for people's data. Settings come from the environment: see `settings-table`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consentry_server.config.settings")


if __name__ == "__main__":
    main()
