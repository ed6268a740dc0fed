"""Where the site is served over https, nothing is answered without it."""

import httpx
import pytest
from pytest_django import Settings

from tests.world import World

MEMBERS = "/api/direct-sharing/project/members/"


@pytest.fixture(autouse=True)
def _secure(settings: Settings) -> None:
    settings.SITE_URL = "https://testserver"
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 60


@pytest.mark.parametrize("path", [MEMBERS, "/data-management/datafile-download/1/?key=x"])
def test_plain_http_is_led_to_https_and_told_nothing(world: World, client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Authorization": f"Bearer {world.token}"})

    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://testserver{path}")
    assert "no-store" in answer.headers["Cache-Control"]


def test_https_is_answered_and_asks_to_be_kept(world: World, client: httpx.Client) -> None:
    answer = client.get(f"https://testserver{MEMBERS}", headers={"Authorization": f"Bearer {world.token}"})

    assert answer.json()["count"] == 2
    assert answer.headers["Strict-Transport-Security"] == "max-age=60"
