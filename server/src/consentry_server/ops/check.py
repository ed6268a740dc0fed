"""`consentry-server check`: would production start with these settings?"""

import click

from consentry_server.ops._start import say, start


@click.command("check")
def command() -> None:
    """Say what is unsafe about this set-up and how to mend it; exit with 1 if anything is."""
    from django.conf import settings

    start()
    if settings.MODE != "production":
        say(f"CONSENTRY_MODE={settings.MODE}. This is what production would say:")
    faults = settings.FAULTS + store_faults()
    if faults:
        raise click.ClickException(told(faults))
    say("Nothing unsafe found.")


def store_faults() -> list[str]:
    from consentry_server.storage import faults

    return faults()


def store_misplaced() -> list[str]:
    from consentry_server.storage import misplaced

    return misplaced()


def told(faults: list[str]) -> str:
    """Write the faults as a list."""
    return "This set-up is not safe for production:\n" + "\n".join(f"- {fault}" for fault in faults)


def refuse_if_unsafe() -> None:
    """End a command that would open an unsafe installation to people."""
    from django.conf import settings

    if settings.MODE == "production" and (faults := settings.FAULTS or store_misplaced()):
        raise click.ClickException(told(faults))
