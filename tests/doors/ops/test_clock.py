"""Workers on machines whose clocks do not agree."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from consentry_server.ops import _clock

HOUR = timedelta(hours=1)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR])
def test_281_workers_go_by_the_clock_of_the_database(monkeypatch: pytest.MonkeyPatch, wrong_by: timedelta) -> None:
    monkeypatch.setattr(_clock, "now", lambda: datetime.now(UTC) + wrong_by)
    clock = _clock.Clock()
    clock.look()
    off = clock.now() - datetime.now(UTC)
    if connection.vendor == "postgresql":
        assert abs(off) < HOUR / 2
    else:
        assert abs(off - wrong_by) < HOUR / 2, "SQLite has no clock but that of its machine"


@pytest.mark.django_db
def test_the_clock_is_compared_again_only_after_a_while(django_assert_num_queries: object) -> None:
    clock = _clock.Clock()
    clock.look()
    with django_assert_num_queries(0):  # type: ignore[operator]
        clock.look()
        clock.now()
