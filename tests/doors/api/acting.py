"""An app that acts for members, one token each, and how its tokens call every endpoint there is."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from consentry_server.common.ids import digest
from consentry_server.projects.models import Project
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.models import Authorization
from consentry_server.tokens.actions import Pair
from consentry_server.tokens.models import AccessToken
from tests.doors.api.calls import DELETE, EXCHANGE, MEMBERS, MESSAGE, PROJECT, REMOVE, UPLOAD, bearer
from tests.doors.api.files import COMPLETE, DIRECT, RESUMABLE
from tests.world import World, allow, make_app, make_token

LINKS, ARCHIVE = f"{PROJECT}files/links/", f"{PROJECT}files/archive/"
PART = "/api/direct-sharing/resumable/1/"
# every endpoint of projects, by each method that it has
CALLS = [
    *(("GET", address) for address in (PROJECT, MEMBERS, EXCHANGE, ARCHIVE)),
    *(("POST", address) for address in (MESSAGE, REMOVE, UPLOAD, DIRECT, COMPLETE, RESUMABLE, LINKS, DELETE)),
    *((method, PART) for method in ("HEAD", "PATCH", "DELETE")),
]
OF_A_MEMBER = [call for call in CALLS if call[1] != MEMBERS]


@dataclass
class Acting:
    """An app that alice and bob have let in, and another that joiner has; each with the tokens of its members."""

    app: Project
    other: Project
    master: str
    alice: Pair
    bob: Pair
    joiner: Pair  # of the other app
    client_id: str
    secret: str
    of_alice: Authorization = field(init=False)
    of_bob: Authorization = field(init=False)

    @property
    def alice_number(self) -> str:
        return self.of_alice.project_member.number

    @property
    def bob_number(self) -> str:
        return self.of_bob.project_member.number


def build(world: World) -> Acting:
    """Let members in at two apps that ask for the world's source."""
    asks: dict[str, Any] = {"requested_sources": [world.source]}
    app, client_id, secret = make_app(world.coordinator, "Tracker", request_username_access=True, **asks)
    other, _, _ = make_app(world.coordinator, "Counter", **asks)
    pairs = allow(world.alice, app), allow(world.bob, app), allow(world.joiner, other)
    found = Acting(app, other, make_token(app), *pairs, client_id, secret)
    found.of_alice, found.of_bob = live(world.alice.pk, app), live(world.bob.pk, app)
    return found


def live(member_id: int, project: Project) -> Authorization:
    row = sharing.live(member_id=member_id, project_id=project.pk)
    assert row is not None
    return row


def row_of(token: str) -> AccessToken:
    return AccessToken.objects.get(sha256=digest(token))


def call(client: httpx.Client, method: str, address: str, token: str, **how: Any) -> httpx.Response:
    """Call an endpoint in its own way, with a token in the header."""
    return client.request(method, address, headers=bearer(token) | {"Tus-Resumable": "1.0.0"}, **how)


def refresh(client: httpx.Client, acting: Acting, token: str) -> httpx.Response:
    """Ask for the next tokens as the app does."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return client.post("/oauth2/token/", data=form, auth=(acting.client_id, acting.secret))
