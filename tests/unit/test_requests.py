"""Requests that read, beside what Django's own would say."""

from typing import Any

import pytest
from django.core.exceptions import TooManyFieldsSent
from django.core.handlers.wsgi import WSGIRequest
from hypothesis import given
from hypothesis import strategies as st

from consentry_server.config.asgi import environ_of
from consentry_server.config.requests import Reading, Request, request_of
from tests.unit.test_front import scope


def environ(path: bytes = b"/api/x/", query: bytes = b"", **more: str) -> dict[str, Any]:
    return environ_of(scope() | {"raw_path": path, "query_string": query}) | more


@given(path=st.binary(max_size=20), query=st.binary(max_size=30))
def test_paths_and_queries_are_read_as_django_reads_them(path: bytes, query: bytes) -> None:
    mine, its = (make(environ(b"/" + path, query, HTTP_HOST="testserver")) for make in (Reading, WSGIRequest))
    assert (mine.path, mine.path_info, mine.method, mine.scheme) == (its.path, its.path_info, its.method, its.scheme)
    assert mine.GET == its.GET
    assert mine.get_full_path() == its.get_full_path()
    assert mine.get_full_path(force_append_slash=True) == its.get_full_path(force_append_slash=True)


def test_what_a_request_that_reads_sends_along_is_not_looked_at() -> None:
    request = Reading(environ(CONTENT_TYPE="multipart/form-data; boundary=x", CONTENT_LENGTH="7"))
    assert (request.body, dict(request.POST), dict(request.FILES)) == (b"", {}, {})
    assert not request.content_type


def test_one_request_s_lack_of_a_query_is_not_another_s() -> None:
    assert not Reading(environ()).GET
    assert Reading(environ(query=b"a=1")).GET == {"a": ["1"]}
    with pytest.raises(AttributeError):
        Reading(environ()).GET["a"] = "1"


def test_178_a_hundred_thousand_parameters_are_refused() -> None:
    with pytest.raises(TooManyFieldsSent):
        _ = Reading(environ(query=b"a=1&" * 100_000)).GET


def test_only_requests_that_read_are_read_so() -> None:
    of = {method: type(request_of(environ() | {"REQUEST_METHOD": method})) for method in ("GET", "HEAD", "POST", "get")}
    assert of == {"GET": Reading, "HEAD": Reading, "POST": Request, "get": Request}
