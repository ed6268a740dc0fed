"""The key that id tokens are signed with."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction

from consentry_server.audit.actions import record
from consentry_server.common.keys import seal, unseal
from consentry_server.tokens.models import SigningKey
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import KEYS_TOLD_FOR


class Key(NamedTuple):
    """A private key, in PEM, and its name."""

    kid: str
    pem: str


def signing_key(*, now: datetime) -> Key:
    """Return the present key; the first time, make it."""
    rows = acting.signing_keys(retired_after=now)
    return Key(rows[0].kid, unseal(rows[0].sealed)) if rows and rows[0].retired_at is None else _new(now)


@transaction.atomic
def rotate_signing_key(*, actor: str, now: datetime) -> str:
    """Sign with a new key from now on and return its name; the old one is still told for a while."""
    SigningKey.objects.filter(retired_at=None).update(retired_at=now)
    kid = _new(now).kid
    record(name="signing.rotate", actor=actor, about="signing-key", now=now, kid=kid)
    return kid


@transaction.atomic
def forget_signing_keys(*, actor: str, now: datetime) -> int:
    """Tell keys that were retired no more, as one of them leaked; return how many. What they signed counts no more."""
    rows = SigningKey.objects.filter(retired_at__gt=now - KEYS_TOLD_FOR)
    forgotten = rows.update(retired_at=now - KEYS_TOLD_FOR)
    record(name="signing.forget", actor=actor, about="signing-key", now=now, keys=forgotten)
    return forgotten


def _new(now: datetime) -> Key:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = Key(hashlib.sha256(der).hexdigest()[:32], _pem(private))
    SigningKey.objects.create(kid=key.kid, sealed=seal(key.pem), created_at=now)
    return key


def _pem(private: rsa.RSAPrivateKey) -> str:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def told_keys(*, retired_after: datetime) -> list[Key]:
    """Return all keys that signatures may still be checked with, the present one first."""
    return [Key(row.kid, unseal(row.sealed)) for row in acting.signing_keys(retired_after=retired_after)]
