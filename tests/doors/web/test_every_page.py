"""What holds for every page: headers, proof of forms, methods, odd input, tokens of the API."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from django.db import InterfaceError, OperationalError, connection

from consentry_server.common import errors
from consentry_server.sharing import queries
from consentry_server.sharing.models import Authorization
from tests.doors.web.addresses import OPEN, PRIVATE
from tests.doors.web.person import AUTHORIZE, JOIN, LEAVE, PROJECT, Person, seen
from tests.world import PASSWORD, World

FORMS = [*PRIVATE[4:8], *PRIVATE[9:-3], "/account/logout/", "/activity/study/"]


@pytest.mark.parametrize("path", PRIVATE)
def test_private_pages_lead_to_log_in_and_back(anybody: Person, path: str) -> None:
    answer = anybody.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/account/login/?next={path}"


@pytest.mark.parametrize("path", [*OPEN, *PRIVATE, "/nothing/"])
def test_005_124_every_page_carries_its_headers(alice: Person, path: str) -> None:
    answer = alice.get(path)
    policy = answer.headers["Content-Security-Policy"]

    assert answer.status_code in (200, 302, 404)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", [*OPEN, *PRIVATE])
def test_145_no_page_holds_a_script_or_a_style_of_its_own(alice: Person, path: str) -> None:
    page = alice.get(path).text

    # what is loaded from this site runs, and data that a script reads is none
    scripts = re.findall(r"<script[^>]*>", page)
    assert [tag for tag in scripts if ' src="/static/' not in tag and 'type="application/json"' not in tag] == []
    assert "style=" not in page
    assert " onclick" not in page


@pytest.mark.parametrize("path", FORMS)
def test_122_a_form_without_its_proof_is_refused(alice: Person, path: str) -> None:
    answer = alice.browser.post(path, data={"password": PASSWORD, "shown": "x", "username": "eve"})

    assert answer.status_code == 403
    assert "This form is too old" in seen(answer)


def test_122_logging_in_and_leaving_need_the_proof_too(world: World, alice: Person, anybody: Person) -> None:
    entered = anybody.browser.post("/account/login/", data={"login": "alice", "password": PASSWORD})
    left = alice.browser.post(f"{LEAVE}/{world.of_alice.pk}/")

    assert (entered.status_code, left.status_code) == (403, 403)
    assert Authorization.objects.get(pk=world.of_alice.pk).revoked_at is None


def test_122_a_form_of_ours_arrives_though_browsers_hide_its_origin(alice: Person) -> None:
    alice.get("/account/login/")
    alice.get("/member/me/account-settings/")
    proof = {"csrfmiddlewaretoken": alice.browser.cookies["csrf"], "username": "alice", "name": "A"}
    page = "/member/me/account-settings/"
    ours = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    theirs = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}

    assert alice.browser.post(page, data=proof, headers=theirs).status_code == 403
    assert alice.browser.post(page, data=proof, headers={"Origin": "null"}).status_code == 403
    assert alice.browser.post(page, data=proof, headers=ours).status_code == 302


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", [*OPEN, *PRIVATE])
def test_053_other_methods_are_refused_and_say_which_work(alice: Person, path: str, method: str) -> None:
    alice.post("/account/logout/")
    alice.browser.headers["X-CSRFToken"] = alice.browser.cookies["csrf"]
    answer = alice.browser.request(method, path)

    assert answer.status_code in (302, 405)
    assert answer.status_code == 302 or "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/account/delete/", f"{JOIN}/study/", "/activity/study/"])
def test_053_a_method_that_a_header_claims_is_not_believed(joiner: Person, path: str) -> None:
    answer = joiner.browser.get(path, headers={"X-HTTP-Method-Override": "POST"})

    assert answer.status_code == 200


def test_003_a_token_in_the_address_opens_no_page(world: World, anybody: Person) -> None:
    for path in PRIVATE:
        answer = anybody.get(path, access_token=world.token)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")


def test_004_a_token_in_the_address_of_a_form_does_nothing(world: World, anybody: Person) -> None:
    for path in (*FORMS, f"{LEAVE}/{world.of_alice.pk}/", f"{PROJECT}/update/study/"):
        answer = anybody.post(f"{path}?access_token={world.token}", password=PASSWORD)
        assert answer.status_code == 302
    answer = anybody.browser.get("/member/me/data/", headers={"Authorization": f"Bearer {world.token}"})

    assert answer.status_code == 302
    assert Authorization.objects.get(pk=world.of_alice.pk).revoked_at is None


def test_looking_changes_nothing(world: World, joiner: Person, alice: Person) -> None:
    for path in (*OPEN, *PRIVATE, f"{LEAVE}/{world.of_alice.pk}/"):
        joiner.get(path)
        alice.get(path)

    assert queries.seat(member_id=world.joiner.pk, project_id=world.study.pk) is None
    assert Authorization.objects.get(pk=world.of_alice.pk).revoked_at is None


@pytest.mark.parametrize("evil", ["a\x00b", "\ufffe", "\uffff"])
def test_166_a_character_that_cannot_be_kept_is_refused_everywhere(
    world: World, alice: Person, anybody: Person, evil: str
) -> None:
    fields = ("login", "password", "username", "name", "shown", "next", "email", "visible_status")
    for path in [*FORMS, f"{LEAVE}/{world.of_alice.pk}/"]:
        for field in fields:
            assert alice.post(path, **{field: evil}).status_code == 400
    assert anybody.post("/account/login/", login=evil, password="x").status_code == 400
    assert anybody.get("/", q=evil).status_code == 400
    assert alice.get("/member/me/data/", source=evil).status_code == 400


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=%ED%A0%80&username=alice", "application/x-www-form-urlencoded"),
        (b"name=%FF%FE&username=a b", "application/x-www-form-urlencoded"),
        (b"name=+2AA-&username=alice", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"name=x", "application/x-www-form-urlencoded; charset=nope"),
        (b"not multipart", "multipart/form-data; boundary=x"),
        (b"not multipart", "multipart/form-data"),
        (b'{"name": "\\ud800"}', "application/json"),
        (b"a=1&" * 2000, "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n+2AA-\r\n--x--',
         "multipart/form-data; boundary=x; charset=utf-7"),
    ],
)  # fmt: skip
def test_167_a_body_that_is_not_what_it_claims_is_refused(world: World, alice: Person, body: bytes, kind: str) -> None:
    page = "/member/me/account-settings/"
    alice.get(page)
    headers = {"Content-Type": kind, "X-CSRFToken": alice.browser.cookies["csrf"]}
    answer = alice.browser.post(page, content=body, headers=headers)

    assert answer.status_code in (400, 302, 403)
    world.alice.refresh_from_db()
    world.alice.name.encode()


def test_a_poisoned_cookie_is_refused(anybody: Person) -> None:
    answer = anybody.browser.get("/member/me/data/", headers={"Cookie": 'session="abcdefgh\\000i"'})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver:80@evil.example", "testserver:x", "a b", "testserver,evil"]
)
def test_125_a_foreign_host_is_refused(anybody: Person, host: str) -> None:
    assert anybody.browser.get("/", headers={"Host": host}).status_code == 400


def test_125_a_forwarded_host_is_not_believed(
    anybody: Person,
) -> None:
    answer = anybody.browser.get("/account/password/reset/", headers={"X-Forwarded-Host": "evil.example"})

    assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>/", "/activity/<b>/", "/%00/", "/member/me/data/<b>/"])
def test_143_error_pages_repeat_nothing(alice: Person, path: str) -> None:
    answer = alice.get(path)

    assert answer.status_code in (302, 400, 404)
    assert "<script" not in answer.text
    assert "alert" not in answer.text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("path", ["/", "/member/me/access-log/", f"{AUTHORIZE}/study/"])
def test_274_an_away_database_is_said_so_whichever_statement_finds_it_gone(
    alice: Person, path: str, error: type[Exception]
) -> None:
    for nth in count(1):
        gone = Gone(nth, error)
        with connection.execute_wrapper(gone):
            answer = alice.get(path)
        if gone.asked < nth:
            break
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert nth > 2


@pytest.mark.parametrize(("kind", "status"), [(errors.Unavailable, 503), (errors.Full, 507)])
def test_277_a_page_tells_a_store_that_is_down_from_one_that_is_full(
    alice: Person, monkeypatch: pytest.MonkeyPatch, kind: type[errors.Unavailable], status: int
) -> None:
    def fails(*_args: object, **_named: object) -> None:
        raise kind("The store has no ear for us.")

    monkeypatch.setattr("consentry_server.files.queries.ledger", fails)
    answer = alice.get("/member/me/access-log/")

    assert (answer.status_code, bool(answer.headers["Retry-After"])) == (status, True)
    assert "The store has no ear for us." in seen(answer)


@dataclass
class Gone:
    """A database that is gone from the nth statement on."""

    nth: int
    error: type[Exception]
    asked: int = 0

    def __call__(self, execute: Callable[..., object], *statement: object) -> object:
        self.asked += 1
        if self.asked >= self.nth:
            raise self.error("gone")
        return execute(*statement)


def test_121_the_session_cookie_cannot_be_read_by_scripts(anybody: Person) -> None:
    answer = anybody.post("/account/login/", login="alice", password=PASSWORD)
    cookie = next(line for line in answer.headers.get_list("Set-Cookie") if "session=" in line)

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


def test_pages_name_projects_as_people_do(alice: Person, coordinator: Person) -> None:
    pages = [alice.get(path).text for path in PRIVATE]
    pages.append(coordinator.get(f"{PROJECT}/study/").text)

    for page in pages:
        assert "direct-sharing-" not in page
