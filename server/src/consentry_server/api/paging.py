"""Pages of a listing: which rows are asked for, and the links to the next and the previous."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from django.http import HttpRequest

from consentry_server.api.hosts import host_of
from consentry_server.common.strict import page_number

DEFAULT, MOST = 100, 1000


@dataclass(frozen=True, slots=True)
class Page:
    """The rows from `offset`, `limit` at most, and the address that was asked."""

    limit: int
    offset: int
    request: HttpRequest

    def next(self, count: int) -> str | None:
        """Return the address of the page after this, or None at the end."""
        after = self.offset + self.limit
        return self._link(after) if after < count else None

    def previous(self) -> str | None:
        """Return the address of the page before this, or None at the beginning."""
        return self._link(self.offset - self.limit) if self.offset > 0 else None

    def _link(self, offset: int) -> str:
        query = parse_qs(self.request.META.get("QUERY_STRING", ""), keep_blank_values=True)
        query["limit"] = [str(self.limit)]
        query.pop("offset", None)
        if offset > 0:
            query["offset"] = [str(offset)]
        address = f"{self.request.scheme}://{host_of(self.request)}{self.request.path}"
        return f"{address}?{urlencode(sorted(query.items()), doseq=True)}"


def page_of(request: HttpRequest) -> Page:
    """Read `limit` and `offset`: what makes no sense falls back, a limit above 1,000 is cut."""
    limit = page_number(request.GET.get("limit")) or DEFAULT
    offset = page_number(request.GET.get("offset")) or 0
    return Page(min(limit, MOST), offset, request)
