"""Requirements are pinned and hashed, and tell nothing about where a machine fetches from."""

import json
import re
from pathlib import Path

ADDRESS = re.compile(r"://|--(index-url|extra-index-url|find-links|trusted-host)|(^|\s)[./~]\S*/")


def loose_requirements(lock: Path) -> list[str]:
    text = lock.read_text().replace("\\\n", " ")
    return [
        f"{lock.name}: {line.split()[0]} is not pinned with a hash"
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
        if "==" not in line.split(";")[0] or "--hash=sha256:" not in line
    ]


def loose_modules(lock: Path) -> list[str]:
    """What npm fetches has an exact version and a hash, too."""
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    return [
        f"{lock.name}: {name} is not pinned with a hash"
        for name, package in packages.items()
        if name and not ("version" in package and package.get("integrity", "").startswith("sha512-"))
    ]


def addresses(lock: Path) -> list[str]:
    return [
        f"{lock.name}:{number} {line.strip()}"
        for number, line in enumerate(lock.read_text().splitlines(), 1)
        if ADDRESS.search(line)
    ]
