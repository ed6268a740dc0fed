"""What may be asked of `bench/run`."""

import argparse
from dataclasses import dataclass

from bench.place import POSTGRESQL

PARTS = ("load", "tokens", "bytes", "slow", "growth", "pages", "crash", "plans")
KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Options:
    """How much is measured, and where."""

    parts: tuple[str, ...] = PARTS
    databases: tuple[str, ...] = KINDS
    rounds: int = 5
    seconds: float = 3.0  # of one round of wrk
    members: int = 2000
    files: int = 20
    heavy: int = 2500
    large: int = 1024  # MiB of the large file
    clients: tuple[int, ...] = (300, 1000)  # slow clients of each kind
    many_members: int = 200_000
    many_files: int = 20_000
    kills: int = 50
    postgresql: str = POSTGRESQL


def read() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser("bench/run", description="Figures beside their limits.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all, or some of {', '.join(PARTS)}")
    default = Options()
    for name in ("rounds", "members", "files", "heavy", "large", "many-members", "many-files", "kills"):
        value = getattr(default, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=int, default=value, help=f"{value} unless told")
    parser.add_argument("--seconds", type=float, default=default.seconds, help="of one round, 15 at most")
    parser.add_argument("--database", choices=KINDS, action="append", help="one of the two only")
    parser.add_argument("--clients", type=int, action="append", help="slow clients of each kind")
    parser.add_argument("--postgresql", default=POSTGRESQL, help="a database to drop and make anew")
    found = vars(parser.parse_args())
    parts, databases, clients = (found.pop(name) for name in ("parts", "database", "clients"))
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return Options(
        **found,
        parts=tuple(parts) or PARTS,
        databases=tuple(databases or KINDS),
        clients=tuple(clients or default.clients),
    )
