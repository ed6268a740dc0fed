"""What a webhook says and how it is signed (wire 2.4, catalogue 238, 289, 290, 292, 295)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from consentry_server.ops.departures import PATIENCE
from consentry_server.projects.rules import secret_fault
from consentry_server.sharing.rules import Departure, answer_fault, signed

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OLD = "whsec_" + "QUFB" * 8
BODY = b'{"project_member_id": "12345678"}'
NOW = datetime.now(UTC)


def headers(*secrets: str, at: datetime | None = None) -> dict[str, str]:
    return signed(BODY, secrets=list(secrets), message_id="departure_7", now=at or datetime.now(UTC))


def verifies(secret: str, found: dict[str, str], body: bytes = BODY) -> bool:
    try:
        Webhook(secret).verify(body, found)
    except WebhookVerificationError:
        return False
    return True


def test_the_published_check_value_of_the_original_comes_out() -> None:
    body = (
        b'{"project_member_id": "12345678", "erasure_requested": true, "timestamp": "2020-06-30T20:00:00.000000+00:00"}'
    )
    found = signed(body, secrets=["abcdefghijklmnop"], message_id="1", now=NOW)

    assert found["X-OpenHumans-Webhooks-Signature"] == "sha1=ebda5c0a38593a4350ad8401b7d8c8f1cd08ec67"


def test_the_body_begins_as_the_originals() -> None:
    left = Departure(3, "12345678", True, datetime(2020, 6, 30, 20, tzinfo=UTC))

    assert left.body(sequence=9).startswith(
        b'{"project_member_id": "12345678", "erasure_requested": true, '
        b'"timestamp": "2020-06-30T20:00:00.000000+00:00", '
    )


def test_238_292_295_the_body_holds_ids_its_audience_and_a_number_to_order_by_and_nothing_else() -> None:
    left = Departure(3, "12345678", False, NOW)

    assert set(json.loads(left.body(sequence=9))) == {
        "project_member_id", "erasure_requested", "timestamp", "project_id", "sequence"
    }  # fmt: skip
    assert json.loads(left.body(sequence=9))["sequence"] == 9


def test_290_a_receiver_refuses_another_time_id_byte_or_secret() -> None:
    assert verifies(SECRET, headers(SECRET))
    now = datetime.now(UTC)
    assert not verifies(SECRET, headers(SECRET, at=now - timedelta(minutes=6)))
    assert not verifies(SECRET, headers(SECRET, at=now + timedelta(minutes=6)))
    assert not verifies(SECRET, headers(SECRET) | {"webhook-id": "departure_8"})
    assert not verifies(SECRET, headers(SECRET), BODY.replace(b"8", b"9"))
    assert not verifies(OLD, headers(SECRET))


def test_290_while_a_secret_is_changed_over_both_verify() -> None:
    assert verifies(SECRET, headers(SECRET, OLD))
    assert verifies(OLD, headers(SECRET, OLD))


def test_290_no_secret_is_no_signature_at_all() -> None:
    with pytest.raises(IndexError):
        headers()


@pytest.mark.parametrize(
    "secret", ["", "short", "a" * 15, "a" * 65, "with space in the middle", "é" * 20, "a" * 20 + "\n"]
)
def test_290_a_secret_is_sixteen_to_sixty_four_plain_characters(secret: str) -> None:
    assert "16 to 64" in secret_fault(secret)


def test_290_a_secret_that_claims_to_be_base64_is_base64() -> None:
    assert secret_fault(SECRET) == secret_fault("abcdefghijklmnop") == ""
    assert "base64" in secret_fault("whsec_!!!!!!!!!!!!!!!!!!!!")
    assert "base64" in secret_fault("whsec_QUFBQUFBQUFB")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (200, ""), (204, ""), (301, "redirect"), (308, "redirect"), (400, "4xx"), (404, "4xx"), (410, "no more"),
        (429, "patience"), (500, "5xx"), (502, "5xx"), (504, "5xx"), (999, "5xx"),
    ],
)  # fmt: skip
def test_235_289_an_answer_is_told_in_words_and_only_roughly(status: int, says: str) -> None:
    assert says in answer_fault(status)
    assert bool(answer_fault(status)) == bool(says)


def test_287_tries_go_on_for_three_days_and_their_times_vary() -> None:
    patience = PATIENCE["sharing.webhook"]
    pauses = [patience.pause_after(nth, chance=0) for nth in range(1, 100)]
    real = [pause for pause in pauses if pause is not None]

    assert timedelta(hours=75) <= sum(real, timedelta()) <= timedelta(hours=84)
    assert real == sorted(real)
    assert pauses[len(real) :] == [None] * (99 - len(real))
    assert patience.pause_after(3, chance=0) != patience.pause_after(3, chance=0.9)
