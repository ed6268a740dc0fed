"""Looking into a file of one's own: a little of it, for whoever it belongs to. It is no line of the ledger."""

from consentry_server.common.errors import NotFound
from consentry_server.common.waiting import apart
from consentry_server.files.actions.reading import GONE
from consentry_server.files.models import DataFile
from consentry_server.storage import current as current_store


def look_into(file: DataFile, *, start: int, size: int) -> bytes:
    """Return so many bytes of a file from one of them on, fewer if it ends before. Raises NotFound and StoreDown."""
    found: list[bytes] = []
    left = min(size, file.size - start)
    try:
        with apart(), current_store().open(file.key, start=start) as blob:
            while left > 0 and (piece := blob.read(left)):  # a store may give less at once than it is asked for
                found.append(piece)
                left -= len(piece)
    except FileNotFoundError:
        raise NotFound(GONE) from None
    return b"".join(found)
