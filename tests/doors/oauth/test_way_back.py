"""Whoever an app sends here without being logged in finds the way back, which is kept in their browser."""

import httpx
import pytest
from django.apps import apps
from django.db import connection

from tests.doors.oauth.app import AUTHORIZE, App, answer, said
from tests.doors.web.conftest import Mails
from tests.doors.web.person import JOIN, Person
from tests.doors.web.test_accounts import NEWCOMER, link
from tests.doors.web.test_every_page import OPEN, PRIVATE
from tests.world import PASSWORD

HITS = 1000
API = [
    "/api/direct-sharing/project/",
    "/api/direct-sharing/project/members/",
    "/api/nothing/",
    "/data-management/none/",
]


def logs_in(person: Person) -> str:
    return str(person.post("/account/login/", login="alice", password=PASSWORD).headers["Location"])


@pytest.mark.usefixtures("world")
def test_logging_in_leads_back_to_the_app_once(app: App, anybody: Person) -> None:
    sent = app.send(anybody)
    assert sent.headers["Location"] == "/account/login/", "the way back is in no address"
    assert logs_in(anybody) == app.address()
    anybody.post("/account/logout/")
    assert logs_in(anybody) == "/member/me/"


@pytest.mark.usefixtures("world")
def test_signing_up_and_confirming_the_address_leads_back_to_the_app(app: App, anybody: Person, mails: Mails) -> None:
    app.send(anybody)
    assert anybody.post("/account/signup/", **NEWCOMER).headers["Location"] == "/account/confirm-email/"
    confirmed = anybody.post(link(mails()[0]))
    assert confirmed.headers["Location"] == app.address()
    page = anybody.get(confirmed.headers["Location"])
    assert said(answer(anybody, page, allow="allow"))["state"] == "xyz"


@pytest.mark.usefixtures("world")
def test_109_a_way_back_that_was_not_kept_here_is_not_followed(app: App, anybody: Person) -> None:
    app.send(anybody)
    kept = anybody.browser.cookies["return-to"]
    anybody.browser.cookies.set("return-to", f"{kept[:-1]}{'A' if kept[-1] != 'A' else 'B'}")
    assert logs_in(anybody) == "/member/me/"


def rows() -> dict[str, int]:
    there = set(connection.introspection.table_names())
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.db_table in there
    }


@pytest.mark.usefixtures("world")
def test_200_whoever_keeps_no_cookie_leaves_no_row(app: App, client: httpx.Client) -> None:
    """A thousand stand for a million: not one of them leaves anything."""
    paths = [*OPEN, *PRIVATE, *API, f"{JOIN}/study/", app.address(), f"{AUTHORIZE}?client_id=none", "/activity/none/"]
    before = rows()
    for nth in range(HITS):
        client.cookies.clear()
        assert client.get(paths[nth % len(paths)]).status_code < 500
    assert rows() == before
