"""What every endpoint shares: finding the caller, the method, and the form of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.http import HttpRequest
from django.utils import timezone

from consentry_server.api.answers import Answer, Halt, answer, encode, preflight, refusal
from consentry_server.tokens import queries as tokens
from consentry_server.tokens.queries import Caller


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose caller is known. `query_token` is the token if it came in the address."""

    request: HttpRequest
    caller: Caller
    query_token: str | None
    now: datetime

    @property
    def address(self) -> str:
        return client_address(self.request)


def client_address(request: HttpRequest) -> str:
    """Return the address of who is calling; the server has already resolved trusted proxies."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class Endpoint:
    """One resource: the method it answers, and the function that answers with JSON bytes and a status."""

    def __init__(self, method: str, run: Callable[[Call], tuple[int, bytes]], *, master_only: bool = False) -> None:
        self.run = run
        self.master_only = master_only
        self.methods = ("GET", "HEAD") if method == "GET" else (method,)
        self.allow = ", ".join((*self.methods, "OPTIONS"))

    def __call__(self, request: HttpRequest, suffix: str | None = None) -> Answer:
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return preflight()
        page = False
        try:
            request.get_host()
            page = _wants_page(request, suffix)
            status, body = self._answer(request)
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
            return refusal(error, request, allow=self.allow, page=page)
        return answer(body, status, allow=self.allow, page=page)

    def _answer(self, request: HttpRequest) -> tuple[int, bytes]:
        now = timezone.now()
        caller, query_token = self._caller(request, now)
        if request.method == "OPTIONS":
            return 200, self._description()
        if request.method not in self.methods:
            raise Halt(405, f'Method "{request.method}" not allowed.')
        return self.run(Call(request, caller, query_token, now))

    def _caller(self, request: HttpRequest, now: datetime) -> tuple[Caller, str | None]:
        secret, query_token = _bearer(request)
        if secret is None:
            self._unauthorized("Authentication credentials were not provided.", known=False)
        try:
            return tokens.caller(secret, now=now), query_token
        except (tokens.UnknownToken, tokens.ExpiredToken) as error:
            self._unauthorized(error.detail, known=True)

    def _unauthorized(self, detail: str, *, known: bool) -> NoReturn:
        challenge = 'Bearer realm="api"'
        if known and not self.master_only:
            challenge += ',error="invalid_token",error_description="The access token is invalid."'
        raise Halt(401, detail, WWW_Authenticate=challenge)

    def _description(self) -> bytes:
        parses = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
        about = (self.run.__doc__ or "").strip().splitlines()[0]
        name = self.run.__name__.replace("_", " ").title()
        renders = ["application/json", "text/html"]
        return encode({"name": name, "description": about, "renders": renders, "parses": parses})


def _wants_page(request: HttpRequest, suffix: str | None) -> bool:
    """Choose between JSON and a page for people; refuse what is neither."""
    wanted = suffix or request.GET.get("format")
    if wanted is not None:
        if wanted not in ("json", "api"):
            raise Halt(404, "Not found.")
        return wanted == "api"
    accept = request.META.get("HTTP_ACCEPT") or "*/*"
    kinds = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    if "text/html" in kinds and "application/json" not in kinds:
        return True
    if not {"*/*", "application/*", "application/json", ""} & set(kinds):
        raise Halt(406, "Could not satisfy the request Accept header.")
    return False


def _bearer(request: HttpRequest) -> tuple[str | None, str | None]:
    """Return the token, and the token as given in the query if it came there."""
    parts = request.META.get("HTTP_AUTHORIZATION", "").split(" ")
    in_header = parts[0].lower() == "bearer"
    query = request.GET.get("access_token")
    if query is None:
        return (_one_token(parts) if in_header else None), None
    token = _one_token(["Bearer", *query.split()])
    if in_header and _one_token(parts) != token:
        raise Halt(400, "The token in the header and the one in the address differ. Send one of them.")
    return token, token


def _one_token(parts: list[str]) -> str:
    bad = "Invalid token header. "
    if not "".join(parts[1:]):
        bad += "No credentials provided."
    elif len(parts) > 2:
        bad += "Token string should not contain spaces."
    elif not parts[1].isascii() or not parts[1].isprintable():
        bad += "Token string should not contain invalid characters."
    else:
        return parts[1]
    raise Halt(401, bad, WWW_Authenticate='Bearer realm="api"')
