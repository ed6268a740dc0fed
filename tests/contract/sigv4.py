"""What the strict store of the tests checks of every request: who signed it, until when, and what its body sums to.

After AWS's own description of Signature Version 4, and without the SDK that it checks.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl, quote

ACCESS_KEY, SECRET_KEY, REGION = "strict-key", "strict-secret", "eu-north-1"


class Refusal(Exception):
    """The answer is an error in S3's words."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


class Asked(Protocol):
    """A request, with the sums of its body as it came."""

    command: str
    key: str  # the path, decoded
    query_text: str
    query: dict[str, str]
    sha256: str
    md5: str

    @property
    def headers(self) -> Mapping[str, str]: ...


def check_signature(request: Asked) -> None:
    """Refuse whatever is not signed as it should be, by header or by query (SigV4)."""
    if "X-Amz-Signature" in request.query:
        said = {name: request.query.get(f"X-Amz-{name}", "") for name in ("Credential", "Date", "SignedHeaders")}
        signature, payload = request.query["X-Amz-Signature"], "UNSIGNED-PAYLOAD"
        _check_expiry(said["Date"], request.query.get("X-Amz-Expires", ""))
    else:
        match = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})",
            request.headers.get("Authorization", ""),
        )
        if match is None:
            raise Refusal(403, "AccessDenied")
        said = {"Credential": match[1], "SignedHeaders": match[2], "Date": request.headers["X-Amz-Date"]}
        signature, payload = match[3], request.headers["X-Amz-Content-SHA256"]
        _check_expiry(said["Date"], "900")
    if not hmac.compare_digest(_signature(request, said, payload), signature):
        raise Refusal(403, "SignatureDoesNotMatch")


def _check_expiry(date: str, seconds: str) -> None:
    if not re.fullmatch(r"\d{8}T\d{6}Z", date) or not seconds.isdigit() or int(seconds) > 604800:
        raise Refusal(400, "AuthorizationQueryParametersError")
    signed = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not timedelta(minutes=-15) < now() - signed < timedelta(seconds=int(seconds)):
        raise Refusal(403, "AccessDenied")


def now() -> datetime:
    """Return the time; a test that moves the clock replaces this."""
    return datetime.now(UTC)


def _signature(request: Asked, said: dict[str, str], payload: str) -> str:
    scope = said["Credential"].split("/")
    if scope != [ACCESS_KEY, said["Date"][:8], REGION, "s3", "aws4_request"]:
        raise Refusal(403, "InvalidAccessKeyId")
    names = said["SignedHeaders"].split(";")
    if "host" not in names or any(
        name.lower() not in names for name in request.headers if name.lower().startswith("x-amz-")
    ):
        raise Refusal(403, "AccessDenied")
    pairs = [pair for pair in parse_qsl(request.query_text, keep_blank_values=True) if pair[0] != "X-Amz-Signature"]
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(pairs))
    headers = "".join(f"{name}:{' '.join((request.headers[name] or '').split())}\n" for name in names)
    canonical = "\n".join(
        [request.command, quote(request.key, safe="/-_.~"), query, headers, said["SignedHeaders"], payload]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", said["Date"], "/".join(scope[1:]), digest])
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (*scope[1:], text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def check_sums(request: Asked) -> None:
    """Refuse a body that is not the one that was signed or summed."""
    said = request.headers.get("X-Amz-Content-SHA256")
    if said not in (None, "UNSIGNED-PAYLOAD", request.sha256):
        raise Refusal(400, "XAmzContentSHA256Mismatch")
    md5 = request.headers.get("Content-MD5")
    if md5 is not None and base64.b64decode(md5).hex() != request.md5:
        raise Refusal(400, "BadDigest")
