"""People who look at pages: a browser each, without JavaScript."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from consentry_server.config.wsgi import application
from consentry_server.members.models import Member
from tests.doors.web.person import Person
from tests.doors.web.walking import App
from tests.world import World, make_app

Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def mails(drain: Callable[[], int], mailoutbox: list[EmailMessage]) -> Mails:
    """The mails that were sent so far, once the worker has done its work."""

    def sent() -> list[EmailMessage]:
        drain()
        return mailoutbox

    return sent


@pytest.fixture(autouse=True)
def _no_tries_so_far() -> None:
    """Forget how often somebody tried to log in during other tests."""
    cache.clear()


@pytest.fixture
def visit() -> Iterator[Callable[[Member | None], Person]]:
    """Open a browser, logged in as that member, or as nobody."""
    opened: list[httpx.Client] = []

    def open_browser(member: Member | None = None) -> Person:
        transport = httpx.WSGITransport(app=application, raise_app_exceptions=True)
        browser = httpx.Client(transport=transport, base_url="http://testserver")
        opened.append(browser)
        if member is not None:
            inside = Client()
            inside.force_login(member)
            browser.cookies.set("session", inside.cookies["session"].value, domain="testserver.local")
        return Person(browser)

    yield open_browser
    for browser in opened:
        browser.close()


@pytest.fixture
def alice(world: World, visit: Callable[[Member], Person]) -> Person:
    return visit(world.alice)


@pytest.fixture
def bob(world: World, visit: Callable[[Member], Person]) -> Person:
    return visit(world.bob)


@pytest.fixture
def joiner(world: World, visit: Callable[[Member], Person]) -> Person:
    return visit(world.joiner)


@pytest.fixture
def coordinator(world: World, visit: Callable[[Member], Person]) -> Person:
    return visit(world.coordinator)


@pytest.fixture
def anybody(world: World, visit: Callable[[Member | None], Person]) -> Person:
    return visit(None)


@pytest.fixture
def tracker(world: World) -> App:
    """An app of the coordinator's that asks for the source, with its client id and its secret."""
    return make_app(world.coordinator, "Tracker", requested_sources=[world.source], pkce_required=True)
