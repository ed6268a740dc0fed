"""Where the secrets of apps do not go: catalogue group A for codes, tokens, secrets and device codes."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.http import HttpRequest

from consentry_server.common.ids import new_secret, well_formed
from consentry_server.oauth import endpoints
from consentry_server.outbox import actions as outbox
from consentry_server.outbox.models import Effect
from consentry_server.projects.models import Client
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.actions import devices
from consentry_server.tokens.models import RefreshToken
from consentry_server.tokens.rules import ACCESS, CODE, DEVICE, LETTERS, REFRESH, SECRET
from tests.doors.api.acting import OF_A_MEMBER, Acting, refresh
from tests.doors.api.calls import EXCHANGE, MESSAGE, PROJECT, REMOVE, bearer, fetch, get
from tests.doors.api.conftest import Clock
from tests.doors.api.test_user_tokens_leaving import code_of, exchanged
from tests.doors.api.test_who_sees_what import dump

KINDS = (SECRET, CODE, ACCESS, REFRESH, DEVICE)


def held(acting: Acting, client: httpx.Client) -> list[str]:
    """Do all that an app does, and return every secret that it held on the way."""
    Client.objects.filter(project=acting.app).update(device_allowed=True)
    code = code_of(acting)
    first = exchanged(client, acting, code)[1]
    second = refresh(client, acting, first["refresh_token"]).json()
    again = refresh(client, acting, first["refresh_token"]).json()
    assert again["access_token"] == second["access_token"]
    refresh(client, acting, acting.bob.refresh)
    scope = {"scope": "read"}
    device = client.post("/oauth2/device_authorization/", data=scope, auth=(acting.client_id, acting.secret)).json()
    secrets = [code, acting.secret, device["device_code"], *vars(acting.alice).values(), *vars(acting.bob).values()]
    return [*secrets, *(answer[f"{kind}_token"] for answer in (first, second) for kind in ("access", "refresh"))]


def test_011_the_database_holds_no_secret_of_an_app(acting: Acting, client: httpx.Client) -> None:
    secrets = held(acting, client)
    link = get(client, EXCHANGE, acting.joiner.access).json()["data"][0]["download_url"]
    fetch(client, link)
    everything = dump()
    assert acting.client_id in everything
    for secret in (*secrets, link.partition("key=")[2], *vars(acting.joiner).values()):
        assert secret not in everything
    assert not [word for word in re.findall("[0-9A-Za-z]+", everything) for kind in KINDS if well_formed(word, kind)]


def test_011_the_next_pair_is_sealed_for_a_minute_and_then_gone(
    acting: Acting, client: httpx.Client, clock: Clock
) -> None:
    following = refresh(client, acting, acting.alice.refresh).json()
    sealed = RefreshToken.objects.exclude(successor="").get().successor
    assert following["access_token"] not in sealed
    clock.move(seconds=61)
    assert refresh(client, acting, following["refresh_token"]).status_code == 200
    assert RefreshToken.objects.exclude(successor="").get().successor != sealed


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that is logged, as talkative as an operator can make it; what this test's own client says does not count."""
    caplog.set_level(logging.DEBUG)

    def found() -> str:
        ours = [record for record in caplog.records if not record.name.startswith("http")]
        return "\n".join(caplog.handler.format(record) for record in ours)

    return found


def test_001_013_no_log_line_repeats_a_secret_of_an_app(
    acting: Acting, client: httpx.Client, lines: Callable[[], str]
) -> None:
    secrets = held(acting, client)
    for token in (acting.joiner.access, acting.alice.access):
        for method, address in OF_A_MEMBER:
            client.request(method, address, params={"access_token": token})
    written = lines()
    for secret in (*secrets, acting.joiner.access):
        assert secret not in written


