"""Work that nobody waits for is done, and its failure is one line of the log."""

import threading
from threading import Event, current_thread

import pytest
from django.db import OperationalError

from consentry_server.limits import aside


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "aside":
            thread.join(30)


def test_work_set_aside_is_done_by_another_thread() -> None:
    names: list[str] = []
    let_go = Event()

    def work() -> None:
        let_go.wait(30)
        names.append(current_thread().name)

    aside(work)
    assert names == []
    let_go.set()
    wait_for_threads()
    assert names == ["aside"]


def test_a_database_that_is_away_is_noted_and_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def work() -> None:
        raise OperationalError("gone: secret")

    aside(work)
    wait_for_threads()
    assert "the database did not answer: OperationalError" in caplog.text
    assert "secret" not in caplog.text
