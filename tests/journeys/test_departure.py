"""A member leaves a project of a real server, and its webhook hears of it from the real worker."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from standardwebhooks import Webhook

from tests.doors.web.person import AUTHORIZE, JOIN, PROJECT, Person, seen
from tests.receivers import Receiver, answering, receiver
from tests.servers import Demo

DELIVERIES = "/direct-sharing/projects/deliveries/hooked"
FORM = {
    "name": "Hooked", "leader": "Joiner", "contact_email": "joiner@example.org", "info_url": "https://example.org/",
    "short_description": "Calls back.", "long_description": "Calls back.", "is_study": "False", "explore_share": "on",
    "is_academic_or_nonprofit": "True", "request_username_access": "False", "active": "True", "consent_text": "Yes.",
    "erasure_supported": "on",
}  # fmt: skip


@pytest.fixture
def joiner(demo: Demo) -> Iterator[Person]:
    with httpx.Client(base_url=demo.url) as browser:
        person, known = Person(browser), demo.facts["users"]["joiner"]
        person.get("/account/login/")
        assert person.post("/account/login/", login=known["username"], password=known["password"]).status_code == 302
        yield person


def wait_for_call(hook: Receiver) -> None:
    until = time.monotonic() + 60
    while not hook.requests:
        assert time.monotonic() < until, "the webhook hears nothing"
        time.sleep(0.05)


def test_a_departure_arrives_signed_while_the_coordinators_page_keeps_the_request_to_erase(
    demo: Demo, joiner: Person
) -> None:
    with receiver(answering(204)) as hook:
        assert joiner.post(f"{PROJECT}/create/", **FORM, deauth_webhook=hook.url).status_code == 302
        password = demo.facts["users"]["joiner"]["password"]
        secret = joiner.post(f"{DELIVERIES}/reveal-secret/", reveal__password=password).text
        secret = secret.split('id="webhook-secret">')[1].split("<")[0]
        joiner.press(f"{JOIN}/hooked/")
        joiner.press(f"{AUTHORIZE}/hooked/")
        page = joiner.get("/member/me/connections/").text
        leave = page.split("Hooked</bdi>")[1].split("/direct-sharing/projects/leave/")[1].split("/")[0]
        joiner.press(f"/direct-sharing/projects/leave/{leave}/", erasure_requested="on")
        wait_for_call(hook)

    Webhook(secret).verify(hook.body(), hook.head())
    number = json.loads(hook.body())["project_member_id"]
    left = seen(joiner.get("/direct-sharing/projects/withdrawn-members/hooked/"))
    assert json.loads(hook.body())["erasure_requested"] is True
    assert f"{number} " in left
    assert "asked for on" in left
