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
    if settings.FAULTS:
        raise click.ClickException(told(settings.FAULTS))
    say("Nothing unsafe found.")


def told(faults: list[str]) -> str:
    """Write the faults as a list."""
    return "This set-up is not safe for production:\n" + "\n".join(f"- {fault}" for fault in faults)


def refuse_if_unsafe() -> None:
    """End a command that would open an unsafe installation to people."""
    from django.conf import settings

    if settings.MODE == "production" and settings.FAULTS:
        raise click.ClickException(told(settings.FAULTS))
