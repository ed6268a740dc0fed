"""Rules 1 and 2: the layers, the order inside an app, no cycles, the store, the client."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import house
from tests.architecture.conftest import Planted
from tests.architecture.house import DOMAIN, PACKAGE, ROOT, SOURCE, Layers

Contracts = Callable[..., set[str]]


def test_every_import_goes_down(broken_contracts: Contracts) -> None:
    assert broken_contracts(SOURCE, ROOT / "client" / "src") == set()


def test_every_folder_has_its_place(layers: Layers) -> None:
    assert house.unplaced_rooms(SOURCE, layers) == []
    assert house.hidden_folders(SOURCE) == []


def test_every_domain_app_is_ordered_inside() -> None:
    there = {room for room in DOMAIN if (SOURCE / PACKAGE / room).is_dir()}
    listed = set(house.contract("inside")["containers"].split())

    assert listed == {f"{PACKAGE}.{room}" for room in there}


def test_the_contracts_say_what_the_architecture_says(layers: Layers) -> None:
    assert [set(rooms) for rooms in layers] == [
        {"config"},
        {"api", "oauth", "web", "staff", "ops"},
        {"publishing", "messaging"},
        {"files"},
        {"tokens"},
        {"sharing"},
        {"datatypes", "projects"},
        {"members"},
        {"outbox", "audit", "mail", "storage", "outgoing", "limits", "database"},
        {"common"},
    ]


def test_a_house_in_order_is_left_alone(planted: Planted, broken_contracts: Contracts) -> None:
    assert broken_contracts(planted.source) == set()
    assert house.unplaced_rooms(planted.source, house.layers()) == []
    assert house.hidden_folders(planted.source) == []


@pytest.mark.parametrize(
    ("place", "line", "broken"),
    [
        ("members/queries.py", "from consentry_server.sharing import queries", {"layers"}),
        ("members/queries.py", "def f():\n    import consentry_server.web.front", {"layers"}),
        ("audit/front.py", "import consentry_server.mail.front", {"layers"}),
        ("api/front.py", "import consentry_server.web.front", {"layers"}),
        ("common/front.py", "import consentry_server.outbox.front", {"layers"}),
        ("helpers/__init__.py", "", {"layers"}),
        ("members/models.py", "import consentry_server.members.rules", {"inside"}),
        ("members/queries.py", "import consentry_server.members.actions", {"inside"}),
        ("members/utils.py", "", {"inside"}),
        ("web/front.py", "import consentry_server.storage.front", {"storage"}),
        ("sharing/actions.py", "import consentry_server.storage.front", {"storage"}),
        ("api/front.py", "import consentry_server.database.front", {"by-hand"}),
    ],
)
def test_a_planted_import_is_caught(
    planted: Planted, broken_contracts: Contracts, place: str, line: str, broken: set[str]
) -> None:
    planted.write(line, place)

    assert broken_contracts(planted.source) == broken


def test_a_planted_climb_of_a_layer_is_caught_through_another_module(
    planted: Planted, broken_contracts: Contracts
) -> None:
    planted.write("from consentry_server import members", "members/rules.py")
    planted.write("import consentry_server.projects.queries", "members/__init__.py")

    assert "layers" in broken_contracts(planted.source)


def test_a_planted_cycle_is_caught_deep_inside_a_room(planted: Planted, broken_contracts: Contracts) -> None:
    planted.write("", "web/pages/__init__.py")
    planted.write("import consentry_server.web.pages.join", "web/pages/leave.py")
    planted.write("import consentry_server.web.pages.leave", "web/pages/join.py")

    assert broken_contracts(planted.source) == {"cycles"}


def test_a_client_that_imports_the_server_is_caught(planted: Planted, broken_contracts: Contracts) -> None:
    planted.write("import consentry_server.common.front", "_cli.py", package="consentry")

    assert broken_contracts(planted.source) == {"client"}


@pytest.mark.parametrize("room", ["helpers", "utils"])
def test_a_planted_folder_is_caught_even_without_an_init_file(planted: Planted, layers: Layers, room: str) -> None:
    planted.write("", f"{room}/text.py")

    assert house.unplaced_rooms(planted.source, layers) == [room]
    assert house.hidden_folders(planted.source) == [f"{PACKAGE}/{room}"]


def test_a_planted_file_beside_the_rooms_is_caught(planted: Planted, layers: Layers) -> None:
    planted.write("", "shortcuts.py")

    assert house.unplaced_rooms(planted.source, layers) == ["shortcuts.py"]


def test_the_source_is_where_the_checks_look() -> None:
    assert {path.name for path in (SOURCE / PACKAGE).iterdir()} >= {"config", "web", "common"}
    assert Path(house.CONTRACTS).exists()
