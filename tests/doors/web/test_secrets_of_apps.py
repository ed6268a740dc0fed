"""The secrets of apps and projects open no page, do nothing in a form, and are nobody's password."""

import httpx
import pytest

from tests.doors.api import acting as apps
from tests.doors.api.acting import Acting
from tests.doors.api.calls import EXCHANGE, bearer, get
from tests.doors.web.person import Person
from tests.doors.web.test_every_page import FORMS, OPEN, PRIVATE
from tests.world import PASSWORD, World


@pytest.fixture
def acting(world: World) -> Acting:
    """An app that alice and bob have let in."""
    return apps.build(world)


@pytest.fixture
def all_kinds(acting: Acting) -> list[str]:
    return [acting.alice.access, acting.alice.refresh, acting.master, acting.secret]


def test_003_in_the_address_of_a_page_they_open_nothing(all_kinds: list[str], anybody: Person) -> None:
    for secret in all_kinds:
        for path in PRIVATE:
            answer = anybody.get(path, access_token=secret)
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/account/login/")


def test_003_in_a_header_or_a_cookie_they_open_no_page(all_kinds: list[str], anybody: Person) -> None:
    for secret in all_kinds:
        for path in PRIVATE[:6]:
            for headers in (bearer(secret), {"Authorization": f"Token {secret}"}, {"Cookie": f"session={secret}"}):
                answer = anybody.browser.get(path, headers=headers)
                assert answer.status_code == 302
                assert answer.headers["Location"].startswith("/account/login/")
            assert anybody.browser.get(path, auth=("alice", secret)).status_code == 302


def test_004_in_the_address_of_a_form_they_do_nothing(
    acting: Acting, all_kinds: list[str], anybody: Person, client: httpx.Client
) -> None:
    for secret in all_kinds:
        for path in (*FORMS, f"/direct-sharing/projects/leave/{acting.of_alice.pk}/"):
            assert anybody.post(f"{path}?access_token={secret}", password=PASSWORD).status_code == 302
    assert get(client, EXCHANGE, acting.alice.access).status_code == 200


def test_003_no_secret_of_an_app_or_a_project_is_a_password(all_kinds: list[str], anybody: Person) -> None:
    for secret in all_kinds:
        for fields in ({"login": "alice", "password": secret}, {"login": secret, "password": secret}):
            answer = anybody.post("/account/login/", **fields)
            assert answer.status_code in (200, 400, 429)
            assert anybody.get("/member/me/data/").status_code == 302


def test_028_no_redirect_to_another_site_carries_one(
    world: World, acting: Acting, all_kinds: list[str], alice: Person
) -> None:
    asks = {"client_id": acting.client_id, "response_type": "code", "state": "xyz"}
    for secret in all_kinds:
        for path in (*OPEN, *PRIVATE):
            answer = alice.get(path, access_token=secret, next="https://evil.example.org/")
            assert not answer.headers.get("Location", "/").startswith("http")
        answer = alice.get("/direct-sharing/projects/oauth2/authorize/", access_token=secret, token=secret, **asks)
        assert answer.status_code == 302  # it is let in without a page: alice agreed to all of it
        assert answer.headers["Location"].startswith("https://app.example.org/complete?code=csc")
        assert secret not in answer.headers["Location"]
