"""Apps, members and coordinators at once, at two real servers: run by test_token_races.py in a database of its own.

`token_races.py 1000 codes refreshes` prints, as JSON, what came of a thousand rounds of each.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django

django.setup()

import httpx  # noqa: E402 - after Django is set up
from django.core.management import call_command  # noqa: E402
from django.db.models import F  # noqa: E402
from django.test import Client as Browser  # noqa: E402

from consentry_server.common.errors import Conflict  # noqa: E402
from consentry_server.common.ids import digest, fingerprint  # noqa: E402
from consentry_server.files.models import DataFile, Pending  # noqa: E402
from consentry_server.members.models import Member  # noqa: E402
from consentry_server.outbox.models import Effect  # noqa: E402
from consentry_server.projects.models import Project  # noqa: E402
from consentry_server.sharing.models import Authorization  # noqa: E402
from consentry_server.storage import current as current_store  # noqa: E402
from consentry_server.tokens import actions as tokens  # noqa: E402
from consentry_server.tokens.models import Family, RefreshToken  # noqa: E402
from tests.doors.web.person import Person, hidden  # noqa: E402
from tests.journeys.racing import API, App, Outcome, Place, Work, place  # noqa: E402
from tests.world import METADATA, REDIRECT, allow  # noqa: E402

logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, tokens included
CALLERS = 8
AUTHORIZE = "/direct-sharing/projects/oauth2/authorize/"


# --- one code, one refresh token


def codes(here: Place, rounds: int, outcome: Outcome) -> None:
    """Eight exchange one code; that all but one come too late counts as a replay, which ends what the first one got."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        code = app.code(alice)
        answers = here.at_once(*[partial(app.exchange, code)] * CALLERS)
        outcome.note(answers)
        outcome.rounds["one winner"] += sum(answer.status_code == 200 for answer in answers) == 1
        outcome.rounds["its tokens are dead"] += app.opens(here.client(0), answers) == 0


def refreshes(here: Place, rounds: int, outcome: Outcome) -> None:
    """Eight use one refresh token and get one pair; a minute later eight use it again, which ends the family once."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        pair = allow(alice, app.project)
        answers = here.at_once(*[partial(app.refresh, pair.refresh)] * CALLERS)
        outcome.note(answers)
        given = {answer.json().get("refresh_token") for answer in answers}
        outcome.rounds["one pair for all"] += len(given) == 1 and None not in given
        family = RefreshToken.objects.get(sha256=digest(pair.refresh)).family
        outcome.rounds["one successor"] += family.refresh_tokens.count() == 2  # type: ignore[attr-defined]
        _age(pair.refresh)
        late = here.at_once(*[partial(app.refresh, pair.refresh)] * CALLERS)
        outcome.note(late)
        outcome.rounds["the family is dead"] += app.opens(here.client(0), answers) == 0
        ended = Family.objects.get(id=family.pk)
        outcome.rounds["by reuse"] += ended.ended_by == "reuse"
        told = Effect.objects.filter(kind="tokens.reuse")
        outcome.rounds["both are told once"] += told.count() == 2
        told.delete()


def _age(refresh: str) -> None:
    """Let more than a minute pass since a refresh token was replaced."""
    rows = RefreshToken.objects.filter(sha256=digest(refresh))
    assert rows.update(replaced_at=F("replaced_at") - timedelta(seconds=61)) == 1


# --- what ends tokens, against what makes them


def leave_and_refresh(here: Place, rounds: int, outcome: Outcome) -> None:
    """Two remove a member while six renew what the app has of them."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        pair = allow(alice, app.project)
        end = partial(app.remove, app.live(alice).project_member.number)
        _race(here, app, outcome, [end, *[partial(app.refresh, pair.refresh)] * 6, end])


def leave_and_redeem(here: Place, rounds: int, outcome: Outcome) -> None:
    """One removes a member while one exchanges a code, and then what is left of it is tried."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        code = app.code(alice)
        end = partial(app.remove, app.live(alice).project_member.number)
        _race(here, app, outcome, [partial(app.exchange, code), end])


def sign_out_and_refresh(here: Place, rounds: int, outcome: Outcome) -> None:
    """A member signs an app out while six renew what it has."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        pair = allow(alice, app.project)
        end = partial(_sign_out, app, alice)
        _race(here, app, outcome, [*[partial(app.refresh, pair.refresh)] * 6, end])


