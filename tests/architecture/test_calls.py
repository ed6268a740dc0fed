"""Rule 6: real calls never climb, however they come about."""

import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.architecture import calls
from tests.architecture.conftest import Planted
from tests.architecture.house import PACKAGE, SOURCE, Layers

Load = Callable[[str, str], ModuleType]


@pytest.fixture
def load(planted: Planted) -> Iterator[Load]:
    """Loads a planted file without its package, so that the real one stays as it is."""
    names: list[str] = []

    def run(place: str, text: str) -> ModuleType:
        path = planted.write(text, place)
        name = f"planted_{place.replace('/', '_').removesuffix('.py')}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        names.append(name)
        spec.loader.exec_module(module)
        return module

    yield run
    for name in names:
        del sys.modules[name]


@pytest.mark.django_db
def test_real_calls_never_climb(layers: Layers, walk_requests: Callable[[], object]) -> None:
    """`walk_requests` stands in tests/conftest.py: a handful of requests through every door."""
    crossings = calls.recorded(walk_requests, SOURCE)

    assert {"api", "web"} <= {crossing.caller_room for crossing in crossings}, "requests were seen"
    assert calls.climbs(crossings, layers) == []


def test_the_installed_source_is_the_one_that_is_watched() -> None:
    import consentry_server

    assert Path(consentry_server.__file__).parent == SOURCE / PACKAGE


def test_a_planted_hook_that_climbs_is_caught(planted: Planted, layers: Layers, load: Load) -> None:
    web = load("web/pages.py", "def greet():\n    return 'hello'\n")
    outbox = load("outbox/worker.py", "def run(hook):\n    return hook()\n")

    crossings = calls.recorded(lambda: outbox.run(web.greet), planted.source)

    assert calls.climbs(crossings, layers) == ["outbox.worker.run calls web.pages.greet"]


def test_a_planted_signal_that_climbs_through_django_is_caught(planted: Planted, layers: Layers, load: Load) -> None:
    signal = "from django.dispatch import Signal\nleft = Signal()\n"
    sharing = load("sharing/actions.py", f"{signal}def leave():\n    left.send(None)\n")
    files = load("files/actions.py", "def forget(**about):\n    return about\n")
    sharing.left.connect(files.forget)

    crossings = calls.recorded(sharing.leave, planted.source)

    assert calls.climbs(crossings, layers) == [
        "sharing.actions.leave calls files.actions.forget",
    ]


def test_a_planted_call_between_doors_is_caught(planted: Planted, layers: Layers, load: Load) -> None:
    api = load("api/shapes.py", "class Shape:\n    def __str__(self):\n        return 'x'\n")
    web = load("web/pages.py", "def show(thing):\n    return str(thing)\n")

    crossings = calls.recorded(lambda: web.show(api.Shape()), planted.source)

    assert calls.climbs(crossings, layers) == ["web.pages.show calls api.shapes.Shape.__str__"]


def test_a_planted_climb_in_another_thread_is_caught(planted: Planted, layers: Layers, load: Load) -> None:
    web = load("web/pages.py", "def greet():\n    return 'hello'\n")
    mail = load("mail/send.py", "def send(hook):\n    return hook()\n")

    def run() -> None:
        thread = threading.Thread(target=mail.send, args=[web.greet])
        thread.start()
        thread.join()

    assert len(calls.climbs(calls.recorded(run, planted.source), layers)) == 1


def test_a_call_that_goes_down_is_seen_and_left_alone(planted: Planted, layers: Layers, load: Load) -> None:
    web = load("web/pages.py", "def show(query):\n    return query()\n")
    files = load("files/queries.py", "def listing():\n    return []\n")

    crossings = calls.recorded(lambda: web.show(files.listing), planted.source)

    assert {(crossing.caller_room, crossing.callee_room) for crossing in crossings} == {("web", "files")}
    assert calls.climbs(crossings, layers) == []


def test_pulling_bytes_that_were_handed_down_is_no_climb(planted: Planted, layers: Layers, load: Load) -> None:
    chunks = "def chunks():\n    yield b'a'\n    yield b'b'\n"
    api = load("api/upload.py", f"{chunks}def upload(store):\n    store(chunks())\n")
    storage = load("storage/disk.py", "def put(chunks):\n    return b''.join(chunks)\n")

    crossings = calls.recorded(lambda: api.upload(storage.put), planted.source)

    assert [str(crossing) for crossing in crossings] == ["api.upload.upload calls storage.disk.put"]
    assert calls.climbs(crossings, layers) == []


def test_the_watch_ends_when_the_run_fails(planted: Planted) -> None:
    def fail() -> None:
        raise LookupError

    before = sys.getprofile()
    with pytest.raises(LookupError):
        calls.recorded(fail, planted.source)

    assert sys.getprofile() is before
