"""One generated file with what is said about it."""

import hashlib
import json
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any


@dataclass(frozen=True)
class Sample:
    """A file: its name, its bytes, its metadata."""

    name: str
    content: bytes
    metadata: dict[str, Any]

    def metadata_json(self) -> str:
        """Return the metadata as it is uploaded."""
        return json.dumps(self.metadata, ensure_ascii=False)


def described(name: str, content: bytes, *, about: str, tags: list[str], first: date, last: date) -> Sample:
    """Return a file with metadata that fits it."""
    facts = {
        "description": about,
        "tags": tags,
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "creation_date": (last + timedelta(days=1)).isoformat(),
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "dataYear": first.year,
    }
    return Sample(name, content, facts)


def dice(*seed: object) -> Random:
    """Return a generator that always throws the same for the same words."""
    return Random(":".join(map(str, seed)))  # noqa: S311 - made to be foreseeable


def days(month: date) -> list[date]:
    """Return every day of the month in which that day lies."""
    return [month.replace(day=day) for day in range(1, monthrange(month.year, month.month)[1] + 1)]
