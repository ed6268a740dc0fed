"""Storing and deleting, and the totals that follow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import Count, Sum
from pytest_django import Settings

from consentry_server.common.errors import Conflict, Invalid, NotFound
from consentry_server.files import actions, queries
from consentry_server.files.actions import Choice, Upload, storing
from consentry_server.files.models import DataFile, FileTotal
from consentry_server.members.models import Member
from consentry_server.storage import current
from tests.world import METADATA, THEN, World, authorize, give, leave


def check_totals() -> None:
    """Every total must be what its rows add up to."""
    rows = DataFile.objects.filter(deleted_at=None).exclude(completed_at=None)
    summed = rows.values("member_id", "source_id").annotate(n=Count("id"), bytes=Sum("size"))
    counted = {(row["member_id"], row["source_id"]): (row["n"], row["bytes"]) for row in summed}
    kept = {(t.member_id, t.source_id): (t.files, t.size) for t in FileTotal.objects.exclude(files=0)}
    assert kept == counted


def blobs(settings: Settings) -> int:
    return len([path for path in Path(settings.STORAGE).glob("??/??/*") if path.is_file()])


def store(world: World, content: bytes = b"abc", name: str = "a.csv", number: str | None = None) -> int:
    blob = actions.stage()
    blob.write(content)
    wanted = Upload(number or world.alice_number, METADATA, None, name, blob)
    return actions.store(world.study.pk, wanted, now=THEN)


def test_storing_counts_the_file_and_its_bytes(world: World) -> None:
    store(world, b"12345")
    store(world, b"123")
    total = FileTotal.objects.get(member=world.alice, source=world.study)
    assert (total.files, total.size) == (2, 8)
    check_totals()


def test_what_is_refused_leaves_no_byte_behind(world: World, settings: Settings) -> None:
    before, staging = blobs(settings), Path(settings.STORAGE) / "staging"
    for wrong in ({"number": "12345678"}, {"content": b""}, {"name": "%"}):
        with pytest.raises(Invalid):
            store(world, **wrong)  # type: ignore[arg-type]
    assert (blobs(settings), list(staging.iterdir())) == (before, [])
    check_totals()


def test_221_a_member_who_left_while_the_bytes_came_gets_nothing(world: World, settings: Settings) -> None:
    before, number = blobs(settings), world.alice_number

    class Leaving:
        """A staged blob whose last byte comes after the member has left."""

        def __init__(self) -> None:
            self.blob = actions.stage()
            self.blob.write(b"abc")
            self.key, self.size = self.blob.key, 3

        def sha256(self) -> str:
            return self.blob.sha256()

        def md5(self) -> str:
            return self.blob.md5()

        def commit(self) -> str:
            leave(world.of_alice)
            return self.blob.commit()

        def discard(self) -> None:
            self.blob.discard()

    wanted = Upload(number, METADATA, None, "a.csv", Leaving())  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        actions.store(world.study.pk, wanted, now=THEN)
    assert blobs(settings) == before
    assert not DataFile.objects.filter(source=world.study).exists()


def test_274_bytes_stay_where_nobody_knows_whether_their_row_was_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a commit is lost on the way: the row is there, so its bytes must be."""

    def committed_without_an_answer(*given: Any, **named: Any) -> int:
        insert(*given, **named)
        raise OperationalError("server closed the connection unexpectedly")

    insert = storing._insert
    monkeypatch.setattr(storing, "_insert", committed_without_an_answer)
    with pytest.raises(OperationalError):
        store(world, b"abc")
    with current().open(DataFile.objects.latest("id").key) as blob:
        assert blob.read() == b"abc"


def test_deleting_takes_back_what_storing_counted(world: World, settings: Settings) -> None:
    before = blobs(settings)
    pk = store(world)
    deleted = actions.delete_deposited(world.study.pk, world.alice_number, Choice(file_id=pk), now=THEN)
    assert deleted == [pk]
    assert blobs(settings) == before
    assert FileTotal.objects.get(member=world.alice, source=world.study).files == 0
    check_totals()
    assert DataFile.objects.get(id=pk).blob_erased_at == THEN


def test_deleting_twice_counts_once(world: World) -> None:
    pk = store(world)
    for expected in ([pk], []):
        found = actions.delete_deposited(world.study.pk, world.alice_number, Choice(all_files=True), now=THEN)
        assert found == expected
    check_totals()


def test_a_member_deletes_own_files_wherever_they_came_from(world: World) -> None:
    actions.delete_own(member_id=world.alice.pk, file_id=world.file_id, now=THEN)
    assert not queries.own(world.alice.pk).filter(id=world.file_id).exists()
    check_totals()
    for member in (world.alice, world.bob):
        with pytest.raises(NotFound):
            actions.delete_own(member_id=member.pk, file_id=world.file_id, now=THEN)


