"""What every endpoint shares: finding the caller, the method, and the form of the answer."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, NoReturn, TypeVar

from django.http import HttpRequest, StreamingHttpResponse

from consentry_server.api.answers import Answer, Halt, answer, encode, preflight, refusal
from consentry_server.api.hosts import host_of
from consentry_server.api.limits import Budget, client_address
from consentry_server.common.errors import Invalid
from consentry_server.tokens import queries as tokens
from consentry_server.tokens.queries import Caller
from consentry_server.tokens.rules import Right

T = TypeVar("T")
Given = tuple[int, bytes] | StreamingHttpResponse  # a status and JSON, or what is made while it is sent
Response = Answer | StreamingHttpResponse
_INVALID = "Invalid token."
_LACKING = (
    'This token lacks the right "{right}". Use one that has it: the coordinator finds and makes tokens on the page of '
    "the project's details."
)


class Call(NamedTuple):
    """A request whose caller is known. `query_token` is the token if it came in the address."""

    request: HttpRequest
    caller: Caller
    query_token: str | None
    now: datetime

    @property
    def address(self) -> str:
        return client_address(self.request)

    def number(self, given: str | None) -> str | None:
        """Return the member that a call is about: with an app's token its own, whoever else was named."""
        return self.caller.number or given


def is_gone(call: Call, invalid: Invalid) -> bool:
    """Say whether what is wrong is the member that the token itself names."""
    return call.caller.number is not None and not {"project_member_id", "project_member_ids"}.isdisjoint(invalid.faults)


class Endpoint:
    """One resource: the method it answers, and the function that answers with JSON bytes and a status."""

    def __init__(
        self,
        method: str,
        run: Callable[[Call], Given],
        *,
        right: Right | None,
        master_only: bool = False,
        gives: str = "application/json",
    ) -> None:
        """`right` is what a token must be allowed to do; None if any token will do."""
        self.run = run
        self.gives = gives
        self.right = right
        self.master_only = master_only
        self.methods: tuple[str, ...] = ("GET", "HEAD") if method == "GET" else (method,)
        self.allow = ", ".join((*self.methods, "OPTIONS"))

    def __call__(self, request: HttpRequest, budget: Budget, suffix: str | None = None) -> Response:
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return preflight()
        page = False
        try:
            host_of(request)
            page = _wants_page(request, suffix, self.gives)
            found = self._answer(request, budget)
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
            return refusal(error, request, allow=self.allow, page=page)
        if isinstance(found, StreamingHttpResponse):
            return found
        status, body = found
        return answer(body, status, allow=self.allow, page=page)

    def _answer(self, request: HttpRequest, budget: Budget) -> Given:
        call = self.identify(request, budget)
        if request.method == "OPTIONS":
            return 200, self._description()
        self.admit(call)
        return self.perform(call, self.run)

    def perform(self, call: Call, run: Callable[[Call], T]) -> T:
        """Do what is asked; whose member left since the token was looked up has a token no more. Raises Halt."""
        try:
            return run(call)
        except Invalid as invalid:
            if is_gone(call, invalid):
                self._unauthorized(_INVALID, known=True)
            raise

    def identify(self, request: HttpRequest, budget: Budget) -> Call:
        """Return who is calling, and that it was; raises Halt."""
        caller, query_token = self._caller(request, budget)
        budget.spend_of_token(caller.number_of_token, writes=request.method not in ("GET", "HEAD", "OPTIONS"))
        return Call(request, caller, query_token, budget.now)

    def admit(self, call: Call) -> None:
        """Raise Halt unless there is such a method here, and the caller has the right to it."""
        if call.request.method not in self.methods:
            raise Halt(405, f'Method "{call.request.method}" not allowed.')
        if self.right is not None and self.right not in call.caller.rights:
            raise Halt(403, _LACKING.format(right=self.right))

    def _caller(self, request: HttpRequest, budget: Budget) -> tuple[Caller, str | None]:
        secret, query_token = _bearer(request)
        if secret is None:
            self._unauthorized("Authentication credentials were not provided.", known=False)
        try:
            caller = tokens.caller(secret, now=budget.now)
        except (tokens.UnknownToken, tokens.ExpiredToken) as error:
            budget.spend_of_failures()
            master = not self.master_only or tokens.is_master(secret)
            self._unauthorized(error.detail if master else _INVALID, known=True)
        if self.master_only and caller.number is not None:
            self._unauthorized(_INVALID, known=True)
        return caller, query_token

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


def _in_address(request: HttpRequest, name: str) -> str | None:
    """Return a parameter of the address; most calls have none."""
    return request.GET.get(name) if request.META.get("QUERY_STRING") else None


def _wants_page(request: HttpRequest, suffix: str | None, gives: str) -> bool:
    """Choose between JSON and a page for people; refuse what is neither."""
    wanted = suffix or _in_address(request, "format")
    if wanted is not None:
        if wanted not in ("json", "api"):
            raise Halt(404, "Not found.")
        return wanted == "api"
    accept = request.META.get("HTTP_ACCEPT") or "*/*"
    if accept in ("*/*", gives):
        return False
    kinds = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    if "text/html" in kinds and "application/json" not in kinds:
        return True
    if not {"*/*", "application/*", gives, ""} & set(kinds):
        raise Halt(406, "Could not satisfy the request Accept header.")
    return False


def _bearer(request: HttpRequest) -> tuple[str | None, str | None]:
    """Return the token, and the token as given in the query if it came there."""
    parts = request.META.get("HTTP_AUTHORIZATION", "").split(" ")
    in_header = parts[0].lower() == "bearer"
    query = _in_address(request, "access_token")
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