def sign_out_and_redeem(here: Place, rounds: int, outcome: Outcome) -> None:
    """A member signs an app out while it exchanges its code."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        code = app.code(alice)
        _race(here, app, outcome, [partial(app.exchange, code), partial(_sign_out, app, alice)])


def _sign_out(app: App, member: Member, _: httpx.Client) -> str:
    who = {"member_id": member.pk, "authorization_id": app.live(member).pk}
    tokens.sign_out(**who, now=datetime.now(UTC))
    return "signed out"


def revoke_and_refresh(here: Place, rounds: int, outcome: Outcome) -> None:
    """An app revokes a refresh token twice while six renew it."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        pair = allow(alice, app.project)
        end = partial(app.revoke, pair.refresh)
        _race(here, app, outcome, [end, *[partial(app.refresh, pair.refresh)] * 6, end])


def _race(here: Place, app: App, outcome: Outcome, works: list[Work]) -> None:
    answers = here.at_once(*works)
    outcome.note(answers)
    outcome.rounds["nothing works any more"] += app.opens(here.client(0), answers) == 0


def leave_and_use(here: Place, rounds: int, outcome: Outcome) -> None:
    """One removes a member while seven read with the app's token; afterwards nobody does."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        pair = allow(alice, app.project)
        read = partial(_read, pair.access)
        answers = here.at_once(*[read] * 7, partial(app.remove, app.live(alice).project_member.number))
        outcome.note(answer.status_code for answer in answers)  # type: ignore[arg-type]
        afterwards = here.at_once(*[read] * 2)
        outcome.rounds["nobody reads any more"] += [answer.status_code for answer in afterwards] == [401, 401]


def _read(access: str, client: httpx.Client) -> httpx.Response:
    return client.get(f"{API}/exchange-member/", headers={"Authorization": f"Bearer {access}"})


def rotate_and_use(here: Place, rounds: int, outcome: Outcome) -> None:
    """Two replace an app's secret at once, without an overlap, while six prove themselves with the old one."""
    alice = here.member()
    for _ in range(rounds):
        app = here.app()
        pair = allow(alice, app.project)
        rotate = partial(_rotate, app)
        answers = here.at_once(*[partial(app.refresh, pair.refresh)] * 6, rotate, rotate)
        new = [answer for answer in answers if str(answer).startswith("css")]
        outcome.note([answer for answer in answers if answer not in new])
        outcome.rounds["one new secret"] += len(new) == 1
        outcome.rounds["the old one is over"] += app.refresh(pair.refresh, here.client(1)).status_code == 401
        app.secret = new[0]
        outcome.rounds["the new one works"] += app.refresh(pair.refresh, here.client(0)).status_code == 200


def _rotate(app: App, _: httpx.Client) -> str:
    about: dict[str, Any] = {"actor": "test", "overlap": timedelta(0), "now": datetime.now(UTC)}
    try:
        return tokens.rotate_secret(project_id=app.project.pk, replacing=fingerprint(app.secret), **about)
    except Conflict:
        return "conflict"


# --- writing


def sixteen_writers(here: Place, rounds: int, outcome: Outcome) -> None:
    """Sixteen members' apps renew, exchange and bring files at once: nobody is told that the database is locked."""
    app, people = here.app(), [here.member() for _ in range(16)]
    pairs = [allow(member, app.project) for member in people]
    renewing, access = [pair.refresh for pair in pairs[:6]], [pair.access for pair in pairs[6:12]]
    for _ in range(rounds):
        codes = [app.code(member) for member in people[12:]]
        works = [partial(app.refresh, token) for token in renewing] + [partial(_upload, token) for token in access]
        answers = here.at_once(*works, *[partial(app.exchange, code) for code in codes])
        outcome.note(answers)
        renewing = [answer.json()["refresh_token"] for answer in answers[:6]]


def _upload(access: str, client: httpx.Client) -> httpx.Response:
    about = {"headers": {"Authorization": f"Bearer {access}"}, "data": {"metadata": METADATA}}
    return client.post(f"{API}/files/upload/", **about, files={"data_file": ("a.csv", b"1,2")})  # type: ignore[arg-type]


def leave_and_complete(here: Place, rounds: int, outcome: Outcome) -> None:
    """Five complete what an app is bringing while its member leaves: there is a whole file, or none."""
    app, alice = here.app(), here.member()
    for _ in range(rounds):
        token, number = allow(alice, app.project).access, app.live(alice).project_member.number
        begun = _begun(token, here.client(0))
        finish = partial(_complete, token, begun)
        outcome.note(here.at_once(*[finish] * 5, partial(app.remove, number)))
        file = DataFile.objects.get(id=begun)
        whole = file.completed_at is not None and current_store().size(file.key) == file.size == 3
        waiting = file.completed_at is None and Pending.objects.filter(file=file).exists()
        outcome.rounds["whole or none"] += whole != waiting
        outcome.rounds["nothing works any more"] += _complete(token, begun, here.client(1)).status_code == 401


