"""Effects: put down with what caused them, taken by one worker, tried again, parked, replayed, forgotten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from consentry_server.ops.effects import HANDLERS
from consentry_server.outbox import actions as outbox
from consentry_server.outbox import queries
from consentry_server.outbox.models import Effect
from consentry_server.outbox.rules import Dead, Leased, Retry, Schedule

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Drain = Callable[..., int]


def put(what: str = "x", *, kind: str = "test.say", about: str = "", at: datetime = NOW) -> int:
    return outbox.put(kind=kind, payload={"what": what}, now=at, about=about)


def lease(worker: str = "w", at: datetime = NOW, **more: object) -> Leased | None:
    return outbox.lease(kinds=None, worker=worker, lease_for=MINUTE, now=at, **more)  # type: ignore[arg-type]


def leased(worker: str = "w", at: datetime = NOW) -> Leased:
    found = lease(worker, at)
    assert found is not None
    return found


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What handlers of this test were told, in order."""
    told: list[str] = []

    def say(payload: dict[str, str], effect_id: int, now: datetime) -> None:
        told.append(payload["what"])

    monkeypatch.setitem(HANDLERS, "test.say", say)
    return told


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(payload: object, effect_id: int, now: datetime) -> None:
        raise error

    monkeypatch.setitem(HANDLERS, "test.say", fail)


def test_what_is_due_first_is_done_first_and_once(heard: list[str], drain: Drain) -> None:
    put("second", at=NOW + MINUTE)
    put("first")
    assert drain() == 2
    assert drain() == 0
    assert heard == ["first", "second"]


def test_an_effect_waits_until_it_is_due(heard: list[str], drain: Drain) -> None:
    outbox.put(kind="test.say", payload={"what": "later"}, now=NOW, due_at=NOW + MINUTE)
    assert drain(NOW) == 0
    assert drain(NOW + MINUTE) == 1


def test_nothing_is_left_of_an_effect_whose_cause_was_rolled_back(drain: Drain) -> None:
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert drain() == 0


def test_two_workers_never_hold_the_same_effect() -> None:
    put("a"), put("b")
    first, second = leased("one"), leased("two")
    assert {first.id, second.id} == set(Effect.objects.values_list("id", flat=True))
    assert lease("three") is None


def test_280_the_effect_of_a_dead_worker_is_taken_when_its_lease_has_ended() -> None:
    put()
    first = leased("one")
    assert lease("two", NOW + MINUTE - timedelta(seconds=1)) is None
    second = leased("two", NOW + MINUTE)
    assert (second.id, second.attempt) == (first.id, 2)


def test_257_a_worker_that_was_overtaken_cannot_take_back_the_outcome() -> None:
    put()
    slow = leased("slow")
    quick = leased("quick", NOW + MINUTE)
    outbox.fail(slow, reason="late", retry_at=None, now=NOW + MINUTE)
    outbox.renew(slow, until=NOW + 9 * MINUTE)
    outbox.give_back(slow)
    row = Effect.objects.get()
    assert (row.dead_at, row.leased_until, row.attempts) == (None, NOW + 2 * MINUTE, 2)
    outbox.finish(quick, now=NOW + MINUTE)
    assert Effect.objects.get().finished_at == NOW + MINUTE


def test_what_was_done_by_the_slower_of_two_counts_as_done() -> None:
    put()
    slow = leased("slow")
    leased("quick", NOW + MINUTE)
    outbox.finish(slow, now=NOW + MINUTE)
    assert lease("third", NOW + 9 * MINUTE) is None


def test_a_renewed_lease_lasts() -> None:
    put()
    outbox.renew(leased(), until=NOW + 5 * MINUTE)
    assert lease("other", NOW + 4 * MINUTE) is None


def test_what_is_given_back_is_free_at_once_and_costs_no_try() -> None:
    put()
    outbox.give_back(leased())
    assert leased("other").attempt == 1


def test_only_the_kinds_asked_for_are_taken() -> None:
    put(kind="test.other")
    assert outbox.lease(kinds=["test.say"], worker="w", lease_for=MINUTE, now=NOW) is None
    assert outbox.lease(kinds=["test.other"], worker="w", lease_for=MINUTE, now=NOW) is not None


def test_one_busy_project_does_not_hold_up_the_others() -> None:
    put(about="project:1")
    other = put(about="project:2", at=NOW + MINUTE)
    found = lease(at=NOW + MINUTE, passing_over=[("test.say", "project:1")])
    assert found is not None
    assert found.id == other


def test_a_failure_is_tried_again_later_and_later(monkeypatch: pytest.MonkeyPatch, drain: Drain) -> None:
    failing(monkeypatch, Retry("no answer"))
    put()
    at, pauses = NOW, []
    for _ in range(4):
        assert drain(at) == 1
        assert drain(at) == 0
        due = Effect.objects.get().due_at
        pauses.append((due - at).total_seconds())
        at = due
    assert [5 <= pauses[0] <= 6.25, 15 <= pauses[1] <= 18.75, 45 <= pauses[2] <= 56.25, pauses[3] >= 135] == [True] * 4
    assert Effect.objects.get().reason == "no answer"


