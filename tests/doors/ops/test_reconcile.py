"""Reconcile: what a crash leaves is finished, what a person must see is said."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from consentry_server.files.models import DataFile
from consentry_server.ops.reconcile import command
from consentry_server.storage import DiskStore, current
from consentry_server.tokens.models import Family
from consentry_server.tokens.queries import caller
from tests.world import World, allow, make_app

pytestmark = pytest.mark.django_db


def reconcile(*words: str) -> Result:
    return CliRunner().invoke(command, words, catch_exceptions=False)


def store() -> DiskStore:
    found = current()
    assert isinstance(found, DiskStore)
    return found


def leave_blob(*, minutes: int) -> Path:
    """Leave bytes that no row has, as a crash before the commit does."""
    staged = store().stage()
    staged.write(b"nobody's")
    path = store().path(staged.commit())
    age(path, minutes=minutes)
    return path


def age(path: Path, *, minutes: int) -> None:
    then = time.time() - 60 * minutes
    os.utime(path, (then, then))


def blob(file: DataFile) -> Path:
    return store().path(file.key)


def some_file() -> DataFile:
    found = DataFile.objects.filter(deleted_at=None).order_by("id").first()
    assert found is not None
    return found


@pytest.mark.usefixtures("world")
def test_where_all_is_well_nothing_happens() -> None:
    done = reconcile()
    assert done.exit_code == 0
    assert "removed: 0" in done.stdout


@pytest.mark.usefixtures("world")
def test_sessions_that_are_over_are_forgotten() -> None:
    for life in (-60, 60):
        session = SessionStore()
        session.set_expiry(life)
        session.save()
    reconcile()
    assert [kept.session_key for kept in Session.objects.all()] == [session.session_key]


@pytest.mark.usefixtures("world")
def test_261_bytes_without_a_row_go_once_they_are_old() -> None:
    old, young = leave_blob(minutes=90), leave_blob(minutes=10)
    kept = blob(some_file())
    age(kept, minutes=9000)
    assert reconcile().exit_code == 0
    assert not old.exists()
    assert young.exists()
    assert kept.exists()
    reconcile("--older-than", "5")
    assert not young.exists()


@pytest.mark.usefixtures("world")
def test_261_what_an_upload_left_behind_goes() -> None:
    staged = store().stage()
    staged.write(b"half")
    staged._file.close()  # type: ignore[attr-defined]  # as a kill does
    age(staged._path, minutes=90)  # type: ignore[attr-defined]
    assert "stale uploads removed: 1" in reconcile().stdout


@pytest.mark.usefixtures("world")
def test_262_a_deletion_that_was_cut_short_is_finished() -> None:
    file = some_file()
    DataFile.objects.filter(id=file.pk).update(deleted_at=file.created_at)
    done = reconcile()
    assert done.exit_code == 0
    assert "deletions finished: 1" in done.stdout
    assert not blob(file).exists()
    file.refresh_from_db()
    assert file.blob_erased_at is not None
    assert "deletions finished: 0" in reconcile().stdout


@pytest.mark.usefixtures("world")
def test_bytes_that_are_gone_or_cut_are_reported() -> None:
    file = some_file()
    blob(file).write_bytes(b"")
    done = reconcile()
    assert done.exit_code == 1
    assert f"file {file.pk}: has 0 bytes instead of {file.size}" in done.stderr
    blob(file).unlink()
    done = reconcile()
    assert done.exit_code == 1
    assert f"file {file.pk}: its bytes are gone" in done.stderr


@pytest.mark.usefixtures("world")
def test_155_what_is_no_file_is_reported_and_left_alone() -> None:
    planted = blob(some_file()).with_name("planted")
    os.mkfifo(planted)
    age(planted, minutes=900)
    done = reconcile()
    assert done.exit_code == 1
    assert str(planted) in done.stderr
    assert planted.exists()


@pytest.mark.usefixtures("world")
def test_a_dry_run_changes_nothing_and_says_the_same() -> None:
    old, file = leave_blob(minutes=90), some_file()
    DataFile.objects.filter(id=file.pk).update(deleted_at=file.created_at)
    done = reconcile("--dry-run")
    assert done.exit_code == 0
    assert "deletions to finish: 1" in done.stdout
    assert "to remove: 1" in done.stdout
    assert old.exists()
    assert blob(file).exists()
    file.refresh_from_db()
    assert file.blob_erased_at is None


def test_what_apps_bore_is_forgotten_when_it_has_been_over_for_a_month(world: World) -> None:
    app, _, _ = make_app(world.coordinator, "Tracker")
    allow(world.alice, app, now=datetime.now(UTC) - timedelta(days=800))
    kept = allow(world.bob, app)
    assert reconcile("--dry-run").exit_code == 0
    assert Family.objects.count() == 2
    assert reconcile().exit_code == 0
    assert Family.objects.count() == 1
    assert caller(kept.access, now=datetime.now(UTC)).project_id == app.pk
