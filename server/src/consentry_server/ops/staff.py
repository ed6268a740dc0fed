"""`consentry-server staff`: the people who run this installation."""

import click

from consentry_server.ops._start import now, say, start


@click.group("staff")
def command() -> None:
    """People who run this installation."""


@command.command("create")
@click.argument("username")
@click.option("--email", required=True, help="Counts as confirmed.")
@click.option("--name", default="", help="As others see it.")
@click.password_option(help="Asked for if not given; better not given.")
def create(username: str, email: str, name: str, password: str) -> None:
    """Make a member who may open the staff pages."""
    start()
    from consentry_server.common.errors import Invalid

    try:
        create_staff(username=username, email=email, name=name, password=password)
    except Invalid as error:
        faults = (f"{field}: {''.join(reasons)}" for field, reasons in error.faults.items())
        raise click.ClickException("; ".join(faults)) from None
    say(f"{username} may open the staff pages.")


@command.command("appoint")
@click.argument("username")
def appoint(username: str) -> None:
    """Let a member review projects."""
    start()
    from consentry_server.projects import actions as projects

    projects.appoint(member_id=_named(username), actor="command", now=now())
    say(f"{username} may review projects.")


@command.command("dismiss")
@click.argument("username")
def dismiss(username: str) -> None:
    """Let a member review projects no more."""
    start()
    from consentry_server.projects import actions as projects

    projects.dismiss(member_id=_named(username), actor="command", now=now())
    say(f"{username} reviews projects no more.")


def _named(username: str) -> int:
    from consentry_server.members.queries import by_username

    member = by_username(username)
    if member is None:
        raise click.ClickException(f"Nobody here is called {username}.")
    return member.pk


def create_staff(*, username: str, email: str, name: str, password: str) -> None:
    """Register a member and let them into the staff pages, in one transaction."""
    from django.db import transaction

    from consentry_server.members import actions as members

    check_password(password)
    with transaction.atomic():
        member_id = members.register(username=username, name=name, email=email, password=password, now=now())
        members.make_staff(member_id=member_id, now=now())


def check_password(password: str) -> None:
    """Hold staff to the same rules for passwords as everybody."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        validate_password(password)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
