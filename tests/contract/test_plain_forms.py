"""The pages can be walked by a program that knows only HTML: the first form with a password, then a button for yes."""

import subprocess
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner, Result

from consentry_server.ops.agree import command
from tests.contract.apps import API, HOOKED, asked, bearer, exchanged, numbers, said
from tests.contract.plain_forms import Browser, browser_of
from tests.servers import Demo

pytestmark = pytest.mark.usefixtures("as_it_was")


def test_an_on_site_project_is_joined(demo: Demo, joiner: Browser) -> None:
    before = numbers(demo, "on_site")
    end = joiner.walk(demo.facts["on_site"]["join_url"])
    assert urlsplit(end).path.startswith("/activity/")
    assert joiner.pressed == ["I agree, show me what would be shared", "Yes, share this"]
    assert len(numbers(demo, "on_site") - before) == 1


def test_an_app_gets_its_member_back_with_a_code(demo: Demo, joiner: Browser) -> None:
    app = demo.facts[HOOKED]
    place = joiner.walk(asked(demo, state="a b&c"), app["redirect_uri"])
    told = said(place)
    assert set(told) == {"code", "state", "origin", "iss"}
    assert (told["state"], told["origin"], told["iss"]) == ("a b&c", "external", demo.url)
    assert joiner.pressed == ["Yes, let it in"]
    token = exchanged(demo, told["code"])["access_token"]
    read = httpx.get(f"{demo.url}{API}/exchange-member/", headers=bearer(token)).json()
    assert read["count"] == demo.facts["users"]["joiner"]["n_files"]
    assert "username" not in read


def test_a_member_who_has_let_the_app_in_is_sent_straight_back(demo: Demo) -> None:
    with browser_of(demo.facts["users"]["alice"]) as alice:
        place = alice.walk(asked(demo, "oauth2"), demo.facts["oauth2"]["redirect_uri"])
        assert alice.pressed == []
    exchanged(demo, said(place)["code"], "oauth2")


def environment(demo: Demo, url: str, redirect_uri: str, **user: str) -> dict[str, str]:
    known = demo.facts["users"]["joiner"] | user
    words = {"OH_USERNAME": known["username"], "OH_PASSWORD": known["password"]}
    return words | {"OH_URL": url, "OH_REDIRECT_URI": redirect_uri}


def agree(*words: Any, **user: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command, env=environment(*words, **user))


def test_the_consent_command_prints_where_the_app_gets_its_member_back(demo: Demo) -> None:
    app = demo.facts[HOOKED]
    words = environment(demo, asked(demo, state="s"), app["redirect_uri"]) | {"PATH": "/usr/bin:/bin"}
    line = ["sh", "-c", demo.facts["consent_command"]]
    done = subprocess.run(line, env=words, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{app['redirect_uri']}?code=csc")
    assert said(done.stdout.strip())["state"] == "s"
    exchanged(demo, said(done.stdout.strip())["code"])


def test_the_consent_command_joins_an_on_site_project(demo: Demo) -> None:
    before = numbers(demo, "on_site")
    done = agree(demo, demo.facts["on_site"]["join_url"], "")
    assert done.exit_code == 0, done.output
    assert len(numbers(demo, "on_site") - before) == 1


def test_the_consent_command_agrees_to_nothing_without_the_password(demo: Demo) -> None:
    before = numbers(demo, HOOKED)
    done = agree(demo, asked(demo), demo.facts[HOOKED]["redirect_uri"], password="wrong")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "do not match" in done.stderr
    assert numbers(demo, HOOKED) == before


@pytest.mark.parametrize("url", ["", "nowhere", "{demo}/no/such/page/", "{demo}/terms/", "http://127.0.0.1:9/"])
def test_the_consent_command_says_that_an_address_asks_nothing(demo: Demo, url: str) -> None:
    done = agree(demo, url.format(demo=demo.url), "")
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
