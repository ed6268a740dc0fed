"""A coordinator tries an app at a real server, where pages run in threads and calls of the API in the event loop."""

import json
import re

import httpx

from consentry_server.ops.world.folder import NAME
from tests.doors.oauth.app import answer
from tests.doors.web.person import Person, seen
from tests.doors.web.walking import address_in, to_the_end
from tests.servers import Demo

P = "/direct-sharing/projects"


def test_a_walk_through_an_app_of_the_demo(demo: Demo) -> None:
    password = json.loads((demo.folder / NAME).read_text())["world"]["passwords"]["coordinator"]
    secret = demo.facts["oauth2"]["client_secret"]
    with httpx.Client(base_url=demo.url, timeout=30) as browser:
        person = Person(browser)
        person.post("/account/login/", login="coordinator", password=password)
        found = re.search(
            f'href="{P}/oauth2/([a-z-]+)/"><bdi>{demo.facts["oauth2"]["name"]}', person.get(f"{P}/manage/").text
        )
        assert found is not None
        page = f"{P}/try/{found[1]}/"
        person.post(page, step="begin", secret=secret)
        back = answer(person, browser.get(address_in(person.get(page))), allow="allow").headers["Location"]
        last = to_the_end(person, browser.get(back), page)
        leave = re.search(rf'href="({P}/leave/[0-9]+/)', last.text)
        assert leave is not None
        person.post(leave[1])  # the demo's projects keep the members that its facts name

    assert back.startswith(f"{demo.url}{page}?code=")
    assert seen(last).count("200 OK") == 5
    assert f'"name": "{demo.facts["oauth2"]["name"]}"' in seen(last)
    assert "The walk is over, and its tokens are ended." in seen(last)
    assert secret not in last.text
