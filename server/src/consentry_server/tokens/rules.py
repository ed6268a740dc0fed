"""The forms of bearer tokens."""

from dataclasses import dataclass

MASTER = "csm"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a project, and how many members it has. `fingerprint` names the token in the ledger."""

    project_id: int
    members: int
    fingerprint: str
