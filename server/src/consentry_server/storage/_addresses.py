"""Signed addresses of an object store, under which clients get and put bytes without passing through this server."""

from datetime import timedelta
from functools import cached_property
from typing import Protocol
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from consentry_server.storage._s3 import Connection, Place, trouble
from consentry_server.storage.contract import StoreDown

UNREACHABLE = "none"


class Addresses(Protocol):
    """Signs, or says that clients cannot reach the store."""

    def to_get(self, key: str, *, name: str, lifetime: timedelta) -> str | None:
        """Return where an object can be downloaded, never to be run in a browser."""

    def to_put(self, key: str, *, lifetime: timedelta) -> str | None:
        """Return where an object can be put, without any header but its length."""


def addresses(connection: Connection, place: Place, reached_at: str) -> Addresses:
    """Return the addresses as clients must write them, who may know the store by another name than this server."""
    if reached_at == UNREACHABLE:
        return NoAddresses()
    return Signed(Connection.to(reached_at) if reached_at else connection, place)


class NoAddresses:
    """Of a store that only this server can reach."""

    def to_get(self, key: str, *, name: str, lifetime: timedelta) -> None:  # noqa: ARG002
        return None

    def to_put(self, key: str, *, lifetime: timedelta) -> None:  # noqa: ARG002
        return None


class Signed:
    """By hand with the SDK's signer, as its own way of making an address takes four times as long."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection, self._bucket = connection, place.bucket

    @cached_property
    def _base(self) -> str:
        """Return the address of the bucket, which the SDK writes in one of two styles."""
        whole = {"Bucket": self._bucket, "Key": "x"}
        with trouble():
            sample = self._connection.client.generate_presigned_url("head_object", Params=whole)
        return sample.partition("?")[0].removesuffix("x")

    def to_get(self, key: str, *, name: str, lifetime: timedelta) -> str:
        said = quote(name, safe="")
        forced = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{said}",
            "response-content-type": "application/octet-stream",
            "x-name": f"/{name}",
        }
        address = self._sign("GET", key, forced, lifetime)
        # Clients name a file after what stands behind the last slash of its address. The key says nothing of the
        # name, so it stands in a parameter that the store ignores, with its slash unescaped (decisions/0008).
        return address.replace(f"&x-name=%2F{said}", "", 1) + f"&x-name=/{said}"

    def to_put(self, key: str, *, lifetime: timedelta) -> str:
        return self._sign("PUT", key, {}, lifetime)

    def _sign(self, method: str, key: str, params: dict[str, str], lifetime: timedelta) -> str:
        if self._connection.credentials is None:
            raise StoreDown
        request = AWSRequest(method, self._base + quote(key, safe="/~"), params=params)
        with trouble():
            frozen = self._connection.credentials.get_frozen_credentials()
            region = self._connection.client.meta.region_name
            S3SigV4QueryAuth(frozen, "s3", region, expires=int(lifetime.total_seconds())).add_auth(request)
        return str(request.url)
