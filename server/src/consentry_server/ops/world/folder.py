"""The data folder of a demo: `demo.json` marks it, and keeps what must be known in clear."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import click

NAME = "demo.json"


@dataclass(frozen=True)
class Demo:
    """A demo: where it is and what its folder remembers. `world` is empty until all is there.

    `ours` says that whatever the database holds was put there by this demo.
    """

    path: Path
    site: str
    database: str = ""
    storage: str = ""
    ours: bool = False
    world: dict[str, Any] = field(default_factory=dict)


def found(path: Path) -> Demo | None:
    """Return the demo in a folder; None if it is empty. Refuses a folder of anything else."""
    if (path / NAME).is_file():
        kept = json.loads((path / NAME).read_text("utf-8"))
        return Demo(path.absolute(), **kept)
    if path.exists() and any(path.iterdir()):
        raise click.ClickException(
            f"{path} is not the folder of a demo, so nothing was done. Name another with --data."
        )
    return None


def opened(path: Path) -> Demo:
    """Return the demo in a folder, which must be one."""
    demo = found(path)
    if demo is None or not demo.world:
        raise click.ClickException(f"{path} is not the folder of a demo.")
    return demo


def save(demo: Demo) -> None:
    """Remember a demo in its folder, readable by its owner only."""
    kept = asdict(demo)
    del kept["path"]
    write(demo.path / NAME, kept)


def write(path: Path, value: object) -> None:
    """Write JSON so that others see all of it or nothing, and only the owner can read it."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def empty(path: Path) -> None:
    """Remove everything in the folder of a demo."""
    for inside in path.iterdir():
        if inside.is_dir() and not inside.is_symlink():
            shutil.rmtree(inside)
        else:
            inside.unlink()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one command at a time build in a folder; others wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def use(demo: Demo, *, site: str) -> None:
    """Make the settings those of this demo, whatever the environment says.

    Outside tests log in over and over from one address; wrong passwords of one person stay counted.
    """
    os.environ.setdefault("TRIES_PER_ADDRESS", "6000")
    os.environ |= {
        "CONSENTRY_MODE": "demo",
        "DATA": str(demo.path),
        "DATABASE": demo.database,
        "STORAGE": demo.storage,
        "SITE_URL": site,
        "SMTP": "",
        "STAFF_SITE": "true",
        "PROXIES": "0",
        "INTERNAL_REDIRECT": "",
    }
