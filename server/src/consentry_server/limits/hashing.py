"""Passwords are hashed a few at a time: each takes 100 MiB and a core for a moment, and anybody may ask for it."""

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

from consentry_server.common.waiting import apart
from consentry_server.limits.turns import Turns

AT_ONCE, WAITING = 2, 20  # of a process

turns = Turns(AT_ONCE, waiting=WAITING)


class Argon2(Argon2PasswordHasher):
    """Django's, taking turns; whoever waits or hashes lets others use the slot. Raises TooMany."""

    def encode(self, password: str, salt: Any) -> str:
        with apart(), turns.taken():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with apart(), turns.taken():
            return super().verify(password, encoded)