@pytest.mark.parametrize("where", ["query", "twice", "odd"])
def test_002_a_refused_request_repeats_no_secret(
    acting: Acting, client: httpx.Client, lines: Callable[[], str], where: str
) -> None:
    secrets = [acting.alice.refresh, acting.alice.access, acting.secret, new_secret(CODE)]
    for name, secret in zip(("refresh_token", "token", "client_secret", "code"), secrets, strict=True):
        form: Any = {"grant_type": "refresh_token", name: [secret, secret] if where == "twice" else secret}
        form |= {"state": "\x00" + secret} if where == "odd" else {}
        for path in ("/oauth2/token/", "/oauth2/revoke_token/", "/oauth2/introspect/", "/oauth2/nothing/"):
            how = {"params": form} if where == "query" else {"data": form}
            answer = client.post(path, **how)  # type: ignore[arg-type]
            assert answer.status_code in (400, 401, 403, 404), (path, answer.text)
            assert secret not in answer.text + str(answer.headers)
    written = lines()
    for secret in secrets:
        assert secret not in written


def test_002_a_failure_of_ours_is_logged_without_what_was_sent(
    acting: Acting, client: httpx.Client, lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: HttpRequest) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(endpoints.core, "create_token_response", broken)
    answer = refresh(client, acting, acting.alice.refresh)
    assert (answer.status_code, answer.json()) == (500, {"error": "server_error"})
    assert "POST /oauth2/token/ failed" in lines()
    for secret in (acting.alice.refresh, acting.secret):
        assert secret not in lines()


def test_004_no_event_and_no_effect_holds_a_secret(acting: Acting, client: httpx.Client) -> None:
    secrets = held(acting, client)
    client.post(MESSAGE, headers=bearer(acting.joiner.access), data={"message": "Hi"})
    client.post(REMOVE, headers=bearer(acting.joiner.access))
    now = datetime.now(UTC)
    effects = Effect.objects.count()
    leased = [outbox.lease(kinds=None, worker="t", lease_for=now - now, now=now) for _ in range(effects)]
    told = str([outbox.payload(effect) for effect in leased if effect])
    assert "authorization_id" in told
    for secret in (*secrets, *vars(acting.joiner).values()):
        assert secret not in told


# --- their strength


def test_025_every_kind_is_drawn_anew_and_has_its_own_letters() -> None:
    for kind in KINDS:
        drawn = {new_secret(kind) for _ in range(2_000)}
        assert len(drawn) == 2_000
        assert all(well_formed(secret, kind) for secret in drawn)
        assert not any(well_formed(secret, other) for secret in drawn for other in KINDS if other != kind)


def test_025_the_code_that_a_person_types_is_evenly_spread() -> None:
    count = 20_000
    letters = "".join(devices._new_user_code() for _ in range(count)).replace("-", "")
    assert len(letters) == 8 * count
    expected = len(letters) / len(LETTERS)
    chi_square = sum((letters.count(letter) - expected) ** 2 / expected for letter in LETTERS)
    assert chi_square < 60  # 19 degrees of freedom: passed by chance in all but one of a million runs


def test_254_a_device_draws_again_when_another_app_waits_under_its_code(
    acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["BBBB-BBBB", "BBBB-BBBB", "BBBB-BBBB", "CCCC-CCCC"])
    monkeypatch.setattr(devices, "_new_user_code", lambda: next(drawn))
    about: dict[str, Any] = {"project_id": acting.app.pk, "scope": "read", "now": datetime.now(UTC)}
    assert [tokens.begin_device(**about).user_code for _ in range(2)] == ["BBBB-BBBB", "CCCC-CCCC"]


def test_004_the_counts_of_calls_hold_no_token(acting: Acting, client: httpx.Client, settings: Any) -> None:
    get(client, PROJECT, acting.alice.access)
    refresh(client, acting, acting.alice.refresh)
    kept = b"".join(path.read_bytes() for path in settings.LIMITS.iterdir())
    for secret in (acting.alice.access, acting.alice.refresh, acting.secret):
        assert secret.encode() not in kept
