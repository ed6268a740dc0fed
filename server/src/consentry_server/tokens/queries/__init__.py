"""Who is calling, in one statement; and what bears access."""

from consentry_server.tokens.queries.callers import Caller, ExpiredToken, UnknownToken, caller, is_master
from consentry_server.tokens.queries.masters import any_of, current, listed, named, one

__all__ = [
    "Caller",
    "ExpiredToken",
    "UnknownToken",
    "any_of",
    "caller",
    "current",
    "is_master",
    "listed",
    "named",
    "one",
]
