"""Things that somebody with access to the disk may plant where a store keeps files."""

import os
from pathlib import Path


def plant_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def plant_hard_link(path: Path, outside: Path) -> None:
    path.hardlink_to(outside)


def plant_pipe(path: Path, _outside: Path) -> None:
    os.mkfifo(path)


def plant_folder(path: Path, _outside: Path) -> None:
    path.mkdir()


PLANTS = [plant_link, plant_hard_link, plant_pipe, plant_folder]
