"""What can be done about who lets whom in, a module a journey."""

from consentry_server.sharing.actions.holding import UnknownNumbers
from consentry_server.sharing.actions.joining import AskChanged, authorize, decline, join, set_hidden, set_muted
from consentry_server.sharing.actions.leaving import (
    acknowledge_erasure,
    remove,
    revoke,
    settle_erasure,
    suspend,
)
from consentry_server.sharing.actions.noting import describe, forget, tag, untag
from consentry_server.sharing.actions.telling import (
    call_webhook,
    mail_departure,
    remind_of_erasure,
    replay_webhook,
    report_undelivered,
)

__all__ = [
    "AskChanged",
    "UnknownNumbers",
    "acknowledge_erasure",
    "authorize",
    "call_webhook",
    "decline",
    "describe",
    "forget",
    "join",
    "mail_departure",
    "remind_of_erasure",
    "remove",
    "replay_webhook",
    "report_undelivered",
    "revoke",
    "set_hidden",
    "set_muted",
    "settle_erasure",
    "suspend",
    "tag",
    "untag",
]
