"""Pictures of projects: shown, never run; and the limit of what a form may hold."""

import base64

import httpx
import pytest

from consentry_server.projects.models import Project
from consentry_server.storage import current
from tests.doors.web.person import PROJECT, Person
from tests.doors.web.test_projects import CREATE, GOOD
from tests.world import World

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def send(person: Person, path: str, image: bytes, name: str = "badge.png", **fields: str) -> httpx.Response:
    """Send the project's form with a picture, as a browser would."""
    person.get(path)
    proof = {"csrfmiddlewaretoken": person.browser.cookies["csrf"]}
    form = {name: value for name, value in (GOOD | fields).items() if isinstance(value, str)}
    return person.browser.post(path, data=form | proof, files={"badge_image": (name, image)})


def test_a_picture_is_shown_on_the_projects_page_and_told_by_the_api(
    world: World, alice: Person, client: httpx.Client
) -> None:
    send(alice, CREATE, PNG)
    project = Project.objects.get(slug="light-sleep")
    address = f"/badge/{project.badge_image}"

    assert f'src="{address}"' in client.get("/activity/light-sleep/").text
    answer = client.get(address)
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_new_picture_takes_the_place_of_the_old_one(world: World, alice: Person, client: httpx.Client) -> None:
    send(alice, CREATE, PNG)
    old = Project.objects.get(slug="light-sleep").badge_image
    send(alice, f"{PROJECT}/update/light-sleep/", PNG + b"x")
    new = Project.objects.get(slug="light-sleep").badge_image

    assert new != old
    assert client.get(f"/badge/{old}").status_code == 404
    assert {old, new} & dict(current().keys()).keys() == {new}


def test_saving_without_a_picture_keeps_the_one_there_is(world: World, alice: Person) -> None:
    send(alice, CREATE, PNG)
    old = Project.objects.get(slug="light-sleep").badge_image
    alice.post(f"{PROJECT}/update/light-sleep/", **GOOD)

    assert Project.objects.get(slug="light-sleep").badge_image == old


@pytest.mark.parametrize("image", [SVG, b"<html>", b"x", PNG + b"0" * 1_000_000], ids=["svg", "html", "text", "large"])
def test_136_what_is_no_picture_is_refused_and_not_kept(world: World, alice: Person, image: bytes) -> None:
    before = set(current().keys())
    answer = send(alice, CREATE, image)

    assert answer.status_code == 400
    assert "Upload a PNG, JPEG or GIF of at most 1 MB." in answer.text
    assert not Project.objects.filter(slug="light-sleep").exists()
    assert set(current().keys()) == before


def test_a_file_of_a_member_is_no_picture_of_a_project(world: World, client: httpx.Client) -> None:
    key = next(iter(dict(current().keys())))

    assert client.get(f"/badge/{key}").status_code == 404


@pytest.mark.parametrize("path", ["/account/login/", "/", "/direct-sharing/projects/on-site/create/"])
def test_a_form_larger_than_any_of_ours_is_refused_unread(world: World, client: httpx.Client, path: str) -> None:
    answer = client.post(path, files={"anything": b"0" * 3_000_001})

    assert answer.status_code == 413
    assert "larger than any form here" in answer.text
