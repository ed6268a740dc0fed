"""Minting, replacing and ending what bears access: master tokens of projects, tokens of apps for one member."""

from consentry_server.tokens.actions.allowing import Asked, allow, allow_again
from consentry_server.tokens.actions.devices import begin_device, claim_device, decide_device, poll_device
from consentry_server.tokens.actions.ending import (
    end_by,
    end_family,
    forget,
    report_reuse,
    revoke_token,
    sign_out,
    welcome,
)
from consentry_server.tokens.actions.masters import Wanted, mint, note_uses, reveal, revoke, rotate
from consentry_server.tokens.actions.refreshing import (
    Pair,
    Refreshable,
    issue,
    one_at_a_time,
    redeemable,
    refresh,
    refreshable,
)
from consentry_server.tokens.actions.secrets import end_secret, rotate_secret
from consentry_server.tokens.actions.signing import forget_signing_keys, rotate_signing_key, signing_key, told_keys

__all__ = [
    "Asked",
    "Pair",
    "Refreshable",
    "Wanted",
    "allow",
    "allow_again",
    "begin_device",
    "claim_device",
    "decide_device",
    "end_by",
    "end_family",
    "end_secret",
    "forget",
    "forget_signing_keys",
    "issue",
    "mint",
    "note_uses",
    "one_at_a_time",
    "poll_device",
    "redeemable",
    "refresh",
    "refreshable",
    "report_reuse",
    "reveal",
    "revoke",
    "revoke_token",
    "rotate",
    "rotate_secret",
    "rotate_signing_key",
    "sign_out",
    "signing_key",
    "told_keys",
    "welcome",
]
