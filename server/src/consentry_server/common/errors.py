"""The handful of ways in which a request can be refused; each door maps a kind to its answer once."""


class ConsentryError(Exception):
    """A refusal with a sentence for the person who asked."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Invalid(ConsentryError):
    """The input is wrong. `faults` says which field and why: a list of reasons, or one plain text."""

    def __init__(self, faults: dict[str, list[str] | str]) -> None:
        first = next(iter(faults.values()), "")
        super().__init__(first if isinstance(first, str) else " ".join(first))
        self.faults = faults


class NotFound(ConsentryError):
    """There is no such thing, or it is not the caller's: the two look alike."""


class Refused(ConsentryError):
    """The caller may not do this."""


class Conflict(ConsentryError):
    """What the caller acted on has changed meanwhile; nothing was done."""


class TooLarge(ConsentryError):
    """More bytes than this installation takes."""


class TooMany(ConsentryError):
    """Too many want the same at once: nothing was done, try again in a moment."""


class Unavailable(ConsentryError):
    """A service is down: nothing was kept, try again later."""


class Full(Unavailable):
    """There is no room left: nothing was kept."""
