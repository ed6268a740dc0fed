"""How many calls a token and an address have left in this minute, said in the headers of every answer.

The headers are those of the IETF's draft `draft-ietf-httpapi-ratelimit-headers`.
"""

from datetime import UTC, datetime
from functools import lru_cache, partial
from math import ceil
from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from consentry_server.api.answers import Halt
from consentry_server.common.configured import configured
from consentry_server.common.keys import derive
from consentry_server.limits import Spent, aside, key_of_address, numbered, opened
from consentry_server.tokens import actions as tokens


class Allowance(NamedTuple):
    """What somebody may do in a minute: its name in headers, its setting, and what it is to people."""

    name: str
    setting: str
    means: str

    @property
    def most(self) -> int:
        """So many; 0 is without limit."""
        return int(getattr(configured(), self.setting))


ADDRESS = Allowance("address", "CALLS_PER_ADDRESS", "calls from this address")
FAILURES = Allowance("failures", "FAILURES_PER_ADDRESS", "wrong tokens from this address")
TOKEN = Allowance("token", "CALLS_PER_TOKEN", "calls with this token")
WRITES = Allowance("token-writes", "WRITES_PER_TOKEN", "calls with this token that change something")


def client_address(request: HttpRequest) -> str:
    """Return the address of who is calling; the server has already resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


@lru_cache(maxsize=4096)
def _key(address: str) -> bytes:
    return key_of_address(address, derive("limits"))


@lru_cache(maxsize=64)
def _policy(name: str, most: int) -> str:
    return f'"{name}";q={most};w=60'


class Budget:
    """What one request takes from the allowances of its address and its token."""

    def __init__(self, request: HttpRequest) -> None:
        self._address = _key(client_address(request))
        self.now = timezone.now()
        self._second = self.now.timestamp()
        self._policies: list[str] = []
        self._left: list[str] = []

    def spend_of_address(self) -> None:
        """Count a call of this address; raises Halt with 429 for one too many."""
        most = ADDRESS.most
        spent = opened("addresses").spend(self._address, now=self._second, most=(most, 0), add=(1, 0))
        self._note(spent, 0, ADDRESS, most)

    def spend_of_failures(self) -> None:
        """Count a token that is none; raises Halt with 429 if there were too many from this address."""
        most = FAILURES.most
        spent = opened("addresses").spend(self._address, now=self._second, most=(0, most), add=(0, 1))
        self._note(spent, 1, FAILURES, most)

    def spend_of_token(self, token_id: int, *, writes: bool) -> None:
        """Count a call with this token, which is its last use, too; raises Halt with 429 for one too many."""
        meter = opened("tokens")
        most = TOKEN.most, WRITES.most if writes else 0
        spent = meter.spend(numbered(token_id), now=self._second, most=most, add=(1, int(writes)))
        self._note(spent, 0, TOKEN, most[0])
        if writes:
            self._note(spent, 1, WRITES, most[1])
        if uses := meter.sweep(now=self._second):
            aside(partial(tokens.note_uses, uses={who: datetime.fromtimestamp(at, UTC) for who, at in uses.items()}))

    def _note(self, spent: Spent, nth: int, allowed: Allowance, most: int) -> None:
        wait = max(1, ceil(spent.resets_in))
        if most:
            self._policies.append(_policy(allowed.name, most))
            self._left.append(f'"{allowed.name}";r={max(0, most - spent.counts[nth])};t={wait}')
        if spent.full == nth:
            raise Halt(
                429,
                f"Too many {allowed.means}: {most} a minute at most. Wait {wait} seconds, then go on; the "
                "header RateLimit says how many are left.",
                Retry_After=str(wait),
            )

    def headers(self) -> dict[str, str]:
        """Return what the answer says of the allowances that its request took from."""
        if not self._left:
            return {}
        return {"RateLimit-Policy": ", ".join(self._policies), "RateLimit": ", ".join(self._left)}
