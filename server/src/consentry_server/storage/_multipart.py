"""A large object, sent or copied part by part. Nobody sees it until it is finished."""

from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from consentry_server.storage._s3 import trouble

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class Multipart:
    """One upload in parts: `finish` it or `end` it. What a crash leaves open, `sweep` ends."""

    def __init__(self, client: "S3Client", whole: dict[str, Any], marks: dict[str, Any]) -> None:
        self._client = client
        with trouble():
            upload = client.create_multipart_upload(**whole, **marks)
        self._upload = whole | {"UploadId": upload["UploadId"]}
        self._parts: list[CompletedPartTypeDef] = []

    def send(self, part: "IO[bytes]") -> None:
        """Send the next part."""
        number = len(self._parts) + 1
        with trouble():
            sent = self._client.upload_part(**self._upload, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    def copy(self, source: dict[str, Any], first: int, last: int) -> None:
        """Have the store copy the next part from another object."""
        number = len(self._parts) + 1
        asked = source | {"CopySourceRange": f"bytes={first}-{last}"}
        with trouble():
            done = self._client.upload_part_copy(**self._upload, PartNumber=number, **asked)
        self._parts.append({"PartNumber": number, "ETag": done["CopyPartResult"]["ETag"]})

    def finish(self, **condition: Any) -> None:
        """Make one object of the parts."""
        parts: Any = {"Parts": self._parts}
        self._client.complete_multipart_upload(**self._upload, MultipartUpload=parts, **condition)

    def end(self) -> None:
        """Forget the parts, if the store can be told so now."""
        end(self._client, self._upload)


def end(client: "S3Client", upload: dict[str, Any]) -> bool:
    """End a multipart upload, so that nobody pays for its parts; say whether the store did."""
    with suppress(ClientError, BotoCoreError):
        client.abort_multipart_upload(**upload)
        return True
    return False
