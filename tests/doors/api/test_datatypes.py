"""Data types on the wire: what a project registered, what an upload names, what a listing says."""

from datetime import UTC, datetime

import httpx
import pytest

from consentry_server.files.models import DataFile
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project
from tests.doors.api.calls import MEMBERS, PROJECT, exchange, get, upload
from tests.doors.api.test_statements import statements
from tests.world import World, authorize, give, make_datatype, make_project, make_token

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SITE = "http://testserver/api/public/datatype"


@pytest.fixture
def types(world: World) -> dict[str, int]:
    """Four data types; the study registered the first two before it was approved."""
    found = {name: make_datatype(name) for name in ("Steps", "heart rate", "Sleep", "2016")}
    set_flags(world.study, approved_at=None)
    ids = [found["Steps"], found["heart rate"]]
    projects.register_datatypes(project_id=world.study.pk, datatype_ids=ids, actor="test", now=NOW)
    set_flags(world.study, approved_at=NOW)
    return found


def set_flags(project: Project, **flags: object) -> None:
    Project.objects.filter(id=project.pk).update(**flags)


def kept(world: World, client: httpx.Client, datatypes: str | None) -> list[str]:
    """Upload a file and return its data types as the listing has them."""
    answer = upload(client, world.token, world.alice_number, datatypes=datatypes)
    assert answer.status_code == 201, answer.text
    listed = exchange(client, world.token, world.alice_number).json()["data"]
    (file,) = [file for file in listed if file["id"] == answer.json()["id"]]
    return list(file["datatypes"])


def refused(world: World, client: httpx.Client, datatypes: str) -> str:
    """Upload a file and return the one thing that is wrong with its data types."""
    before = DataFile.objects.count()
    answer = upload(client, world.token, world.alice_number, datatypes=datatypes)
    assert (answer.status_code, list(answer.json())) == (400, ["datatypes"])
    assert DataFile.objects.count() == before
    (fault,) = answer.json()["datatypes"]
    return str(fault)


@pytest.mark.parametrize(
    "text",
    [
        '["Steps"]',
        '["sTEPS"]',
        '["Steps","steps"]',
        "[{Steps}]",
        '["{Steps}"]',
        "[{Steps},{Steps}]",
        '[{Steps},"{Steps}"]',
    ],
)
def test_a_type_is_named_by_its_id_or_its_name_once_or_twice(
    world: World, client: httpx.Client, types: dict[str, int], text: str
) -> None:
    assert kept(world, client, text.replace("{Steps}", str(types["Steps"]))) == [f"{SITE}/{types['Steps']}/"]


