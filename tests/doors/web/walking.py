"""What a coordinator does who tries their app, page by page."""

import re
from urllib.parse import urlencode

import httpx

from consentry_server.projects.models import Project
from tests.doors.oauth.app import AUTHORIZE, answer
from tests.doors.web.person import Person, hidden, seen

TRY = "/direct-sharing/projects/try/tracker/"
BACK = f"http://testserver{TRY}"
App = tuple[Project, str, str]


def address_in(page: httpx.Response) -> str:
    found = re.search(r'<a class="button" href="([^"]+)">Go there as the member', page.text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def begin(person: Person, secret: str, at: str = TRY) -> str:
    """Begin a walk; return where the member is sent."""
    assert person.post(at, step="begin", secret=secret).headers["Location"] == at
    return address_in(person.get(at))


def allow(person: Person, address: str) -> httpx.Response:
    """Say yes; return the page on which the coordinator comes back."""
    place = answer(person, person.browser.get(address), allow="allow").headers["Location"]
    assert place.startswith(BACK)
    return person.browser.get(place)


def code_of(page: httpx.Response) -> str:
    return hidden(page.text)["code"]


def send(person: Person, page: httpx.Response, at: str = TRY) -> httpx.Response:
    """Send the request that the page shows; return the next page."""
    pressed = person.post(at, **hidden(page.text))
    assert pressed.headers["Location"] == at, seen(pressed)
    return person.get(at)


def walked(person: Person, secret: str) -> list[httpx.Response]:
    """Walk the whole way; return each page, from the coming back on."""
    told = [allow(person, begin(person, secret))]
    for _ in range(5):
        told.append(send(person, told[-1]))
    return told


def to_the_end(person: Person, page: httpx.Response, at: str = TRY) -> httpx.Response:
    while "Send it" in page.text:
        page = send(person, page, at)
    return page


def of_walk(client_id: str, at: str = BACK, **more: str) -> str:
    """An address as a walk begins with, written by somebody else."""
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    query = {"response_type": "code", "client_id": client_id, "redirect_uri": at, "state": "x"}
    return f"{AUTHORIZE}?{urlencode(query | {'code_challenge': challenge, 'code_challenge_method': 'S256'} | more)}"
