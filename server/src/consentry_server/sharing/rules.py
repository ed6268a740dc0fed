"""What a project asks for, as shown to a member, and what is wrong with an answer to it."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

UNAPPROVED_CAP = 20
_NUMBER = re.compile(r"[0-9]{8}(?:[0-9]{8})?", re.ASCII)


@dataclass(frozen=True)
class Ask:
    """Everything that a member agrees to. Two asks with one hash are the same ask."""

    project_id: int
    project: str
    leader: str
    organization: str
    consent_text: str
    username: bool
    all_sources: bool
    sources: tuple[tuple[int, str], ...]

    def canonical(self) -> str:
        """Return the JSON that is hashed and kept."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        return sha256(self.canonical())

    @property
    def text_sha256(self) -> str:
        return sha256(self.consent_text)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_number(text: object) -> bool:
    """Say whether this has the form of a project member id."""
    return isinstance(text, str) and bool(_NUMBER.fullmatch(text))
