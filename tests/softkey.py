"""A passkey in software (WebAuthn level 2): signs what a page asks it to, rightly or wrongly as it is told."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cbor import encode
from fido2.utils import websafe_encode

HOST = "testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(frozen=True)
class Key:
    """A key pair, its name, and how it behaves."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    owner: bytes = b""  # the handle that the site gave
    count: int = 0  # of its signatures
    origin: str = f"https://{HOST}"
    host: str = HOST
    verifies: bool = True  # asks for a finger, a face or a code of its own

    def but(self, **changed: Any) -> "Key":
        """Return the same key, behaving otherwise."""
        return replace(self, **changed)

    def added(self, options: dict[str, Any]) -> str:
        """Answer a page that wants to know this key."""
        numbers = self.private.public_key().public_numbers()
        public = encode({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        known = bytes(16) + struct.pack(">H", len(self.name)) + self.name + public
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + known}
        return self._told(
            {
                "clientDataJSON": websafe_encode(self._client("webauthn.create", options)),
                "attestationObject": websafe_encode(encode(attested)),
            },
            clientExtensionResults={"credProps": {"rk": True}},
        )

    def signed(self, options: dict[str, Any]) -> str:
        """Answer a page that wants to see a signature of this key."""
        client, data = self._client("webauthn.get", options), self._data()
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.owner),
            },
            clientExtensionResults={},
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _told(self, response: dict[str, str], **more: Any) -> str:
        name = websafe_encode(self.name)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response} | more)