def test_287_tries_go_on_for_more_than_three_days_then_it_is_dead(
    monkeypatch: pytest.MonkeyPatch, drain: Drain
) -> None:
    failing(monkeypatch, Retry("no answer"))
    put()
    at = NOW
    while next(queries.waiting(), None):
        at = Effect.objects.get().due_at
        drain(at)
    assert timedelta(hours=75) < at - NOW < timedelta(hours=100)
    assert [entry.reason for entry in queries.dead(kind="test.say")] == ["no answer"]


def test_289_a_receiver_may_ask_for_patience_but_not_for_ever(monkeypatch: pytest.MonkeyPatch, drain: Drain) -> None:
    put()
    for asked, given in ((timedelta(hours=2), timedelta(hours=2)), (timedelta(days=900), timedelta(days=1))):
        failing(monkeypatch, Retry("busy", after=asked))
        Effect.objects.update(due_at=NOW)
        drain(NOW)
        assert Effect.objects.get().due_at == NOW + given


def test_jitter_spreads_the_tries() -> None:
    schedule = Schedule()
    pauses = [schedule.pause_after(3, chance=chance) for chance in (0.0, 0.5, 1.0)]
    assert pauses == [timedelta(seconds=s) for s in (45, 50.625, 56.25)]


def test_what_will_never_work_is_dead_at_once(monkeypatch: pytest.MonkeyPatch, drain: Drain) -> None:
    failing(monkeypatch, Dead("no such address"))
    effect_id = put(about="project:3")
    drain(NOW)
    assert list(queries.waiting()) == []
    assert [(entry.id, entry.dead_at) for entry in queries.dead(about="project:3")] == [(effect_id, NOW)]
    assert list(queries.dead(about="project:4")) == []


def test_a_fault_of_ours_is_tried_again_and_keeps_its_words_to_itself(
    monkeypatch: pytest.MonkeyPatch, drain: Drain
) -> None:
    failing(monkeypatch, ValueError("alice@example.org"))
    put()
    drain(NOW)
    row = Effect.objects.get()
    assert (row.dead_at, row.reason, row.due_at > NOW) == (None, "ValueError", True)


def test_a_dead_effect_is_replayed_with_all_its_tries(heard: list[str], drain: Drain) -> None:
    effect_id = put("again")
    outbox.fail(leased(), reason="no", retry_at=None, now=NOW)
    outbox.replay(effect_id=effect_id, now=NOW)
    assert leased().attempt == 1


def test_only_what_concerns_the_asker_is_replayed() -> None:
    effect_id = put(about="project:3")
    for wrong in ({"about": "project:4"}, {"effect_id": effect_id + 1}):
        with pytest.raises(outbox.NoSuchEffect):
            outbox.replay(**{"effect_id": effect_id, "now": NOW} | wrong)  # type: ignore[arg-type]
    outbox.replay(effect_id=effect_id, about="project:3", now=NOW)


def test_what_was_done_is_not_replayed(heard: list[str], drain: Drain) -> None:
    effect_id = put()
    drain()
    with pytest.raises(outbox.NoSuchEffect):
        outbox.replay(effect_id=effect_id, now=NOW)


def test_replaying_does_not_take_an_effect_out_of_a_workers_hands() -> None:
    effect_id = put()
    leased()
    outbox.replay(effect_id=effect_id, now=NOW)
    assert lease("other") is None


def test_all_dead_are_replayed_by_kind() -> None:
    for kind in ("test.a", "test.b"):
        put(kind=kind)
        outbox.fail(leased(), reason="no", retry_at=None, now=NOW)
    assert outbox.replay_dead(now=NOW, kind="test.a") == 1
    assert [entry.kind for entry in queries.dead()] == ["test.b"]


def test_011_the_database_shows_nothing_of_what_an_effect_says(heard: list[str], drain: Drain) -> None:
    put("link to reset")
    assert "link" not in Effect.objects.get().sealed
    drain()
    assert heard == ["link to reset"]
    assert Effect.objects.get().sealed == ""


def test_an_effect_sealed_with_another_key_is_parked_and_holds_nobody_up(heard: list[str], drain: Drain) -> None:
    put("lost")
    Effect.objects.update(sealed="gAAAA")
    put("next")
    drain()
    assert heard == ["next"]
    assert [entry.reason for entry in queries.dead()] == ["sealed with another instance key"]


def test_what_is_old_is_forgotten_and_the_rest_kept() -> None:
    def ended(days: int, *, dead: bool) -> int:
        effect_id, at = put(), NOW - timedelta(days=days)
        if dead:
            outbox.fail(leased(), reason="no", retry_at=None, now=at)
        else:
            outbox.finish(leased(), now=at)
        return effect_id

    ended(8, dead=False), ended(40, dead=True)
    kept = [ended(6, dead=False), ended(20, dead=True), put()]
    gone = outbox.prune(finished_before=NOW - timedelta(days=7), dead_before=NOW - timedelta(days=30))
    assert gone == 2
    assert sorted(Effect.objects.values_list("id", flat=True)) == kept
