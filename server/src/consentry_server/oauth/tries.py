"""How often somebody may guess: an app's secret, or the code that a device shows."""

from math import ceil

from django.http import HttpRequest
from django.utils import timezone

from consentry_server.common.keys import derive
from consentry_server.limits import opened, scrambled

SECRETS, CODES = 10, 5  # wrong ones in a minute


def address_of(request: HttpRequest) -> str:
    """Return the address of who is calling; the server has already resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def wait(what: str, who: str, *, most: int, wrong: bool) -> int:
    """Return the seconds that somebody has to wait, 0 for none; a `wrong` guess counts."""
    key = scrambled(f"{what}:{who}", derive("limits"))
    now = timezone.now().timestamp()
    meter = opened("tries")
    if wrong:
        meter.spend(key, now=now, most=(0, 0), add=(1, 0))
        return 0
    spent = meter.spend(key, now=now, most=(most, 0), add=(0, 0))
    return max(1, ceil(spent.resets_in)) if spent.counts[0] >= most else 0
