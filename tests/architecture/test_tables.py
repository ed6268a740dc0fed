"""Rule 4: tables are private to their app and the staff's pages, and foreign keys point down."""

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.architecture import keys, rooms
from tests.architecture.conftest import Planted
from tests.architecture.house import PACKAGE, SOURCE, Layers


def table(module: str, name: str, **columns: models.Field) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": "contenttypes"})
    return type(name, (models.Model,), {"__module__": module, "Meta": meta, **columns})


def key_to(target: str) -> models.ForeignKey:
    return models.ForeignKey(target, on_delete=models.CASCADE, related_name="+")


def test_tables_are_imported_by_their_own_app_and_staff_only() -> None:
    assert rooms.foreign_tables(SOURCE) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("sharing/queries.py", "from consentry_server.members.models import Member"),
        ("sharing/queries.py", "from consentry_server.members import models"),
        ("sharing/queries.py", "import consentry_server.members.models as members"),
        ("sharing/actions.py", "from consentry_server import members"),
        ("api/front.py", "from consentry_server.files.models import DataFile"),
        ("ops/front.py", "from consentry_server.files.models import DataFile"),
        ("web/front.py", "def page():\n    from consentry_server.audit.models import Event"),
        ("api/front.py", "from django.apps import apps\napps.get_model('files', 'DataFile')"),
        ("web/front.py", "import django.contrib.auth as auth\nauth.get_user_model()"),
        (
            "sharing/actions.py",
            "if TYPE_CHECKING:\n    from consentry_server.members.models import Member",
        ),
    ],
)
def test_a_planted_reach_for_a_foreign_table_is_caught(planted: Planted, place: str, line: str) -> None:
    planted.write(line, place)

    assert len(rooms.foreign_tables(planted.source)) == 1


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("members/queries.py", "from consentry_server.members.models import Member"),
        ("staff/members.py", "from consentry_server.members.models import Member"),
        ("sharing/models.py", "from consentry_server.common.models import Row"),
        ("sharing/migrations/0001_initial.py", "apps.get_model('sharing', 'Grant')"),
    ],
)
def test_own_tables_are_free_to_use(planted: Planted, place: str, line: str) -> None:
    planted.write(line, place)

    assert rooms.foreign_tables(planted.source) == []


def test_foreign_keys_point_down(layers: Layers) -> None:
    found = keys.keys(apps.get_models(include_auto_created=True))

    assert keys.climbing_keys(found, layers) == []
    assert len(found) > 5, "the registry holds our tables"


@isolate_apps("django.contrib.contenttypes")
def test_a_planted_key_that_climbs_is_caught(layers: Layers) -> None:
    file = table(f"{PACKAGE}.files.models", "DataFile")
    member = table(f"{PACKAGE}.members.models", "Member", newest=key_to("contenttypes.DataFile"))

    assert keys.climbing_keys(keys.keys([file, member]), layers) == [
        f"{PACKAGE}.members.models.Member.newest points at {PACKAGE}.files.models.DataFile"
    ]


@isolate_apps("django.contrib.contenttypes")
def test_a_planted_key_between_neighbours_is_caught(layers: Layers) -> None:
    event = table(f"{PACKAGE}.audit.models", "Event")
    effect = table(f"{PACKAGE}.outbox.models", "Effect", event=key_to("contenttypes.Event"))

    assert len(keys.climbing_keys(keys.keys([event, effect]), layers)) == 1


@isolate_apps("django.contrib.contenttypes")
def test_a_planted_many_to_many_that_climbs_is_caught(layers: Layers) -> None:
    file = table(f"{PACKAGE}.files.models", "DataFile")
    many = models.ManyToManyField("contenttypes.DataFile", related_name="+")
    member = table(f"{PACKAGE}.members.models", "Member", files=many)

    assert len(keys.climbing_keys(keys.keys([file, member]), layers)) == 1


@isolate_apps("django.contrib.contenttypes")
def test_keys_down_to_itself_and_to_djangos_tables_are_left_alone(layers: Layers) -> None:
    group = table("django.contrib.auth.models", "Group")
    member = table(
        f"{PACKAGE}.members.models",
        "Member",
        group=key_to("contenttypes.Group"),
        invited_by=key_to("self"),
    )
    file = table(f"{PACKAGE}.files.models", "DataFile", member=key_to("contenttypes.Member"))

    found = keys.keys([group, member, file])

    assert len(found) == 3
    assert keys.climbing_keys(found, layers) == []
