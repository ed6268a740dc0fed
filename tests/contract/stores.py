"""Every kind of store, emptied: a folder, moto for the shape of S3, and the strict store for what it must refuse."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from moto.server import ThreadedMotoServer

from consentry_server.storage import BlobStore, _open
from consentry_server.storage._object import ObjectStore
from tests.contract.strict_s3 import Strict, strict_s3

for talkative in ("werkzeug", "botocore", "boto3", "urllib3"):
    logging.getLogger(talkative).setLevel(logging.WARNING)
LOCATION = "s3://bucket/some/prefix"
MOTO = {
    "AWS_ACCESS_KEY_ID": "moto",
    "AWS_SECRET_ACCESS_KEY": "moto",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Place:
    """An object store that runs, and a client of it."""

    environment: dict[str, str]
    store: ObjectStore
    strict: Strict | None = None
    opened: dict[str, ObjectStore] = field(default_factory=dict)  # by the address at which clients reach it

    def open(self, location: str, reached_at: str) -> BlobStore:
        """Return the store, opened once for all tests: that takes longer than most of them. AWS's variables are set."""
        if location != LOCATION:
            return _open(location, reached_at)
        if reached_at not in self.opened:
            self.opened[reached_at] = ObjectStore(location, reached_at=reached_at)
        return self.opened[reached_at]

    def empty(self) -> None:
        """Forget everything that is in it."""
        if self.strict is not None:
            self.strict.forget()
            return
        url = self.environment["AWS_ENDPOINT_URL_S3"]
        httpx.post(f"{url}/moto-api/reset").raise_for_status()
        httpx.put(f"{url}/bucket").raise_for_status()


@contextmanager
def variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set AWS's variables while this lasts; stores that were opened with others are forgotten."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    _open.cache_clear()
    try:
        yield
    finally:
        _open.cache_clear()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def opened(environment: dict[str, str], strict: Strict | None = None) -> Place:
    with variables(environment):
        return Place(environment, ObjectStore(LOCATION), strict)


@contextmanager
def moto_place() -> Iterator[Place]:
    """Serve moto on loopback."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield opened(MOTO | {"AWS_ENDPOINT_URL_S3": f"http://{host}:{port}"})
    finally:
        server.stop()


@contextmanager
def strict_place(folder: Path) -> Iterator[Place]:
    """Serve the strict store on loopback."""
    with strict_s3(folder) as state:
        yield opened(state.environment(), state)
