"""What an app does: send a member, take them back, get tokens. Written with nothing but HTTP."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from consentry_server.projects.models import Project
from tests.doors.api.calls import EXCHANGE, bearer
from tests.doors.web.person import Person, hidden
from tests.world import REDIRECT

AUTHORIZE = "/direct-sharing/projects/oauth2/authorize/"
TOKEN, REVOKE, INTROSPECT = "/oauth2/token/", "/oauth2/revoke_token/", "/oauth2/introspect/"
BEGIN_DEVICE, USERINFO, KEYS = "/oauth2/device_authorization/", "/oauth2/userinfo/", "/oauth2/jwks/"
METADATA, DISCOVERY = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ISSUER = "http://testserver"
VERIFIER = "dBjftJeZ4CVP-mBK92K27uhbUJU1p1r_wW1gFWFOEjXk"


def challenge(verifier: str = VERIFIER) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def said(answer: httpx.Response) -> dict[str, str]:
    """Return what a redirect tells an app."""
    assert answer.status_code == 302, (answer.status_code, answer.text)
    return {name: values[-1] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return the status of an answer, and the error in it."""
    return answer.status_code, answer.json().get("error", "")


INVALID_GRANT, INVALID_REQUEST, INVALID_SCOPE = (400, "invalid_grant"), (400, "invalid_request"), (400, "invalid_scope")
INVALID_CLIENT = (401, "invalid_client")


@dataclass
class App:
    """An app, and the HTTP client with which it calls; without a secret it only says who it is."""

    http: httpx.Client
    project: Project
    client_id: str
    secret: str

    def address(self, **more: str | None) -> str:
        """Return the address to which the app sends a member; None leaves a parameter out."""
        query = {"client_id": self.client_id, "response_type": "code", "redirect_uri": REDIRECT, "state": "xyz"} | more
        return f"{AUTHORIZE}?{urlencode({name: value for name, value in query.items() if value is not None})}"

    def send(self, person: Person, **more: str | None) -> httpx.Response:
        """Send a member here; return what they see."""
        return person.browser.get(self.address(**more))

    def allowed(self, person: Person, **more: str | None) -> dict[str, str]:
        """Send a member here who says yes; return what the app is told."""
        page = self.send(person, **more)
        return said(page) if page.status_code == 302 else said(answer(person, page, allow="allow"))

    def code(self, person: Person, **more: str | None) -> str:
        return self.allowed(person, **more)["code"]

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Call an endpoint as this app, which proves itself with HTTP Basic if it has a secret."""
        if not self.secret:
            return self.http.post(path, data=fields | {"client_id": self.client_id})
        return self.http.post(path, data=fields, auth=(self.client_id, self.secret))

    def raw(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        """Send a body as it is, as this app."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, content=body, auth=(self.client_id, self.secret), headers=named)

    def introspected(self, token: str) -> dict[str, object]:
        """Return what the app is told of a token."""
        found = self.post(INTROSPECT, token=token)
        assert found.status_code == 200, found.text
        told: dict[str, object] = found.json()
        return told

    def opens(self, access: str) -> bool:
        """Say whether an access token opens anything."""
        status = self.http.get(EXCHANGE, headers=bearer(access)).status_code
        assert status in (200, 401), status
        return status == 200

    def exchange(self, code: str, **more: str) -> httpx.Response:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT} | more
        return self.post(TOKEN, **fields)

    def refresh(self, token: str, **more: str) -> httpx.Response:
        return self.post(TOKEN, **{"grant_type": "refresh_token", "refresh_token": token} | more)

    def tokens(self, person: Person, **more: str | None) -> dict[str, str]:
        """Walk the whole way; return what the token endpoint says."""
        found = self.exchange(self.code(person, **more))
        assert found.status_code == 200, found.text
        tokens: dict[str, str] = found.json()
        return tokens


def answer(person: Person, page: httpx.Response, **pressed: str) -> httpx.Response:
    """Answer the form of a page that asks for consent."""
    return person.post(AUTHORIZE, **hidden(page.text), **pressed)
