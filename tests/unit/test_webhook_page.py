"""The example on docs/call/webhook.md does what the page says."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consentry_server.sharing.rules import signed

PAGE = Path(__file__).parents[2] / "docs" / "call" / "webhook.md"
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = b'{"project_member_id": "12345678"}'


def example() -> Any:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102 - the point of the test
    return names["verified"]


def headers(*secrets: str, at: datetime | None = None) -> dict[str, str]:
    return signed(BODY, secrets=list(secrets), message_id="departure_1", now=at or datetime.now(UTC))


@pytest.mark.parametrize("secret", [SECRET, "one-of-my-own-choice"])
def test_the_example_takes_what_we_sign(secret: str) -> None:
    assert example()(secret, headers("another-secret-of-ours", secret), BODY) == {"project_member_id": "12345678"}


@pytest.mark.parametrize(
    ("secret", "minutes", "changed", "body"),
    [
        ("another-secret-of-ours", 0, {}, BODY),
        (SECRET, 6, {}, BODY),
        (SECRET, -6, {}, BODY),
        (SECRET, 0, {}, BODY.replace(b"1", b"2")),
        (SECRET, 0, {"webhook-id": "departure_2"}, BODY),
    ],
)
def test_the_example_refuses_anything_else(secret: str, minutes: int, changed: dict[str, str], body: bytes) -> None:
    sent = headers(secret, at=datetime.now(UTC) - timedelta(minutes=minutes)) | changed
    with pytest.raises(ValueError, match="too old" if minutes else "not signed"):
        example()(SECRET, sent, body)
