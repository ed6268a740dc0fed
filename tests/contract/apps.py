"""The demo's app that hears of departures: what it sends, what it gets back, and what it is told."""

import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from standardwebhooks import Webhook

from tests.receivers import Receiver, answering, receiver
from tests.servers import Demo

API = "/api/direct-sharing/project"
AUTHORIZE = "/direct-sharing/projects/oauth2/authorize/"
HOOKED = "oauth2_hook"
WITHIN = 60  # seconds, for a worker in a process of its own


def asked(demo: Demo, key: str = HOOKED, **more: str) -> str:
    """Return where an app sends people."""
    app = demo.facts[key]
    query = {"client_id": app["client_id"], "response_type": "code", "redirect_uri": app["redirect_uri"]}
    return f"{demo.url}{AUTHORIZE}?{urlencode(query | more)}"


def said(place: str) -> dict[str, str]:
    """Return what the address says to which a member was sent back."""
    return {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}


def exchanged(demo: Demo, code: str, key: str = HOOKED) -> dict[str, Any]:
    """Return the tokens for a code."""
    app = demo.facts[key]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app["redirect_uri"]}
    answer = httpx.post(f"{demo.url}/oauth2/token/", data=form, auth=(app["client_id"], app["client_secret"]))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def numbers(demo: Demo, key: str) -> set[str]:
    """Return who takes part in a project now, by project member id."""
    rows = httpx.get(f"{demo.url}{API}/members/", headers=bearer(demo.facts[key]["master_token"])).json()["results"]
    return {row["project_member_id"] for row in rows}


def remove(demo: Demo, key: str, members: set[str]) -> None:
    form = {"project_member_ids": ",".join(sorted(members))}
    told = bearer(demo.facts[key]["master_token"])
    httpx.post(f"{demo.url}{API}/remove-members/", headers=told, data=form).raise_for_status()


@contextmanager
def listening(demo: Demo) -> Iterator[Receiver]:
    """Listen where the app wants to hear of departures."""
    port = urlsplit(demo.facts[HOOKED]["deauth_webhook"]).port or 0
    with receiver(answering(204), port=port) as found:
        yield found


def departure(demo: Demo, hook: Receiver) -> dict[str, Any]:
    """Wait for a call and return what it says, once both of its signatures are found to be right."""
    until = time.monotonic() + WITHIN
    while not hook.requests:
        assert time.monotonic() < until, "the webhook hears nothing"
        time.sleep(0.02)
    return verified(demo, hook.head(), hook.body())


def verified(demo: Demo, head: dict[str, str], body: bytes) -> dict[str, Any]:
    """Return what a call says that is signed both ways: that of Open Humans and Standard Webhooks."""
    secret = demo.facts[HOOKED]["webhook_secret"]
    right = hmac.new(secret.encode(), body, "sha1").hexdigest()
    assert head["x-openhumans-webhooks-signature"] == f"sha1={right}"
    Webhook(secret).verify(body, head)
    told: dict[str, Any] = json.loads(body)
    return told
