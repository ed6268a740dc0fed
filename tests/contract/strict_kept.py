"""What the strict store of the tests keeps."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.contract.sigv4 import ACCESS_KEY, REGION, SECRET_KEY

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Kept:
    """An object, or a part of one that is not finished."""

    path: Path
    etag: str
    since: datetime
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@dataclass
class Upload:
    key: str
    since: datetime
    headers: dict[str, str]
    parts: dict[int, Kept] = field(default_factory=dict)