def test_several_types_are_listed_in_one_order(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    wanted = [f"{SITE}/{types['Steps']}/", f"{SITE}/{types['heart rate']}/"]
    assert kept(world, client, '["Heart  Rate","STEPS"]') == wanted


@pytest.mark.parametrize("text", [None, "", " ", "[]"])
def test_no_type_named_is_none(world: World, client: httpx.Client, types: dict[str, int], text: str | None) -> None:
    assert kept(world, client, text) == []


def test_files_get_all_registered_types_where_staff_said_so(
    world: World, client: httpx.Client, types: dict[str, int]
) -> None:
    set_flags(world.study, auto_add_datatypes=True)

    both = [f"{SITE}/{types[name]}/" for name in ("Steps", "heart rate")]
    assert kept(world, client, None) == kept(world, client, " ") == both
    assert kept(world, client, "[]") == []
    assert kept(world, client, '["steps"]') == both[:1]


def test_a_type_that_is_not_registered_is_refused_by_its_name(
    world: World, client: httpx.Client, types: dict[str, int]
) -> None:
    told = "The following datatypes aren't registered for this project: ['Sleep']"
    assert refused(world, client, '["SLEEP","steps"]') == told
    assert refused(world, client, f"[{types['Sleep']}]") == told


def test_any_type_is_fine_where_staff_said_so(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    set_flags(world.study, any_datatypes=True)

    assert kept(world, client, '["SLEEP"]') == [f"{SITE}/{types['Sleep']}/"]
    assert "don't match items" in refused(world, client, '["nope"]')


def test_a_type_is_not_named_by_its_address(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    address = f"{SITE}/{types['Steps']}/"
    told = f"The following datatypes don't match items in our database: ['{address}']"
    assert refused(world, client, f'["{address}"]') == told


def test_a_type_that_is_not_for_uploads_is_taken_all_the_same(world: World, client: httpx.Client) -> None:
    folder = make_datatype("Folder", uploadable=False)
    set_flags(world.study, any_datatypes=True)
    assert kept(world, client, '["folder"]') == [f"{SITE}/{folder}/"]


def test_what_does_not_exist_is_told_before_what_is_not_registered(
    world: World, client: httpx.Client, types: dict[str, int]
) -> None:
    told = "The following datatypes don't match items in our database: ['nope']"
    assert refused(world, client, '["Sleep","nope"]') == told


def test_a_name_of_digits_is_read_as_an_id(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    set_flags(world.study, any_datatypes=True)

    assert "['2016']" in refused(world, client, '["2016"]')
    both = {f"{SITE}/{types['2016']}/", f"{SITE}/{types['Steps']}/"}
    assert set(kept(world, client, '["2016","Steps"]')) == both


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "5",
        "null",
        "{}",
        "[[1]]",
        "[null]",
        '"x"',
        "[1.5]",
        '[1,"Steps"]',
        "[true]",
        pytest.param("[" * 500, id="deep"),
    ],
)
def test_172_what_is_no_list_of_ids_or_names_cannot_be_parsed(
    world: World, client: httpx.Client, types: dict[str, int], text: str
) -> None:
    assert refused(world, client, text).startswith("Could not parse the uploaded datatypes from: '")


@pytest.mark.parametrize(
    "text", ["[-1]", f"[{10**30}]", f"[{10**18}]", f"[{2**63}]", "[0]", '[""]', '["\' OR 1=1"]', '["%"]']
)
def test_172_odd_items_match_nothing(world: World, client: httpx.Client, types: dict[str, int], text: str) -> None:
    assert "don't match items in our database" in refused(world, client, text)


def test_a_project_lists_what_it_registered(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    found = get(client, PROJECT, world.token).json()

    assert found["registered_datatypes"] == [
        f"/api/public/datatype/{types['Steps']}/",
        f"/api/public/datatype/{types['heart rate']}/",
    ]
    assert len(found) == 22
    assert get(client, PROJECT, world.other_token).json()["registered_datatypes"] == []


def test_members_lists_types_as_exchange_member_does(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    kept(world, client, '["Steps"]')

    listed = get(client, MEMBERS, world.token).json()["results"][0]["data"]

    assert [file["datatypes"] for file in listed] == [[], [f"{SITE}/{types['Steps']}/"]]


def test_types_of_files_take_no_statement_more(world: World, client: httpx.Client, types: dict[str, int]) -> None:
    for text in ('["Steps"]', '["heart rate"]', '["Steps","heart rate"]'):
        upload(client, world.token, world.bob_number, datatypes=text)

    assert len(statements(client, "members/", access_token=world.token)) == 4
    assert len(statements(client, "", access_token=world.token)) == 2


def test_a_reader_sees_the_types_that_the_source_gave(
    world: World, client: httpx.Client, types: dict[str, int]
) -> None:
    reader = make_project(world.coordinator, "Reader", requested_sources=[world.study])
    seat = authorize(world.alice, reader).project_member.number
    kept(world, client, '["Steps"]')
    give(world.alice, world.source, "plain.csv")

    (file,) = exchange(client, make_token(reader), seat).json()["data"]

    assert file["datatypes"] == [f"{SITE}/{types['Steps']}/"]
