"""docs/call/oauth2.md: every line and every program on it runs as it stands, against a real server."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.contract.apps import API, HOOKED, asked, bearer, departure, listening, numbers, said
from tests.contract.plain_forms import Browser, Forms, held
from tests.contract.talking import talk
from tests.servers import Demo

pytestmark = [pytest.mark.published, pytest.mark.usefixtures("as_it_was")]
PAGE = Path(__file__).parents[2] / "docs" / "call" / "oauth2.md"
IN_ANSWERS = {"TOKEN": "access_token", "REFRESH": "refresh_token", "DEVICE_CODE": "device_code"}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(), re.DOTALL)


TYPED = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*\n)((?:(?!\$ )[^\n]*\n)*)", re.MULTILINE)


def lines() -> list[tuple[str, str]]:
    """Return what is typed, and what the page says comes out."""
    return [(typed, shown.strip()) for block in blocks("console") for typed, shown in TYPED.findall(block)]


def surroundings(demo: Demo) -> dict[str, str]:
    """Return the variables that an app is told by: nothing else of this process gets through."""
    app = demo.facts[HOOKED]
    known = {"SITE": demo.url, "REDIRECT_URI": app["redirect_uri"], "PATH": "/usr/bin:/bin"}
    return known | {"CLIENT_ID": app["client_id"], "CLIENT_SECRET": app["client_secret"]}


@dataclass
class Shell:
    """A shell that remembers what was exported, and what was answered last."""

    known: dict[str, str]
    folder: Path
    answer: Any = None
    told: dict[str, str] = field(default_factory=dict)  # by the member's way back

    def run(self, command: str) -> str:
        if command.startswith("export"):
            return self.export(command)
        line = ["sh", "-ec", command]
        done = subprocess.run(line, env=self.known, cwd=self.folder, capture_output=True, text=True, check=True)
        if done.stdout.startswith(("{", '"')):
            self.answer = json.loads(done.stdout)
        return done.stdout

    def export(self, command: str) -> str:
        for name, value in re.findall(r"(\w+)=(\S*…)", command):
            self.known[name] = self.told["code"] if name == "CODE" else self.answer[IN_ANSWERS[name]]
            command = command.replace(f"{name}={value}", "")
        line = ["sh", "-ec", f"{command}\nenv -0"]
        done = subprocess.run(line, env=self.known, cwd=self.folder, capture_output=True, text=True, check=True)
        self.known |= dict(pair.split("=", 1) for pair in done.stdout.split("\0") if pair)
        return ""


def same_shape(shown: str, answer: Any) -> bool:
    """Say whether an answer has the keys that the page shows, or is the text that it shows."""
    expected = json.loads(shown)
    return list(answer) == list(expected) if isinstance(expected, dict) else bool(answer == expected)


@pytest.fixture(autouse=True)
def _files_deleted(demo: Demo, joiner: Browser) -> Iterator[None]:
    """Delete what the app brought, as the member may after it is gone: other tests count their files."""
    yield
    joiner.walk(f"{demo.url}/account/login/")
    page = joiner.http.get(f"{demo.url}/activity/sunday-letter/delete-files/")
    form = next(form for form in Forms(page.text).found if "Delete" in str(form["buttons"]))
    assert joiner.send(page, form, held(form)).has_redirect_location


@pytest.fixture
def _devices_allowed(demo: Demo) -> Iterator[None]:
    """Let the app be used on devices, as its coordinator can."""
    app = f"Client.objects.filter(project_id={demo.facts[HOOKED]['id']})"

    def allow(*, yes: bool) -> None:
        line = f"from consentry_server.projects.models import Client\n{app}.update(device_allowed={yes})"
        demo.run("manage", "shell", "--no-imports", "-c", line)

    allow(yes=True)
    yield
    allow(yes=False)


@pytest.mark.usefixtures("_devices_allowed")
def test_the_lines_of_the_page_run_in_their_order(demo: Demo, joiner: Browser, tmp_path: Path) -> None:
    shell = Shell(surroundings(demo), tmp_path)
    typed = lines()
    assert len(typed) == PAGE.read_text().count("\n$ ")
    assert [command.split()[0] for command, _ in typed[:2]] == ["export"] * 2, "they tell the shell what it knows here"
    with listening(demo) as hook:
        for command, shown in typed[2:]:
            out = shell.run(command)
            if shown:
                assert same_shape(shown, shell.answer), (command, out)
            follow(shell, command, out, joiner)
        told = departure(demo, hook)
    assert (told["project_id"], told["erasure_requested"]) == (demo.facts[HOOKED]["id"], False)
    acting = httpx.get(f"{demo.url}{API}/exchange-member/", headers=bearer(shell.answer["access_token"]))
    assert acting.status_code == 200, "the device acts for the member"


def follow(shell: Shell, command: str, out: str, member: Browser) -> None:
    """Do what the page says between the lines, and look whether they did what it says."""
    if command.startswith("echo"):
        shell.told = said(member.walk(out.strip(), shell.known["REDIRECT_URI"]))
        assert (shell.told["state"], shell.told["iss"]) == (shell.known["STATE"], shell.known["SITE"])
    elif "grant_type=refresh_token" in command:
        first = shell.answer
        shell.run(command)
        assert {**shell.answer, "expires_in": 0} == {**first, "expires_in": 0}, "for 60 seconds the same pair"
    elif "revoke_token" in command:
        assert out == ""
    elif "well-known" in command:
        told = shell.answer | {"authorization_endpoint": ""}  # without a client there is nothing there
        places = [value for value in told.values() if str(value).startswith(f"{shell.known['SITE']}/")]
        assert len(places) >= 6
        assert all(httpx.get(place).status_code != 404 for place in places), places
    elif "device_authorization" in command:
        let_in(member, shell.answer["verification_uri_complete"])


def let_in(member: Browser, address: str) -> None:
    """Type the code of a device where it says, and say yes."""
    page = member.http.get(address)
    form = next(
        form for form in Forms(page.text).found if any(each.get("name") == "user_code" for each in form["inputs"])
    )
    shown = member.send(page, form, held(form))
    assert member.answer(shown) is not None
    assert member.pressed[-1] == "Yes, let it in"


def test_the_program_with_requests_oauthlib_runs_as_it_stands(published: Path, demo: Demo, joiner: Browser) -> None:
    program, _ = blocks("python")
    known = surroundings(demo) | {"OAUTHLIB_INSECURE_TRANSPORT": "1"}
    with listening(demo) as hook:
        out = talk(published, program, known, Open=lambda address: joiner.walk(address, known["REDIRECT_URI"]))
        departure(demo, hook)
    assert out[-1].endswith(f"{demo.facts['users']['joiner']['n_files']} files")


SIGN_IN = """
browser = site.test_client()
print("Open", browser.get("/login").location)
back = input()
print(browser.get("/openhumans/complete?" + back.partition("?")[2]).text)
print(browser.get("/openhumans/complete?" + back.partition("?")[2]).status_code)
"""


def test_the_program_with_authlib_knows_who_signed_in(published: Path, demo: Demo, joiner: Browser) -> None:
    _, program = blocks("python")
    known = surroundings(demo)
    assert urlsplit(known["REDIRECT_URI"]).path == "/openhumans/complete"
    answer = {"Open": lambda address: joiner.walk(address, known["REDIRECT_URI"])}
    opened, hello, again = talk(published, program + SIGN_IN, known, **answer)
    asks = said(opened)
    assert (asks["scope"], asks["code_challenge_method"]) == ("openid read write", "S256")
    assert hello.removeprefix("Hello, ") in numbers(demo, HOOKED)
    assert again == "500", "the way back works once"


def test_the_errors_of_the_page_are_those_that_come(demo: Demo, joiner: Browser) -> None:
    app, token_url = demo.facts[HOOKED], f"{demo.url}/oauth2/token/"
    proof, back = (app["client_id"], app["client_secret"]), app["redirect_uri"]
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # of RFC 7636, appendix B
    place = joiner.walk(asked(demo, code_challenge=challenge, code_challenge_method="S256"), back)
    form = {"grant_type": "authorization_code", "code": said(place)["code"], "redirect_uri": back}

    def answer(**request: Any) -> tuple[int, str]:
        found = httpx.post(token_url, **{"auth": proof} | request)
        return found.status_code, found.json()["error"]

    assert answer(data=form | {"redirect_uri": "http://127.0.0.1:5000/elsewhere"}) == (400, "invalid_request")
    assert answer(data=form | {"code_verifier": "x" * 43}) == (400, "invalid_grant")
    assert answer(data=form, auth=(app["client_id"], "wrong")) == (401, "invalid_client")
    assert answer(data=form | {"client_id": proof[0], "client_secret": proof[1]}) == (401, "invalid_client")
    assert answer(json=form) == (400, "unsupported_grant_type")
    for asks, error in (("none", "login_required"), ("none", "consent_required")):
        http = httpx if error == "login_required" else joiner.http
        sent = http.get(asked(demo, prompt=asks)).headers["Location"]
        assert sent.startswith(back)
        assert said(sent)["error"] == error
