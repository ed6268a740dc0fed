"""What the operator of this installation allows."""

from urllib.parse import urlsplit

from django.conf import settings

from consentry_server.outgoing.rules import Policy


def policy() -> Policy:
    """Return what the settings say of requests to others."""
    return Policy(
        ports=frozenset(settings.WEBHOOK_PORTS),
        hosts=frozenset(host.lower() for host in settings.WEBHOOK_HOSTS),
        loopback=settings.WEBHOOK_LOOPBACK,
        site=urlsplit(settings.SITE_URL).hostname or "",
    )
