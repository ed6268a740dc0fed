"""In which language a mail is written."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import translation

_WITHOUT_ONE = "en"  # of a person who did not choose


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Have what is said inside in the language of whoever reads it; the thread is left in none."""
    with translation.override(language or _WITHOUT_ONE, deactivate=True):
        yield
