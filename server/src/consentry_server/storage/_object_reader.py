"""An object as an open file: read as it streams in, and taken up again where the connection broke."""

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from consentry_server.common.waiting import apart
from consentry_server.storage._s3 import TRIES, trouble
from consentry_server.storage.contract import StoreDown

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client


class Reader(io.RawIOBase):
    """The bytes of one version of an object, from some place on."""

    def __init__(self, client: "S3Client", whole: dict[str, Any], start: int = 0) -> None:
        super().__init__()
        self._client, self._whole, self._at = client, whole, start
        self._body: StreamingBody | None = None
        answer = self._get()
        self._size = start + answer["ContentLength"]
        self._whole = whole | {"IfMatch": answer["ETag"]}
        self._body = answer["Body"]

    def _get(self) -> Any:
        part: dict[str, Any] = {"Range": f"bytes={self._at}-"} if self._at else {}
        with trouble(self._whole["Key"]):
            answer = self._client.get_object(**self._whole, **part)
        if part and not str(answer.get("ContentRange")).startswith(f"bytes {self._at}-"):
            answer["Body"].close()
            raise StoreDown  # it sends something else than was asked for
        return answer

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        for _ in range(TRIES):
            if wanted <= 0:
                return 0
            data = self._some(wanted)
            if data:
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
        raise StoreDown

    def _some(self, wanted: int) -> bytes:
        """Return up to so many bytes; none if the connection broke, which the next try opens anew."""
        try:
            if self._body is None:
                self._body = self._get()["Body"]
            with apart():
                if data := self._body.read(wanted):
                    return data
        except (BotoCoreError, OSError):
            pass
        self._drop()
        return b""

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body = None

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset != self._at:
            self._drop()
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._drop()
        super().close()
