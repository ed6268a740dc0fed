"""What a request says, and nothing else of it.

oauthlib lets parameters stand for its own variables, so only those of the specifications get through to it. One
without a value is as good as none (RFC 6749 section 3.1).
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from consentry_server.common.strict import storable

LONGEST = 4000  # characters of one parameter
ASKED_OF = "asked-of"  # our own line among the headers that oauthlib is given; nobody can send it
_WHO = ("client_id", "redirect_uri", "scope")
ASKS = frozenset(
    (
        *_WHO,
        *("response_type", "state", "code_challenge", "code_challenge_method"),
        *("nonce", "prompt", "max_age", "response_mode", "request", "request_uri", "registration"),
    )
)
SAYS = frozenset(
    (
        *_WHO,
        *("grant_type", "client_secret", "code", "code_verifier", "refresh_token", "device_code"),
        *("token", "token_type_hint"),
    )
)


def fault(given: QueryDict) -> str:
    """Return what is wrong with the form of the parameters, or ""."""
    for name, values in given.lists():
        if len(values) > 1:
            return "A parameter is there more than once."
        if not storable(name) or not all(map(storable, values)) or "\ufffd" in name + "".join(values):
            return "A parameter has a character in it that means nothing."
        if len(values[0]) > LONGEST:
            return "A parameter is too long."
    return ""


def asked_of(request: HttpRequest) -> int:
    """Return the member in whose browser a page asks; 0 where programs call, and before somebody logs in."""
    return int(getattr(getattr(request, "user", None), "pk", None) or 0)


def fault_of_call(request: HttpRequest) -> str:
    """Return what is wrong with the form of a program's request, or "". Addresses end up in logs: they are no forms."""
    if request.method == "POST" and request.META.get("QUERY_STRING"):
        return "Send parameters in the form, and none in the address."
    return fault(request.GET) or fault(request.POST)


def extract(request: HttpRequest) -> tuple[str, str, str, dict[str, Any]]:
    """Return a request as oauthlib takes it: address, method, body and headers."""
    asks = _among(request.GET, ASKS)
    says = _among(request.POST, SAYS) if request.method == "POST" else []
    headers = {"HTTP_AUTHORIZATION": request.META.get("HTTP_AUTHORIZATION", ""), ASKED_OF: str(asked_of(request))}
    query = f"?{urlencode(asks)}" if asks else ""
    return request.path + query, request.method or "", urlencode(says), headers


def _among(given: QueryDict, wanted: frozenset[str]) -> list[tuple[str, str]]:
    found = [(name, value) for name, values in given.lists() if name in wanted for value in values]
    plain = ((name, scopes(value) if name == "scope" else value) for name, value in found)
    return [(name, value) for name, value in plain if value]


def scopes(given: str) -> str:
    """Return each scope once; their order means nothing (RFC 6749 section 3.3)."""
    return " ".join(dict.fromkeys(filter(None, given.split(" "))))


def prompts(request: HttpRequest) -> set[str]:
    """Return how an app wants the member to be asked (OpenID Connect Core section 3.1.2.1)."""
    return set(request.GET.get("prompt", "").split(" ")) - {""}
