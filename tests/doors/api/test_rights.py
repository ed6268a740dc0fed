"""What a master token may do: each endpoint names the right that it needs, and who lacks it is told which."""

import httpx
import pytest

from consentry_server.api.urls import ENDPOINTS
from consentry_server.files.models import Access
from consentry_server.tokens.rules import ALL_RIGHTS, Right
from tests.doors.api.calls import PROJECT, UPLOAD, bearer, get
from tests.world import World, make_named_token

pytestmark = pytest.mark.django_db

NEEDS = {
    "/members": Right.READ,
    "/exchange-member": Right.READ,
    "/files/upload": Right.ADD,
    "/files/delete": Right.ADD,
    "/message": Right.MESSAGE,
    "/remove-members": Right.REMOVE,
}


@pytest.mark.parametrize(("name", "right"), NEEDS.items())
def test_an_endpoint_needs_the_right_to_what_it_does(name: str, right: Right) -> None:
    assert ENDPOINTS[PROJECT.rstrip("/") + name].right == right


def test_only_the_description_of_the_project_takes_any_token() -> None:
    assert [address for address, endpoint in ENDPOINTS.items() if endpoint.right is None] == [PROJECT.rstrip("/")]


@pytest.mark.parametrize("address", [address for address, endpoint in ENDPOINTS.items() if endpoint.right])
def test_a_token_that_has_all_rights_but_one_is_refused_by_name(
    world: World, client: httpx.Client, address: str
) -> None:
    endpoint = ENDPOINTS[address]
    token = make_named_token(world.study, "lacking", *ALL_RIGHTS - {endpoint.right})
    answer = client.request(endpoint.methods[0], f"{address}/", headers=bearer(token))
    assert answer.status_code == 403
    assert list(answer.json()) == ["detail"]
    assert f'lacks the right "{endpoint.right}"' in answer.json()["detail"]
    assert answer.headers["Allow"] == endpoint.allow
    assert not Access.objects.exists()


@pytest.mark.parametrize("address", ENDPOINTS)
def test_a_token_with_this_right_alone_gets_in(world: World, client: httpx.Client, address: str) -> None:
    endpoint = ENDPOINTS[address]
    token = make_named_token(world.study, "narrow", endpoint.right or Right.REMOVE)
    answer = client.request(endpoint.methods[0], f"{address}/", headers=bearer(token))
    assert answer.status_code in (200, 400)


def test_any_token_may_ask_whose_it_is(world: World, client: httpx.Client) -> None:
    token = make_named_token(world.study, "mailer", Right.MESSAGE)
    assert get(client, PROJECT, token).json()["name"] == "Study"


def test_a_wrong_method_is_told_before_a_lacking_right(world: World, client: httpx.Client) -> None:
    token = make_named_token(world.study, "mailer", Right.MESSAGE)
    assert get(client, UPLOAD, token).status_code == 405


def test_the_first_token_has_all_rights(world: World, client: httpx.Client) -> None:
    for address, endpoint in ENDPOINTS.items():
        answer = client.request(endpoint.methods[0], f"{address}/", headers=bearer(world.token))
        assert answer.status_code in (200, 400)
