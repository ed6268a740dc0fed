"""Sending one mail to one person."""

import smtplib
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMessage
from django.core.validators import validate_email

from consentry_server.common.errors import ConsentryError, Unavailable

_NO_SERVER = (
    smtplib.SMTPServerDisconnected,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,  # the sender is the same for every mail: an operator mends it
)


class MailServerDown(Unavailable):
    """The mail server does not answer, or wants us to come back later."""


class MailRefused(ConsentryError):
    """This mail will never be taken: a wrong address, or something in it."""


def send(*, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
    """Send a plain text to one address. Raises MailServerDown if it may work later, MailRefused if never."""
    message = EmailMessage(subject, text, to=[_address(to)], headers=dict(headers or {}))
    try:
        message.message()  # refuses line breaks in headers before anybody is connected to
        message.send()
    except (BadHeaderError, ValueError) as error:
        raise MailRefused("The mail has a header that cannot be written.") from error
    except smtplib.SMTPException as error:
        raise _told(error) from error
    except OSError as error:  # refused, timed out, no such name, no room for the file
        raise MailServerDown(f"The mail server cannot be reached: {type(error).__name__}.") from error


def _address(to: str) -> str:
    try:
        validate_email(to)
    except ValidationError:
        raise MailRefused("This is not an e-mail address.") from None
    return to


def _told(error: smtplib.SMTPException) -> ConsentryError:
    """Say for good or for now, as the server's answer does."""
    code = _code(error)
    if isinstance(error, _NO_SERVER) or not 500 <= code < 600:
        return MailServerDown(f"The mail server does not take mail now: {code or type(error).__name__}.")
    return MailRefused(f"The mail server refused it: {code}.")


def _code(error: smtplib.SMTPException) -> int:
    """Return the number of the server's answer, or 0; for one address there is one answer."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), 0)
    return int(getattr(error, "smtp_code", 0))
