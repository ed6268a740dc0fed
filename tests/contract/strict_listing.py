"""Listings of the strict store, as S3 writes them."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from tests.contract.strict_kept import Kept, Upload

PAGE = 50  # keys of one listing, so that every walk turns pages


def objects(kept: Mapping[str, Kept], bucket: str, prefix: str, after: str) -> str:
    """Write a page of the objects behind a prefix."""
    names = sorted(key.removeprefix(bucket) for key in list(kept) if key.startswith(bucket + prefix))
    page = [name for name in names if name > after][: PAGE + 1]
    more = len(page) > PAGE
    rows = "".join(_row(name, kept[bucket + name]) for name in page[:PAGE])
    token = f"<NextContinuationToken>{escape(page[PAGE - 1])}</NextContinuationToken>" if more else ""
    return f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"


def _row(name: str, kept: Kept) -> str:
    return (
        f"<Contents><Key>{escape(name)}</Key><LastModified>{kept.since:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
        f"<ETag>{escape(kept.etag)}</ETag><Size>{kept.size}</Size></Contents>"
    )


def uploads(begun: Mapping[str, Upload], bucket: str, prefix: str) -> str:
    """Write the uploads in parts that are not finished."""
    rows = "".join(
        f"<Upload><Key>{escape(upload.key.removeprefix(bucket))}</Key><UploadId>{upload_id}</UploadId>"
        f"<Initiated>{upload.since:%Y-%m-%dT%H:%M:%S.000Z}</Initiated></Upload>"
        for upload_id, upload in sorted(begun.items())
        if upload.key.startswith(bucket + prefix)
    )
    return f"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{rows}</ListMultipartUploadsResult>"
