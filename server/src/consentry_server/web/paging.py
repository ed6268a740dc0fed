"""One page of a list, and the way to its neighbors."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from consentry_server.common.strict import page_number


@dataclass(frozen=True)
class Page:
    """Some rows of a longer list."""

    rows: list[Any]
    number: int
    has_next: bool

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1


def asked_page(request: HttpRequest) -> int:
    """Return which page the address asks for; the first if it makes no sense."""
    return min(max(page_number(request.GET.get("page")) or 1, 1), 100_000)


def cut(rows: list[Any], *, number: int, size: int) -> Page:
    """Make a page from up to `size + 1` rows: one more than fits says that there is a next page."""
    return Page(rows[:size], number, len(rows) > size)
