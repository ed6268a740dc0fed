"""`consentry-server rotate-signing-key`: another key for the id tokens of apps that log members in."""

import click

from consentry_server.ops._start import now, say, start


@click.command("rotate-signing-key")
@click.option("--leaked", is_flag=True, help="Tell the old keys no more: what they signed counts no longer.")
def command(*, leaked: bool) -> None:
    """Sign id tokens with a new key from now on, and print its name.

    The old key is told for two days more at /oauth2/jwks/, so that nobody who is logging in notices.
    """
    start()
    from consentry_server.tokens import actions as tokens

    kid = tokens.rotate_signing_key(actor="operator", now=now())
    if leaked:
        forgotten = tokens.forget_signing_keys(actor="operator", now=now())
        say(f"Forgotten: {forgotten}. Clients may have kept them for an hour.")
    click.echo(kid)
