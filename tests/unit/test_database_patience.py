"""A database that says nothing: the driver gives it up, and leaves it alone for a moment."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db.backends.postgresql import base as django_base

from consentry_server.database import base
from consentry_server.database.base import Connection, DatabaseWrapper, Silence


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Silence:
    found = Silence()
    monkeypatch.setattr(base, "silence", found)
    return found


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port where connections are taken and nobody ever speaks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def wrapper(deaf: int) -> DatabaseWrapper:
    options = {"connect_timeout": 2, "sslmode": "disable"}
    settings = {"NAME": "x", "HOST": "127.0.0.1", "PORT": str(deaf), "USER": "x", "PASSWORD": "", "OPTIONS": options}
    return DatabaseWrapper(settings | {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True})


def test_274_connecting_in_vain_is_given_up_and_not_tried_again_at_once(
    wrapper: DatabaseWrapper, silence: Silence
) -> None:
    parameters = {"host": "127.0.0.1", "port": wrapper.settings_dict["PORT"], "connect_timeout": 2, "user": "x"}
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        wrapper.get_new_connection(parameters | {"sslmode": "disable"})
    assert silence.lasts()
    with pytest.raises(psycopg.OperationalError, match="a moment ago"):
        wrapper.get_new_connection(parameters)


def test_274_a_statement_without_an_answer_is_given_up_with_its_connection(silence: Silence) -> None:
    with mute_after_greeting() as port:
        connection = Connection.connect(f"host=127.0.0.1 port={port} user=x sslmode=disable", autocommit=True)
        connection.patience = 0.05
        with pytest.raises(psycopg.OperationalError, match="said nothing"):
            connection.execute("SELECT 1")
        assert connection.closed
    assert silence.lasts()


@contextmanager
def mute_after_greeting() -> Iterator[int]:
    """Serve one connection as PostgreSQL greets it: let in, ready for a statement, and then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1000)
                client.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")
                while client.recv(1000):
                    pass

        greeter = threading.Thread(target=serve)
        greeter.start()
        yield listener.getsockname()[1]
        greeter.join()


def test_274_a_server_that_refuses_is_asked_again_by_the_next(silence: Silence, wrapper: DatabaseWrapper) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError, match="refused"):
            wrapper.get_new_connection({"host": "127.0.0.1", "port": str(port), "user": "x", "connect_timeout": 2})
    assert not silence.lasts()


@pytest.mark.usefixtures("silence")
def test_in_the_event_loop_patience_is_short(monkeypatch: pytest.MonkeyPatch, wrapper: DatabaseWrapper) -> None:
    class Made:
        patience = 0.0

    monkeypatch.setattr(django_base.DatabaseWrapper, "get_new_connection", lambda _self, _parameters: Made())

    async def in_loop() -> float:
        return float(wrapper.get_new_connection({}).patience)

    assert wrapper.get_new_connection({}).patience == base.PATIENCE
    assert asyncio.run(in_loop()) == base.PATIENCE_IN_LOOP