def test_nobody_deletes_another_members_file(world: World) -> None:
    with pytest.raises(NotFound):
        actions.delete_own(member_id=world.bob.pk, file_id=world.file_id, now=THEN)
    assert actions.delete_own_from(member_id=world.bob.pk, source_id=world.private.pk, now=THEN) == 0
    assert DataFile.objects.get(id=world.file_id).deleted_at is None


def test_262_what_a_crash_left_of_a_deletion_is_ended(world: World, settings: Settings) -> None:
    pk = store(world)
    before = blobs(settings)
    DataFile.objects.filter(id=pk).update(deleted_at=THEN)
    assert actions.erase_deleted(now=THEN) == 1
    assert blobs(settings) == before - 1
    assert actions.erase_deleted(now=THEN) == 0


@pytest.mark.parametrize("remove", [True, False])
def test_leaving_removes_the_projects_files_only_if_the_member_wants(world: World, remove: object) -> None:
    pk = store(world)
    leave(world.of_alice, remove_files=remove)
    assert (DataFile.objects.get(id=pk).deleted_at is not None) is remove
    assert DataFile.objects.get(id=world.file_id).deleted_at is None
    check_totals()


def test_closing_an_account_removes_every_file_and_every_word_of_the_person(
    world: World, settings: Settings, drain: Callable[..., int]
) -> None:
    store(world)
    others = DataFile.objects.exclude(member=world.alice).count()
    actions.close_account(member_id=world.alice.pk, now=THEN)
    drain()
    assert DataFile.objects.filter(deleted_at=None).count() == others == blobs(settings)
    assert not queries.own(world.alice.pk).exists()
    check_totals()
    closed = Member.objects.get(id=world.alice.pk)
    assert "alice" not in f"{closed.username}{closed.email}{closed.name}"
    assert (closed.is_active, closed.has_usable_password()) == (False, False)


def test_whoever_runs_a_project_cannot_close_the_account(world: World) -> None:
    with pytest.raises(Conflict):
        actions.close_account(member_id=world.coordinator.pk, now=THEN)
    assert Member.objects.get(id=world.coordinator.pk).is_active


def test_a_deposit_with_a_wrong_checksum_leaves_nothing(world: World, settings: Settings) -> None:
    before, count = blobs(settings), DataFile.objects.count()
    metadata = '{"description":"","tags":[],"md5":"' + "0" * 32 + '"}'
    with pytest.raises(Invalid):
        actions.deposit(
            member_id=world.alice.pk,
            source_id=world.source.pk,
            name="a",
            metadata=metadata,
            chunks=[b"1"],
            now=THEN,
        )
    assert (blobs(settings), DataFile.objects.count()) == (before, count)


def test_a_deposit_whose_bytes_break_off_leaves_nothing(world: World, settings: Settings) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"1"
        raise OSError("the disk was pulled")

    before = blobs(settings)
    with pytest.raises(OSError, match="pulled"):
        actions.deposit(
            member_id=world.alice.pk,
            source_id=world.source.pk,
            name="a",
            metadata=METADATA,
            chunks=breaking(),
            now=THEN,
        )
    assert blobs(settings) == before
    assert list((Path(settings.STORAGE) / "staging").iterdir()) == []


def test_one_query_decides_what_an_authorization_opens(world: World) -> None:
    private = give(world.alice, world.private, "more.csv")
    bobs = DataFile.objects.get(member=world.bob).pk

    def opens(file_id: int) -> bool:
        return queries.readable(file_id=file_id, authorization_id=world.of_alice.pk) is not None

    assert [opens(pk) for pk in (world.file_id, private, bobs, 0)] == [True, False, False, False]
    leave(world.of_alice)
    authorize(world.alice, world.study)
    assert not opens(world.file_id)


def test_a_file_is_the_owners_own_and_nobody_elses(world: World) -> None:
    assert queries.readable_by_owner(file_id=world.file_id, member_id=world.alice.pk) is not None
    assert queries.readable_by_owner(file_id=world.file_id, member_id=world.bob.pk) is None


def test_reconcile_removes_only_what_nobody_knows(world: World) -> None:
    known = DataFile.objects.get(id=world.file_id).key
    blob = current().stage()
    blob.write(b"x")
    stray = blob.commit()
    assert actions.remove_unknown([known, stray]) == [stray]
    assert {key for key, _ in current().keys()} >= {known}  # noqa: SIM118
