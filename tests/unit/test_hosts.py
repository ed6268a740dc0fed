"""Hosts that are asked, beside what Django says of them."""

import pytest
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from pytest_django import Settings

from consentry_server.api.hosts import host_of
from tests.unit.test_requests import environ

HOSTS = ["testserver", "TESTSERVER:80", "127.0.0.1:8000", "[::1]:1", "evil.example", "", "a b", "testserver,x", "x:y:z"]


def asked(**headers: str) -> WSGIRequest:
    return WSGIRequest(environ(**headers))


@pytest.mark.parametrize("host", HOSTS * 2)  # what was found once is found again
def test_hosts_are_ours_for_django_and_for_us(host: str) -> None:
    request = asked(HTTP_HOST=host)
    try:
        expected = request.get_host()
    except DisallowedHost:
        with pytest.raises(DisallowedHost):
            host_of(request)
    else:
        assert host_of(request) == expected


def test_a_host_is_ours_only_as_long_as_the_settings_say_so(settings: Settings) -> None:
    request = asked(HTTP_HOST="testserver")
    assert host_of(request) == "testserver"
    settings.ALLOWED_HOSTS = ["data.example.org"]
    with pytest.raises(DisallowedHost):
        host_of(request)


def test_without_a_host_there_is_the_server_s_own() -> None:
    assert host_of(asked()) == asked().get_host() == "127.0.0.1:8000"


def test_a_forwarded_host_counts_only_behind_a_proxy(settings: Settings) -> None:
    request = asked(HTTP_HOST="testserver", HTTP_X_FORWARDED_HOST="127.0.0.1")
    assert host_of(request) == "testserver"
    settings.USE_X_FORWARDED_HOST = True
    assert host_of(request) == "127.0.0.1"
