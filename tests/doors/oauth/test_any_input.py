"""Whatever is sent to an endpoint of OAuth2, nothing fails, no token comes of it, and the app works on."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry_server.oauth import params
from tests.doors.api.calls import Answer, multipart, raw
from tests.doors.oauth.app import (
    AUTHORIZE,
    BEGIN_DEVICE,
    DISCOVERY,
    INTROSPECT,
    KEYS,
    METADATA,
    REVOKE,
    TOKEN,
    USERINFO,
    App,
)
from tests.doors.web.person import Person

NAMES = sorted(params.ASKS | params.SAYS | {"client", "scopes", "user", "approval_prompt", "origin"})
# the world is built once for all examples of a test
some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CALLED = [TOKEN, REVOKE, INTROSPECT, BEGIN_DEVICE, USERINFO]
TOLD = [METADATA, DISCOVERY, KEYS]
FORM = "application/x-www-form-urlencoded"
values = st.text(max_size=30) | st.sampled_from(
    ["\x00", "\ufffe", "\ud800", "a" * 5000, "%00", "code", "S256", "openid"]
)
pairs = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=12), values), max_size=6)


def encoded(fields: list[tuple[str, str]]) -> str:
    return urlencode(fields, errors="surrogatepass", encoding="utf-8")


def basic(app: App) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Basic {b64encode(f'{app.client_id}:{app.secret}'.encode()).decode()}"}


def refused(answer: Answer) -> bool:
    return answer.status < 500 and b"access_token" not in answer.body and b"Traceback" not in answer.body


@pytest.mark.parametrize("address", CALLED)
@some
@given(fields=pairs, proven=st.booleans())
def test_any_form_is_answered(app: App, address: str, fields: list[tuple[str, str]], *, proven: bool) -> None:
    environ = {"CONTENT_TYPE": FORM} | (basic(app) if proven else {})
    assert refused(raw("POST", address, encoded(fields).encode(), environ))


@pytest.mark.parametrize("address", [*CALLED, *TOLD])
@some
@given(fields=pairs, method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "X"]))
def test_any_address_is_answered(app: App, address: str, fields: list[tuple[str, str]], method: str) -> None:
    assert refused(raw(method, f"{address}?{encoded(fields)}", b"", basic(app)))


@some
@given(
    body=st.binary(max_size=200), kind=st.sampled_from([FORM, "multipart/form-data; boundary=edge", "a/b", "", "/;="])
)
def test_any_bytes_are_answered(app: App, body: bytes, kind: str) -> None:
    for address in CALLED:
        assert refused(raw("POST", address, body, {"CONTENT_TYPE": kind} | basic(app)))


@some
@given(header=st.binary(max_size=60), scheme=st.sampled_from([b"Basic ", b"Bearer ", b"basic\t", b""]))
def test_any_header_is_answered(app: App, header: bytes, scheme: bytes) -> None:
    environ = {"HTTP_AUTHORIZATION": (scheme + header).decode("latin-1"), "CONTENT_TYPE": FORM}
    for address in CALLED:
        assert refused(raw("POST", address, b"token=x&grant_type=refresh_token&refresh_token=x", environ))


@some
@given(pair=st.binary(max_size=60))
def test_any_credentials_are_answered(app: App, pair: bytes) -> None:
    environ = {"HTTP_AUTHORIZATION": f"Basic {b64encode(pair).decode()}", "CONTENT_TYPE": FORM}
    for address in CALLED:
        assert refused(raw("POST", address, b"token=x", environ))


BROKEN: dict[str, tuple[str, bytes]] = {
    "charset": (f"{FORM}; charset=utf-16", b"\xff\xfeg"),
    "unknown charset": (f"{FORM}; charset=nonsense", b"grant_type=x"),
    "no boundary": ("multipart/form-data", b"--edge"),
    "cut off": ("multipart/form-data; boundary=edge", multipart(("name=code", b"x"), end=False)),
    "a file": ("multipart/form-data; boundary=edge", multipart(("name=code; filename=x", b"x"))),
    "not utf-8": ("multipart/form-data; boundary=edge", multipart(("name=code", b"\xff\xfe\xff"))),
    "many fields": (FORM, b"&".join(b"a%d=1" % n for n in range(2000))),
    "huge": (FORM, b"code=" + b"a" * 3_000_000),
    "percent": (FORM, b"code=%zz&grant_type=%&%=%00"),
    "json": ("application/json", b"[" * 5000),
}


@pytest.mark.parametrize("address", CALLED)
@pytest.mark.parametrize("kind", BROKEN)
def test_a_body_that_is_not_what_it_claims_is_answered(app: App, address: str, kind: str) -> None:
    content_type, body = BROKEN[kind]
    assert refused(raw("POST", address, body, {"CONTENT_TYPE": content_type} | basic(app)))


@pytest.mark.parametrize("who", ["alice", "anybody"])
@some
@given(fields=pairs, named=st.booleans())
def test_any_way_of_sending_a_member_is_answered(
    request: pytest.FixtureRequest, app: App, who: str, fields: list[tuple[str, str]], *, named: bool
) -> None:
    person: Person = request.getfixturevalue(who)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.browser.cookies.jar)
    begin = [("client_id", app.client_id), ("response_type", "code")] if named else []
    found = raw("GET", f"{AUTHORIZE}?{encoded([*begin, *fields])}", b"", {"HTTP_COOKIE": cookies})
    assert found.status < 500


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["%00", "%ff", "%ED%A0%80", "%EF%BF%BE", "%", "a" * 5000, quote("\u202e☃"), "%0d%0a"])
def test_each_parameter_of_sending_a_member_may_be_junk(alice: Person, app: App, name: str, value: str) -> None:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in alice.browser.cookies.jar)
    plain: dict[str, Any] = {"client_id": app.client_id, "response_type": "code"}
    plain.pop(name, None)
    found = raw("GET", f"{AUTHORIZE}?{urlencode(plain)}&{name}={value}", b"", {"HTTP_COOKIE": cookies})
    assert found.status < 500


def test_after_all_that_the_app_works(alice: Person, app: App) -> None:
    for body in (b"\xff", b"grant_type=%00", b"code=" + b"a" * 5000):
        raw("POST", TOKEN, body, {"CONTENT_TYPE": FORM} | basic(app))
    assert app.opens(app.tokens(alice)["access_token"])
