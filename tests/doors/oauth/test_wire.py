"""Each row of the wire's section 1.9, in its order."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from consentry_server.projects import actions as projects
from consentry_server.sharing import queries as sharing
from consentry_server.tokens.rules import DEFAULT_SCOPE
from tests.doors.api.calls import MEMBERS, bearer
from tests.doors.oauth.app import (
    AUTHORIZE,
    INTROSPECT,
    INVALID_CLIENT,
    INVALID_GRANT,
    INVALID_REQUEST,
    REVOKE,
    TOKEN,
    App,
    answer,
    refusal,
    said,
)
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.web.person import Person, hidden, seen
from tests.world import PASSWORD, REDIRECT, THEN, World, make_token

FORM = "application/x-www-form-urlencoded"

# the paths


@pytest.mark.parametrize("way", ["basic", "body"])
@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_token_takes_both_encodings_and_both_proofs(alice: Person, app: App, way: str, encoding: str) -> None:
    fields = {"grant_type": "authorization_code", "code": app.code(alice), "redirect_uri": REDIRECT}
    proof = {"client_id": app.client_id, "client_secret": app.secret} if way == "body" else {}
    auth = None if way == "body" else (app.client_id, app.secret)
    if encoding == "multipart":
        parts = {name: (None, value) for name, value in (fields | proof).items()}
        found = app.http.post(TOKEN, files=parts, auth=auth)
    else:
        found = app.http.post(TOKEN, data=fields | proof, auth=auth)
    assert found.status_code == 200


def test_token_is_asked_with_post_only(app: App) -> None:
    assert app.http.get(TOKEN).status_code == 405


def test_token_reads_no_json(alice: Person, app: App) -> None:
    body = json.dumps({"grant_type": "authorization_code", "code": app.code(alice), "redirect_uri": REDIRECT})
    found = app.raw(TOKEN, body.encode(), Content_Type="application/json")
    assert (found.status_code, found.json()) == (400, {"error": "unsupported_grant_type"})


@pytest.mark.parametrize("name", ["code", "client_id", "x"])
def test_token_refuses_parameters_in_the_address(alice: Person, app: App, name: str) -> None:
    fields = {"grant_type": "authorization_code", "code": app.code(alice), "redirect_uri": REDIRECT}
    found = app.http.post(f"{TOKEN}?{name}=y", data=fields, auth=(app.client_id, app.secret))
    assert refusal(found) == INVALID_REQUEST


def test_revoke_is_200_and_empty_even_for_what_is_unknown(alice: Person, app: App) -> None:
    for token in ("unknown", app.tokens(alice)["access_token"]):
        found = app.post(REVOKE, token=token, token_type_hint="access_token")
        assert (found.status_code, found.content) == (200, b"")


def test_a_revoked_access_token_leaves_the_refresh_token_and_no_scope(alice: Person, app: App) -> None:
    tokens = app.tokens(alice)
    app.post(REVOKE, token=tokens["access_token"])
    found = app.refresh(tokens["refresh_token"])
    assert (found.status_code, found.json()["scope"]) == (200, "")
    assert app.opens(found.json()["access_token"])
    assert app.refresh(found.json()["refresh_token"]).json()["scope"] == ""


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_introspect_tells_an_app_about_its_token(alice: Person, app: App, method: str) -> None:
    where = {"params" if method == "GET" else "data": {"token": app.tokens(alice)["access_token"]}}
    found = app.http.request(method, INTROSPECT, auth=(app.client_id, app.secret), **where).json()  # type: ignore[arg-type]
    assert {"active", "scope", "exp", "client_id", "username"} <= set(found)
    assert (found["active"], found["client_id"], found["username"]) == (True, app.client_id, "alice")
    assert set(found["scope"].split()) == set(DEFAULT_SCOPE.split())


def test_introspect_of_what_is_unknown(app: App) -> None:
    assert app.post(INTROSPECT, token="unknown").text == '{"active": false}'


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("who", ["anonymous", "member's token", "project's token"])
def test_introspect_refuses_whoever_is_no_app(alice: Person, app: App, who: str, method: str) -> None:
    tokens = {"member's token": app.tokens(alice)["access_token"], "project's token": make_token(app.project)}
    headers = bearer(tokens[who]) if who in tokens else {}
    assert app.http.request(method, INTROSPECT, headers=headers).status_code == 403


STOCK = [
    "/oauth2/authorize/", "/oauth2/applications/", "/oauth2/applications/register/", "/oauth2/applications/1/",
    "/oauth2/authorized_tokens/", "/oauth2/authorized_tokens/1/delete/", "/oauth2/.well-known/openid-configuration",
    "/oauth2/.well-known/openid-configuration/", "/oauth2/.well-known/jwks.json", "/oauth2/logout/", "/oauth2/",
    "/oauth2/device/", "/oauth2/device-authorization/", "/oauth2/token", "/o/token/",
]  # fmt: skip


@pytest.mark.parametrize("address", STOCK)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_stock_pages_are_not_there(alice: Person, address: str, method: str) -> None:
    alice.get("/member/me/connections/")
    proof = {"X-CSRFToken": alice.browser.cookies.get("csrf", "")}
    assert alice.browser.request(method, address, headers=proof).status_code in (403, 404)
    assert alice.browser.get(address).status_code == 404


# lifetimes


@pytest.mark.parametrize(("seconds", "opens"), [(35999, True), (36000, False)])
def test_an_access_token_lives_for_ten_hours(
    alice: Person, app: App, clock: Clock, seconds: int, *, opens: bool
) -> None:
    token = app.tokens(alice)["access_token"]
    clock.move(seconds=seconds)
    assert app.opens(token) is opens


def test_a_client_id_has_forty_letters(app: App) -> None:
    assert re.fullmatch(r"[0-9A-Za-z]{40}", app.client_id)


# the page


@pytest.mark.parametrize("client_id", [None, "", "unknown", "a" * 40])
def test_an_app_that_is_none_is_a_404_page(anybody: Person, app: App, client_id: str | None) -> None:
    found = app.send(anybody, client_id=client_id)
    assert found.status_code == 404
    assert found.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("who", ["alice", "anybody"])
def test_an_app_that_is_paused_takes_nobody_before_any_login(
    app_of: AppOf, request: pytest.FixtureRequest, who: str
) -> None:
    found = app_of(active=False).send(request.getfixturevalue(who))
    assert (found.status_code, found.headers["Location"]) == (302, "/direct-sharing/authorize-inactive/")
    assert request.getfixturevalue(who).get("/direct-sharing/authorize-inactive/").status_code == 200


def test_whoever_is_not_logged_in_is_sent_there_with_no_way_back_in_the_address(anybody: Person, app: App) -> None:
    found = app.send(anybody)
    assert (found.status_code, found.headers["Location"]) == (302, "/account/login/")
    back = anybody.post("/account/login/", login="alice", password=PASSWORD).headers["Location"]
    assert "ticket" in hidden(anybody.get(back).text)


def test_an_address_that_is_not_registered_is_a_400_page(alice: Person, app: App) -> None:
    found = app.send(alice, redirect_uri="https://app.example.org/other")
    assert found.status_code == 400
    assert found.headers["Content-Type"].startswith("text/html")


ERRORS = {
    "invalid_request": {"response_type": None},
    "unauthorized_client": {"response_type": "token"},
    "invalid_scope": {"scope": "nonsense"},
}


@pytest.mark.parametrize("error", ERRORS)
def test_other_errors_are_told_at_the_apps_address(alice: Person, app: App, error: str) -> None:
    found = app.send(alice, **ERRORS[error])  # type: ignore[arg-type]
    assert found.headers["Location"].startswith(f"{REDIRECT}?error={error}")


def test_whoever_let_it_in_is_sent_on_at_once(alice: Person, app: App) -> None:
    app.tokens(alice)
    assert set(said(app.send(alice))) == {"code", "state", "origin", "iss"}


@pytest.mark.parametrize("why", ["force", "another scope", "expired", "revoked", "left"])
def test_and_is_asked_again_if_there_is_anything_to_ask(
    world: World, alice: Person, app: App, clock: Clock, why: str
) -> None:
    tokens = app.tokens(alice, scope="read")
    if why == "expired":
        clock.move(hours=10)
    if why == "revoked":
        app.post(REVOKE, token=tokens["refresh_token"])
    if why == "left":
        app.http.post("/api/direct-sharing/project/remove-members/", headers=bearer(tokens["access_token"]))
    more = {"scope": "read write"} if why == "another scope" else {"scope": "read"}
    page = app.send(alice, **more, **({"approval_prompt": "force"} if why == "force" else {}))
    assert (page.status_code, "ticket" in hidden(page.text)) == (200, True)


def test_approval_prompt_auto_is_the_default(alice: Person, app: App) -> None:
    app.tokens(alice)
    assert app.send(alice, approval_prompt="auto").status_code == 302


def test_looking_makes_nobody_a_member(world: World, alice: Person, app: App) -> None:
    """The original makes an unjoined row; a client sees nothing of it. Ours makes none: GET changes nothing."""
    assert app.send(alice).status_code == 200
    assert sharing.seat(member_id=world.alice.pk, project_id=app.project.pk) is None
    assert app.http.get(MEMBERS, headers=bearer(make_token(app.project))).json()["count"] == 0


@pytest.mark.parametrize("address", ["https://a.example/?q=1", "openhumanshk://", "resilienceproject://open-humans"])
def test_the_schemes_of_apps_that_are_out_there(alice: Person, app_of: AppOf, address: str) -> None:
    app = app_of(redirect_uris=address)
    found = answer(alice, app.send(alice, redirect_uri=address), allow="allow")
    assert found.headers["Location"].startswith(f"{address}{'&' if '?' in address else '?'}code=")


def test_a_query_that_was_registered_has_to_be_there(alice: Person, app_of: AppOf) -> None:
    app = app_of(redirect_uris="https://a.example/?q=1")
    assert app.send(alice, redirect_uri="https://a.example/").status_code == 400


def test_one_field_registers_several_addresses(alice: Person, app_of: AppOf) -> None:
    app = app_of(redirect_uris=f"{REDIRECT} https://b.example/x")
    for address in (REDIRECT, "https://b.example/x"):
        assert app.send(alice, redirect_uri=address).status_code == 200


def test_the_default_scopes(alice: Person, app: App) -> None:
    expected = "read write american-gut go-viral pgp wildlife open-humans"
    assert set(app.tokens(alice, scope=None)["scope"].split()) == set(expected.split())


# the answer


def test_the_form_has_the_fields_that_scripts_know(alice: Person, app: App) -> None:
    page = app.send(alice, scope="read")
    fields = hidden(page.text)
    assert {"client_id", "redirect_uri", "response_type", "scope", "state"} <= set(fields)
    assert 'name="csrfmiddlewaretoken"' in page.text
    assert 'name="allow"' in page.text
    assert 'name="hide-membership" value="hidden_membership"' in page.text


@pytest.mark.parametrize("value", ["allow", "Authorize", "1", "no"])
def test_any_value_of_allow_is_yes(alice: Person, app: App, value: str) -> None:
    assert "code" in said(answer(alice, app.send(alice), allow=value))


@pytest.mark.parametrize(("asked", "told"), [(None, "external"), ("open-humans", "open-humans"), ("x", "external")])
def test_the_origin_is_said_with_a_code(alice: Person, app: App, asked: str | None, told: str) -> None:
    found = answer(alice, app.send(alice, origin=asked), allow="allow")
    query = parse_qs(urlsplit(found.headers["Location"]).query)
    assert query["origin"] == [told]
    assert query["state"] == ["xyz"]


@pytest.mark.parametrize("asked", [None, "open-humans"])
def test_a_no_comes_without_origin(alice: Person, app: App, asked: str | None) -> None:
    back = said(answer(alice, app.send(alice, origin=asked), cancel="cancel"))
    assert (back["error"], back["state"], "origin" in back) == ("access_denied", "xyz", False)


@pytest.mark.parametrize("hide", [True, False])
def test_a_member_may_be_hidden(world: World, alice: Person, app: App, *, hide: bool) -> None:
    more = {"hide-membership": "hidden_membership"} if hide else {}
    answer(alice, app.send(alice), allow="allow", **more)
    seat = sharing.seat(member_id=world.alice.pk, project_id=app.project.pk)
    assert seat is not None
    assert (seat.hidden_at is not None) is hide


# tokens


def test_the_answer_with_tokens(alice: Person, app: App) -> None:
    found = app.exchange(app.code(alice))
    assert set(found.json()) == {"access_token", "expires_in", "token_type", "scope", "refresh_token"}
    assert (found.json()["expires_in"], found.json()["token_type"]) == (36000, "Bearer")
    assert re.match(r'\{"access_token": "[^"]+", "expires_in": 36000, ', found.text)


@pytest.mark.parametrize("auth", [None, ("x", "y"), ("", "")])
@pytest.mark.parametrize("known", [True, False])
def test_whoever_is_no_app_is_told_so(app: App, auth: tuple[str, str] | None, *, known: bool) -> None:
    named = (app.client_id, "wrong") if known and auth else auth
    fields = {"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT}
    found = app.http.post(TOKEN, data=fields, auth=named)
    assert refusal(found) == INVALID_CLIENT
    assert found.text == '{"error": "invalid_client"}'
    assert found.headers["WWW-Authenticate"].startswith('Bearer error="invalid_client"')


@pytest.mark.parametrize("what", ["bad code", "used code", "expired code", "bad refresh", "used refresh"])
def test_what_is_over_is_an_invalid_grant(alice: Person, app: App, clock: Clock, what: str) -> None:
    code, tokens = app.code(alice), app.tokens(alice, approval_prompt="force")
    if what == "used code":
        app.exchange(code)
    if what == "used refresh":
        app.refresh(tokens["refresh_token"])
    if what in ("expired code", "used refresh"):
        clock.move(seconds=60)
    given = {"bad code": "x", "bad refresh": "x"}.get(what)
    code, token = given or code, given or tokens["refresh_token"]
    found = app.exchange(code) if what.endswith("code") else app.refresh(token)
    assert (refusal(found), found.text) == (INVALID_GRANT, '{"error": "invalid_grant"}')


def test_an_address_that_is_another_one(alice: Person, app: App) -> None:
    found = app.exchange(app.code(alice), redirect_uri="https://app.example.org/x").json()
    assert found == {"error": "invalid_request", "error_description": "Mismatching redirect URI."}


@pytest.mark.parametrize(("grant", "words"), [("authorization_code", "code"), ("refresh_token", "refresh token")])
def test_what_is_missing_is_named(app: App, grant: str, words: str) -> None:
    found = app.post(TOKEN, grant_type=grant, redirect_uri=REDIRECT).json()
    assert found == {"error": "invalid_request", "error_description": f"Missing {words} parameter."}


@pytest.mark.parametrize("grant_type", [None, "", "nonsense", "implicit"])
def test_an_unknown_grant_type(app: App, grant_type: str | None) -> None:
    found = app.post(TOKEN, **({} if grant_type is None else {"grant_type": grant_type}))
    assert (found.status_code, found.text) == (400, '{"error": "unsupported_grant_type"}')


@pytest.mark.parametrize("grant_type", ["password", "client_credentials"])
def test_a_grant_type_that_no_app_may_use(app: App, grant_type: str) -> None:
    given = {"username": "alice", "password": PASSWORD}
    assert refusal(app.post(TOKEN, grant_type=grant_type, **given)) == (400, "unauthorized_client")


# decisions of ours


def test_new_projects_begin_with_pkce_and_an_older_client_need_not(alice: Person, app_of: AppOf) -> None:
    assert said(app_of("New", pkce_required=True).send(alice))["error"] == "invalid_request"
    assert "code" in app_of("Old", pkce_required=False).allowed(alice)


def test_the_cap_holds_for_apps_and_spares_who_is_in(world: World, alice: Person, bob: Person, app_of: AppOf) -> None:
    app = app_of(approved=False)
    app.allowed(alice)
    app.project.refresh_from_db()
    type(app.project).objects.filter(pk=app.project.pk).update(authorized_members=20)
    found = app.send(bob)
    assert (found.status_code, found.headers["Location"]) == (302, "/member/me/data/")
    assert "20 member limit" in seen(bob.get("/member/me/data/"))
    assert app.send(alice, approval_prompt="force").status_code == 200


def test_what_changed_since_is_asked_again(world: World, alice: Person, app: App) -> None:
    app.tokens(alice)
    fields = {"requested_sources": [world.source, world.private]}
    projects.edit(project=app.project, actor="test", fields=fields, now=THEN)
    assert app.send(alice).status_code == 200


def test_the_form_is_read_where_it_was_shown(alice: Person, app: App) -> None:
    assert f'action="{AUTHORIZE}"' in app.send(alice).text


def test_a_multipart_form_that_breaks_off_is_refused(app: App) -> None:
    found = app.raw(TOKEN, b"--x\r\nContent-Disp", Content_Type="multipart/form-data; boundary=x")
    assert found.status_code == 400
    assert app.raw(TOKEN, b"%ff=%00", Content_Type=FORM).status_code == 400
