"""The pages for researchers and makers of apps."""

import json
import re
from html import unescape

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.web.guide.texts import PAGES
from tests.doors.web.person import Person, seen
from tests.world import World, authorize, make_app, make_project

ACCESS = "/direct-sharing/on-site-data-access/"
API = "/api/direct-sharing/project"
ADDRESSES = [
    "overview", "approval",
    *(f"{kind}-{topic}" for kind in ("on-site", "oauth2")
      for topic in ("features", "setup", "data-access", "messages", "member-removal", "data-upload")),
]  # fmt: skip


def blocks(answer: httpx.Response) -> list[str]:
    """Return the examples of a page, as they are copied."""
    return [unescape(block) for block in re.findall(r"<pre><code>(.*?)</code></pre>", answer.text, re.DOTALL)]


@pytest.mark.parametrize("slug", ADDRESSES)
def test_each_address_of_the_original_has_its_page_for_everybody(
    world: World, anybody: Person, coordinator: Person, slug: str
) -> None:
    for person in (anybody, coordinator):
        answer = person.get(f"/direct-sharing/{slug}/")
        assert answer.status_code == 200
        assert "«" not in answer.text
        assert len(answer.content) < 100 * 1024
        assert "<pre>" not in answer.text.replace("<pre><code>", "")  # the text was not too long to be shown well


@pytest.mark.parametrize("slug", ADDRESSES)
def test_each_page_is_german_too_with_the_same_samples_and_links(world: World, coordinator: Person, slug: str) -> None:
    address = f"/direct-sharing/{slug}/"
    english = coordinator.get(address)
    german = coordinator.browser.get(address, headers={"Accept-Language": "de"})

    assert german.status_code == 200
    assert "«" not in german.text
    assert blocks(german) == blocks(english)
    assert within(german) == within(english)
    assert german.text.count("<tr>") == english.text.count("<tr>")
    assert within(german, "<p[^>]*>(.+?)</p>") != within(english, "<p[^>]*>(.+?)</p>")


def within(answer: httpx.Response, what: str = 'href="([^"]*)"') -> list[str]:
    """Return where the text of a page leads, or what else is looked for, in any order."""
    article = answer.text.split("<article>", 1)[1].split("</article>", 1)[0]
    return sorted(re.findall(what, article, re.DOTALL))


def test_there_is_no_other_page_and_no_page_unlisted(anybody: Person) -> None:
    assert set(PAGES) == set(ADDRESSES)
    assert anybody.get("/direct-sharing/nothing/").status_code == 404


@pytest.mark.parametrize("slug", ADDRESSES)
def test_every_link_inside_the_site_leads_to_a_page(world: World, coordinator: Person, slug: str) -> None:
    page = coordinator.get(f"/direct-sharing/{slug}/").text.split("<main", 1)[1].split("</main", 1)[0]
    links = set(re.findall(r'href="(?:http://testserver)?(/[^"?#]*)', page))

    assert links
    for link in links:
        assert coordinator.get(link).status_code == 200, link


# What the page of the original tells a researcher, and where ours says it.
SEED = [
    "As soon as a member has said yes, your project can read through the API",
    "Apps use the same call with a token of that member",
    "Send a secure GET request ( https ) to /api/direct-sharing/project/exchange-member/ with the token",
    "and with the project_member_id of the member",
    "The answer is JSON about this one member, with which you fetch files and everything else by program",
    "all files, in pages of 100 at most unless you ask otherwise",
    "count is the total number of data files",
    "next the address of the next page of files if there are more",
    "previous that of the one before, if there is one",
    "Each project has a master access token for its calls of the API. It is a password of your project",
    "open Projects you run and click on your project's name. The token stands among its details",
    "keep it private",
    "It authorizes your programs to",
    "If you believe that somebody else has seen it, replace it",
    "If you cannot log in, write to support@",
    "We recommend that you do not store it in a program. Enter it each time that you run your software",
    "If a program has to run by itself",
    "OAuth2 project , whose tokens each act for one member only",
    "Send a secure GET request ( https ) to /api/direct-sharing/project/members/ with the token",
    "in the parameter access_token",
    "a list of your project's members, each with the first ten files that they share with your project",
    "file_count how many files they share with your project in all",
    "exchange_member where to get all of them",
    "/api/direct-sharing/project/members/?access_token=<MASTER_ACCESS_TOKEN>",
    "For a project with a single member, who opened one source to it, this comes back",
    "a temporary one that expires",
    "Have a program fetch the files you need right after the list",
    "Lists come in pages of 100. limit asks for a smaller or larger page",
    "offset for a later row",
    "The token also gets what this server knows about the project itself, as JSON",
    "/api/direct-sharing/project/?access_token=<ACCESS_TOKEN>",
]


