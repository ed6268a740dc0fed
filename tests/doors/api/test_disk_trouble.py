"""A disk that takes nothing more, by mistake or because it is full of names: what is there can be read."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from consentry_server.files.models import DataFile
from tests.doors.api.calls import DELETE, bearer, exchange, fetch, upload
from tests.doors.api.files import announced, begun, complete, send
from tests.world import World

CALLS = ("link", "unlink", "mkdir", "replace", "rename", "symlink", "utime")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
Refusing = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def refusing(settings: Settings) -> Refusing:
    """Have the file system under the store refuse each change, in the way of that error."""
    root = settings.STORAGE

    @contextmanager
    def refusing(code: int) -> Iterator[None]:
        def refuse(real: Callable[..., Any], *, opens: bool = False) -> Callable[..., Any]:
            def call(path: Any, *words: Any, **named: Any) -> Any:
                inside = isinstance(path, (str, Path)) and str(path).startswith(root)
                if inside and (not opens or words[0] & WRITING):
                    raise OSError(code, os.strerror(code), str(path))
                return real(path, *words, **named)

            return call

        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, refuse(getattr(os, name)))
            patch.setattr(os, "open", refuse(os.open, opens=True))
            yield

    return refusing


def read(client: httpx.Client, world: World) -> bytes:
    """List alice's files and download the first."""
    page = exchange(client, world.token, world.alice_number)
    return fetch(client, page.json()["data"][0]["download_url"]).content


def refused(answer: httpx.Response, status: int) -> bool:
    return answer.status_code == status and answer.headers["Retry-After"].isdecimal() and "detail" in answer.json()


def test_271_a_store_that_became_read_only_is_503_for_writes_and_reads_go_on(
    world: World, client: httpx.Client, refusing: Refusing
) -> None:
    own = upload(client, world.token, world.alice_number).json()["id"]
    content, before = read(client, world), DataFile.objects.count()
    url = begun(client, world, 4)
    file_id, direct = announced(client, world)
    with refusing(errno.EROFS):
        assert refused(upload(client, world.token, world.alice_number), 503)
        assert refused(send(client, world, url, 0, b"1234"), 503)
        assert refused(client.put(direct, content=b"1234"), 503)
        assert read(client, world) == content
        assert DataFile.objects.filter(pending=None).count() == before
        assert not DataFile.objects.get(id=file_id).completed_at
        form = {"project_member_id": world.alice_number, "file_id": own}
        assert refused(client.post(DELETE, headers=bearer(world.token), data=form), 503)
        # gone for readers all the same: what is left of it goes with `reconcile`
        assert DataFile.objects.get(id=own).deleted_at is not None
    assert upload(client, world.token, world.alice_number).status_code == 201
    assert send(client, world, url, 0, b"1234").status_code == 204
    assert client.put(direct, content=b"1234").status_code == 200
    assert complete(client, world, file_id).status_code == 200
    assert read(client, world) == content


def test_199_a_store_without_room_for_one_more_name_is_507_and_reads_go_on(
    world: World, client: httpx.Client, refusing: Refusing
) -> None:
    content, before = read(client, world), DataFile.objects.count()
    with refusing(errno.ENOSPC):
        assert refused(upload(client, world.token, world.alice_number), 507)
        assert read(client, world) == content
        assert DataFile.objects.count() == before
    assert upload(client, world.token, world.alice_number).status_code == 201
