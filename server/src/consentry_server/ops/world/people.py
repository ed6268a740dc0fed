"""The people of the demo."""

from collections.abc import Iterator
from dataclasses import dataclass

BIG = 104  # members of the big project


@dataclass(frozen=True)
class Person:
    """A member of the demo; `part` says what they are there for."""

    username: str
    name: str
    part: str = ""

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


ALICE = Person("alice", "Alice Moreau", "shares 105 files with a sleep study")
BOB = Person("bob", "Bob Okafor", "shares 2 files with the same study")
JOINER = Person("joiner", "Joy Lindqvist", "has files and shares them with no study yet")
ROSA = Person("rosa", "Rosa Jiménez", "was in the study and has left it")
COORDINATOR = Person("coordinator", "Dr. Mara Voss", "runs every project of the demo")
ANALYST = Person("analyst", "Tomas Lund", "reads the data of the study, in its team")
OPERATOR = Person("operator", "Ines Falk", "runs the installation: staff pages, reviews of projects")
PEOPLE = (ALICE, BOB, JOINER, ROSA, COORDINATOR, ANALYST, OPERATOR)

_GIVEN = [
    "Amina",
    "Bas",
    "Chidi",
    "Dana",
    "Emre",
    "Farah",
    "Goran",
    "Hana",
    "Ivo",
    "Jun",
    "Kirsi",
    "Lior",
    "Mei",
]
_FAMILY = ["Haddad", "Novak", "Silva", "Tanaka", "Weber", "Brandt", "Costa", "Eze"]


def walkers() -> Iterator[Person]:
    """Name the members of the big project, who never log in."""
    for family in _FAMILY:
        for given in _GIVEN:
            yield Person(f"{given}_{family}".lower(), f"{given} {family}", "walks")
