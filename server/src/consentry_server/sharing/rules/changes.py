"""What is different between what a member agreed to and what a project asks for now."""

import json
from dataclasses import dataclass

from consentry_server.sharing.rules import Ask

_TOLD = ("project", "leader", "organization", "terms_url")  # no data, but part of what was agreed to


@dataclass(frozen=True)
class Change:
    """The difference between two asks; what did not change is empty."""

    added: tuple[str, ...]  # names of sources
    dropped: tuple[str, ...]
    everything: int  # 1: all sources are asked for now, -1: no longer, 0: as before
    username: int  # likewise
    told: tuple[tuple[str, str, str], ...]  # name of a field, before, now
    text: tuple[str, str] | None  # the consent text, before and now

    @property
    def wider(self) -> bool:
        """Say whether the project would learn more than it does."""
        return bool(self.added) or self.everything > 0 or self.username > 0


def agreed_to(request: str) -> Ask:
    """Return what a consent says, from the JSON that it keeps."""
    said = json.loads(request)
    return Ask(**said | {"sources": tuple((number, name) for number, name in said["sources"])})


def change(before: Ask, now: Ask) -> Change | None:
    """Return what is different now; None: it is the same ask."""
    if before.sha256 == now.sha256:
        return None
    by_name = not (before.all_sources or now.all_sources)  # else every source is open in one of them
    return Change(
        added=_besides(now, before) if by_name else (),
        dropped=_besides(before, now) if by_name else (),
        everything=now.all_sources - before.all_sources,
        username=now.username - before.username,
        told=(*_told(before, now), *_renamed(before, now)),
        text=None if before.consent_text == now.consent_text else (before.consent_text, now.consent_text),
    )


def _besides(one: Ask, other: Ask) -> tuple[str, ...]:
    known = dict(other.sources)
    return tuple(name for number, name in one.sources if number not in known)


def _told(before: Ask, now: Ask) -> tuple[tuple[str, str, str], ...]:
    both = ((name, getattr(before, name), getattr(now, name)) for name in _TOLD)
    return tuple(one for one in both if one[1] != one[2])


def _renamed(before: Ask, now: Ask) -> tuple[tuple[str, str, str], ...]:
    names = dict(before.sources)
    return tuple(("source", names[number], name) for number, name in now.sources if names.get(number, name) != name)