@pytest.mark.parametrize("words", SEED)
def test_the_page_of_data_access_says_all_that_the_original_says(anybody: Person, words: str) -> None:
    assert words in seen(anybody.get(ACCESS)).replace(" .", ".")


@pytest.mark.parametrize("slug", ["on-site-data-access", "oauth2-data-access"])
def test_the_answer_in_the_example_has_the_fields_of_a_real_one(
    world: World, anybody: Person, client: httpx.Client, slug: str
) -> None:
    """Also in their order; one level down too."""
    path = "members/" if slug.startswith("on-site") else "exchange-member/"
    query = {"access_token": world.token, "project_member_id": world.alice_number}
    real = client.get(f"{API}/{path}", params=query).json()
    told = json.loads(next(block for block in blocks(anybody.get(f"/direct-sharing/{slug}/")) if block[0] == "{"))

    assert list(told) == list(real)
    for name in ("results",) if "results" in real else ():
        assert list(told[name][0]) == list(real[name][0])
        told, real = told[name][0], real[name][0]
    assert list(told["data"][0]) == list(real["data"][0])
    assert {name: type(value) for name, value in told.items()} == {name: type(value) for name, value in real.items()}


def test_a_coordinator_finds_the_values_of_their_own_project_and_never_a_token(
    world: World, coordinator: Person
) -> None:
    page = coordinator.get(ACCESS, project="study")
    text = "\n".join(blocks(page))

    assert f"exchange-member/?project_member_id={world.alice_number}" in text
    assert f"http://testserver{API}/members/" in text
    assert "The lines on this page are those of Study" in seen(page)
    assert 'href="/direct-sharing/projects/on-site/study/"' in page.text
    assert world.token not in page.text
    setup = coordinator.get("/direct-sharing/on-site-setup/", project="study").text
    assert "http://testserver/direct-sharing/projects/on-site/join/study/" in setup


def test_an_app_finds_its_client_id_and_address_and_never_its_secret(world: World, coordinator: Person) -> None:
    _, client_id, secret = make_app(world.coordinator, "App")
    page = coordinator.get("/direct-sharing/oauth2-setup/").text

    assert f"client_id={client_id}" in page
    assert "https://app.example.org/complete" in page
    assert secret not in page


def test_the_newest_of_their_projects_is_shown_unless_they_choose(world: World, coordinator: Person) -> None:
    make_app(world.coordinator, "App")  # of the other kind
    newest = make_project(world.coordinator, "Newest", approved=False)
    number = authorize(world.bob, newest).project_member.number

    assert number in coordinator.get(ACCESS).text
    assert world.alice_number in coordinator.get(ACCESS, project="study").text
    assert number in coordinator.get(ACCESS, project="nothing").text


def test_044_the_values_of_somebody_elses_project_are_not_shown(
    world: World, alice: Person, coordinator: Person, anybody: Person
) -> None:
    make_project(world.alice, "Hers", approved=False)
    for person in (alice, anybody):
        page = person.get(ACCESS, project="study").text
        assert world.alice_number not in page
        assert "study" not in page.partition("<article")[2].partition("</article")[0].replace("a study", "")
    assert "Hers" not in coordinator.get(ACCESS, project="hers").text


def test_003_a_token_in_the_address_of_a_page_of_the_guide_is_ignored(world: World, anybody: Person) -> None:
    page = anybody.get(ACCESS, access_token=world.other_token)

    assert page.status_code == 200
    assert "76676885" in page.text
    assert "access_token=csm" not in page.text


def test_a_name_of_a_project_is_no_html_on_the_page(world: World, coordinator: Person) -> None:
    make_project(world.coordinator, "<b>Evil</b> & *co*", approved=False)
    page = coordinator.get(ACCESS).text

    assert "<b>Evil" not in page
    assert "&lt;b&gt;Evil&lt;/b&gt; &amp; *co*" in page


def test_a_page_costs_the_same_however_many_projects_one_runs(world: World, coordinator: Person) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            coordinator.get(ACCESS)
        return len(found)

    coordinator.get(ACCESS)
    before = cost()
    for n in range(9):
        make_project(world.coordinator, f"P {n}", approved=False)

    assert cost() == before <= 6
