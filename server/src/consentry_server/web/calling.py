"""A page that shows what an app is told asks it here, by HTTP as the app would.

Doors do not call each other, and the application stands above them all. So the page answers `Ask(call)` instead of a
page; `config.calling` makes the call, and has the page answer the same request once more, with the answer at hand.
"""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class Call:
    """What an app sends: a form if there is one, and who it says to be, as HTTP Basic or with a token."""

    path: str
    form: dict[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    bearer: str = ""


@dataclass(frozen=True)
class Answer:
    """What it is told."""

    status: int
    reason: str
    body: str


class Ask(HttpResponse):
    """Reaches nobody's browser."""

    def __init__(self, call: Call) -> None:
        super().__init__(status=500)
        self.call = call


def answer_to(request: HttpRequest) -> Answer | None:
    """Return what the call of this request was answered with; None if none was made yet."""
    found: Answer | None = getattr(request, "answer", None)
    return found