def _begun(token: str, client: httpx.Client) -> int:
    form, headers = {"metadata": METADATA, "filename": "a.csv"}, {"Authorization": f"Bearer {token}"}
    begun = client.post(f"{API}/files/upload/direct/", data=form, headers=headers).json()
    assert client.put(begun["url"], content=b"1,2").status_code == 200
    return int(begun["id"])


def _complete(token: str, file_id: int, client: httpx.Client) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(f"{API}/files/upload/complete/", data={"file_id": file_id}, headers=headers)


# --- the cap


def cap(here: Place, rounds: int, outcome: Outcome) -> None:
    """Nineteen are in; a hundred say yes at once, each on the page that they were shown."""
    inside = [here.member() for _ in range(19)]
    people = [_at_the_browser(here.member(), here.urls[nth % 2]) for nth in range(100)]
    for _ in range(max(1, rounds // 100)):
        app = here.app(approved=False)
        for member in inside:
            allow(member, app.project)
        forms = list(here.pool.map(partial(_shown, app), people))
        answers = here.at_once(*[partial(_press, who, form) for who, form in zip(people, forms, strict=True)])
        outcome.note(answers)
        live = Authorization.objects.filter(project=app.project, revoked_at=None).count()
        kept = Project.objects.get(id=app.project.pk).authorized_members
        outcome.rounds["twenty are in"] += (live, kept) == (20, 20)


def _at_the_browser(member: Member, url: str) -> Person:
    inside = Browser()
    inside.force_login(member)
    browser = httpx.Client(base_url=url, timeout=60)
    browser.cookies.set("session", inside.cookies["session"].value, domain="127.0.0.1")
    return Person(browser)


def _shown(app: App, person: Person) -> dict[str, str]:
    query = {"client_id": app.client_id, "response_type": "code", "redirect_uri": REDIRECT}
    page = person.get(AUTHORIZE, **query)
    assert page.status_code == 200, page.headers
    return hidden(page.text)


def _press(person: Person, form: dict[str, str], _: httpx.Client) -> str:
    answer = person.post(AUTHORIZE, **form, allow="allow")
    where = urlsplit(answer.headers.get("Location", ""))
    if answer.status_code == 302 and where.path == "/member/me/data/":
        return "full"
    return "in" if parse_qs(where.query).get("code") else f"{answer.status_code} {where.path}"


# --- where secrets do not go


def canary(here: Place, rounds: int, outcome: Outcome) -> None:
    """All that an app may send, well and badly; then every file that the servers wrote is searched."""
    app, alice, client = here.app(), here.member(), here.client(0)
    secrets = [app.secret, app.master]
    for _ in range(min(3, rounds)):
        code = app.code(alice)
        first = app.exchange(code, client).json()
        second = app.refresh(first["refresh_token"], client).json()
        app.refresh(first["refresh_token"], here.client(1))
        given = [said[f"{kind}_token"] for said in (first, second) for kind in ("access", "refresh")]
        secrets += [code, *given]
        for token in (*given, app.master):
            outcome.note(list(map(partial(_misuse, client, token), (f"{API}/", "/oauth2/token/", "/member/me/data/"))))
        app.exchange(code, client)  # a replay
    outcome.note([client.get("/nothing/", params={"access_token": app.master}).status_code])
    outcome.rounds["the log has lines"] += b"Not Found: /nothing/" in here.log.read_bytes()
    files = [path for path in Path(os.environ["DATA"]).rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    outcome.rounds["it would be found"] += app.client_id.encode() in kept or "postgresql" in os.environ["DATABASE"]
    outcome.rounds["secrets found"] += sum(secret.encode() in kept for secret in secrets)


def _misuse(client: httpx.Client, token: str, path: str) -> int:
    for how in ({"params": {"access_token": token, "format": "xml"}}, {"headers": {"Authorization": f"Basic {token}"}}):
        client.post(path, data={"refresh_token": token, "grant_type": "refresh_token"}, **how)  # type: ignore[arg-type]
    return client.get(path, params={"access_token": token}).status_code


RACES = (
    *(codes, refreshes, leave_and_refresh, leave_and_redeem, leave_and_use, sign_out_and_refresh, sign_out_and_redeem),
    *(revoke_and_refresh, rotate_and_use, sixteen_writers, leave_and_complete, cap, canary),
)

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    told: dict[str, Any] = {}
    with place() as running:
        for race in RACES:
            if race.__name__ in sys.argv[2:]:
                found = Outcome()
                race(running, int(sys.argv[1]), found)
                told[race.__name__] = {"answers": found.answers, "rounds": found.rounds}
    json.dump(told, sys.stdout)
