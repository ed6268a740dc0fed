"""The instance key: one random secret from which every other key of this installation is derived."""

import hashlib
from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consentry_server.common.configured import configured


def derive(purpose: str) -> bytes:
    """Return the 32-byte key of this installation for one purpose."""
    return _derive(configured().INSTANCE_KEY, purpose)


@lru_cache
def _derive(root: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(root)


def seal(text: str) -> str:
    """Encrypt what its owner must be able to read again."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Read back what `seal` made; raises ValueError if the instance key is another one."""
    try:
        return _fernet().decrypt(sealed).decode()
    except InvalidToken:
        raise ValueError("sealed with another instance key") from None


def _fernet() -> Fernet:
    return Fernet(urlsafe_b64encode(derive("seal")))


def mac(key: bytes, message: bytes) -> str:
    """Return a keyed 128-bit BLAKE2b tag in hexadecimal: a third of the time of HMAC-SHA-256."""
    return hashlib.blake2b(message, key=key, digest_size=16).hexdigest()
