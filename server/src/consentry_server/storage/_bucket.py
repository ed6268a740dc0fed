"""What the object store and its inbox do in one bucket."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from consentry_server.storage._addresses import addresses
from consentry_server.storage._multipart import Multipart, end
from consentry_server.storage._s3 import Connection, Place, code_of, trouble
from consentry_server.storage.contract import StoreDown

COPIED = 256 << 20  # bytes that the store copies at once, well within one answer's time
INERT: dict[str, Any] = {"ContentType": "application/octet-stream", "ContentDisposition": "attachment"}
Object = dict[str, Any]  # how the store is told which object is meant


class Bucket:
    """The part of a bucket that lies behind one prefix."""

    def __init__(self, location: str, reached_at: str) -> None:
        self.place = Place.at(location)
        connection = Connection.to()
        self.client = connection.client
        self.addresses = addresses(connection, self.place, reached_at)
        self._condition: dict[str, str] = {"IfNoneMatch": "*"}

    def named(self, folder: str, name: str) -> Object:
        """Return how the store is told which object is meant."""
        return {"Bucket": self.place.bucket, "Key": f"{self.place.prefix}{folder}/{name}"}

    def about(self, found: Object) -> Any:
        """Return what the store says of an object. Raises FileNotFoundError."""
        with trouble(found["Key"]):
            return self.client.head_object(**found)

    def remove(self, found: Object) -> None:
        """Remove an object; none is fine."""
        with suppress(FileNotFoundError), trouble():
            self.client.delete_object(**found)

    def is_versioned(self) -> bool:
        """Say whether the bucket keeps old versions; one that does not tell counts as one that does not."""
        try:
            with trouble():
                return "Status" in self.client.get_bucket_versioning(Bucket=self.place.bucket)
        except (StoreDown, FileNotFoundError):
            return False

    def listed(self, folder: str) -> Iterator[tuple[str, int, datetime]]:
        """Walk the objects of a folder: what their keys say after it, size and time."""
        prefix = self.place.prefix + folder
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket, Prefix=prefix)
        with trouble():
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"].removeprefix(prefix), found["Size"], found["LastModified"]

    def create(self, call: Callable[..., object]) -> None:
        """Create an object, never in the place of another: raises FileExistsError.

        A store that knows no such condition is asked without, as keys are 128 random bits.
        """
        with trouble():
            try:
                call(**self._condition)
            except ClientError as error:
                if code_of(error) not in ("NotImplemented", "501"):
                    raise
                self._condition = {}
                call()

    def copy(self, source: Object, target: Object) -> None:
        """Have the store copy one version of an object. Raises FileNotFoundError."""
        found = self.about(source)
        asked = {"CopySource": source, "CopySourceIfMatch": found["ETag"]}
        if found["ContentLength"] > COPIED:
            self._copy_in_parts(asked, target, found["ContentLength"])
        else:
            with trouble(source["Key"]):
                self.client.copy_object(**target, **asked, **INERT, MetadataDirective="REPLACE")

    def _copy_in_parts(self, asked: dict[str, Any], target: Object, size: int) -> None:
        upload = Multipart(self.client, target, INERT)
        try:
            for first in range(0, size, COPIED):
                upload.copy(asked, first, min(first + COPIED, size) - 1)
            with trouble():
                upload.finish()
        except BaseException:
            upload.end()
            raise

    def end_uploads(self, *, older_than: datetime) -> int:
        """End multipart uploads that nobody goes on with; return how many."""
        pages = self.client.get_paginator("list_multipart_uploads")
        with trouble():
            old = [
                {"Bucket": self.place.bucket, "Key": found["Key"], "UploadId": found["UploadId"]}
                for page in pages.paginate(Bucket=self.place.bucket, Prefix=self.place.prefix)
                for found in page.get("Uploads", [])
                if found["Initiated"] < older_than
            ]
        return sum(end(self.client, upload) for upload in old)
