"""What the headers of the tus protocol say: https://tus.io/protocols/resumable-upload, version 1.0."""

import hashlib
from base64 import b64decode
from hmac import compare_digest

from consentry_server.api.answers import Halt
from consentry_server.common import strict

VERSION = "1.0.0"
ALGORITHMS = ("sha1", "sha256", "md5")
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
PARTS = "application/offset+octet-stream"


def count(header: str | None, name: str) -> int:
    """Read a number of bytes."""
    if header is None or not (header.isascii() and header.isdigit() and len(header) < 19):
        raise Halt(400, f"Send {name}, a number of bytes.")
    return int(header)


def metadata(header: str) -> dict[str, str]:
    """Read `Upload-Metadata`: keys, each with a text in Base64, separated by commas."""
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else []:
        key, _, encoded = pair.strip().partition(" ")
        if not key or key in found:
            raise Halt(400, "Upload-Metadata has an empty key, or one that stands there twice.")
        found[key] = _text(key, encoded)
    return found


def _text(key: str, encoded: str) -> str:
    try:
        text = b64decode(encoded, validate=True).decode()
    except ValueError:
        raise Halt(400, f'Upload-Metadata: "{key}" is not text in UTF-8 in Base64.') from None
    if not strict.storable(text):
        raise Halt(400, f'Upload-Metadata: "{key}" has a character in it that cannot be stored.')
    return text


class Announced:
    """The checksum that the bytes of one request must have."""

    def __init__(self, algorithm: str, digest: bytes) -> None:
        self._hash, self._digest = hashlib.new(algorithm, usedforsecurity=False), digest

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def is_right(self) -> bool:
        return compare_digest(self._hash.digest(), self._digest)


def checksum(header: str | None) -> Announced | None:
    """Read `Upload-Checksum`: an algorithm, and a digest in Base64."""
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Halt(400, f"Upload-Checksum: one of {', '.join(ALGORITHMS)} is known here.")
    try:
        return Announced(algorithm, b64decode(encoded, validate=True))
    except ValueError:
        raise Halt(400, "Upload-Checksum: the digest is not in Base64.") from None
