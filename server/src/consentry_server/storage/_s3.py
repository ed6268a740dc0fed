"""How this server speaks to an object store: one client, short patience, errors in the words of the contract."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from consentry_server.common.waiting import apart
from consentry_server.storage.contract import StoreDown, StoreFull

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

log = logging.getLogger(__name__)

CONNECT_WITHIN, ANSWER_WITHIN, TRIES = 5, 30, 3
_GONE = {"NoSuchKey", "NotFound", "404"}
_FULL = {
    "507",
    "InsufficientStorage",
    "QuotaExceeded",
    "XMinioStorageFull",
    "XMinioAdminBucketQuotaExceeded",
}
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}


@dataclass(frozen=True)
class Place:
    """A bucket and the beginning of every key in it, out of `s3://bucket/prefix`."""

    bucket: str
    prefix: str

    @classmethod
    def at(cls, location: str) -> "Place":
        parts = urlsplit(location)
        prefix = parts.path.strip("/")
        return cls(parts.netloc, f"{prefix}/" if prefix else "")


@dataclass(frozen=True)
class Connection:
    """A client, which all threads share, and with what it signs."""

    client: "S3Client"
    credentials: "Credentials | None"

    @classmethod
    def to(cls, endpoint: str | None = None) -> "Connection":
        """Connect where AWS's own variables say, or to an endpoint that is given."""
        session = boto3.Session()
        with trouble():
            return cls(session.client("s3", config=_config(), endpoint_url=endpoint), session.get_credentials())


def _config() -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_WITHIN,
        read_timeout=ANSWER_WITHIN,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        max_pool_connections=64,
        # every store checks the SHA-256 of a signed body; of the newer checksums some know nothing
        s3={"payload_signing_enabled": True},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def code_of(error: ClientError) -> str:
    """Return the store's own word for what went wrong."""
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def trouble(key: str = "") -> Iterator[None]:
    """Ask the store, without a database connection, and turn what can go wrong into the errors of the contract."""
    try:
        with apart():
            yield
    except ClientError as error:
        raise _meant(error, key) from error
    except BotoCoreError as error:
        log.error("the object store does not answer: %s", type(error).__name__)  # noqa: TRY400 - no trace is needed
        raise StoreDown from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # of the temporary file that a part waits in
            raise StoreFull from error
        raise


def _meant(error: ClientError, key: str) -> Exception:
    code = code_of(error)
    if code in _GONE:
        return FileNotFoundError(key)
    if code in _TAKEN:
        return FileExistsError(key)
    log.error("the object store refused %s: %s", error.operation_name, code)
    return StoreFull() if code in _FULL else StoreDown()
