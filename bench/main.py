"""Runs the parts that were asked for, prints their figures and keeps them."""

import dataclasses
import shutil
import sys
from collections.abc import Callable, Iterable

from bench import bytes as streams
from bench import crash, growth, load, options, pages, plans, report, slow, tokens
from bench.options import Options
from bench.report import Row

PARTS: dict[str, Callable[[Options], Iterable[Row]]] = {
    "load": load.measure,
    "tokens": tokens.measure,
    "bytes": streams.measure,
    "slow": slow.measure,
    "growth": growth.measure,
    "pages": pages.measure,
    "crash": crash.measure,
    "plans": plans.measure,
}


def main() -> None:
    asked = options.read()
    for tool in ("wrk", "nginx", "curl", "dd", "sha256sum"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing. On Debian: apt-get install {tool}")
    rows: list[Row] = []
    for part in asked.parts:
        print(f"... {part}", flush=True)
        try:
            rows += PARTS[part](asked)
        finally:
            report.keep(rows, dataclasses.asdict(asked) | {"postgresql": "hidden"})
    report.show(rows)
    print(f"\nKept in {report.LATEST.relative_to(report.LATEST.parents[2])}.")
    if any(row.part == "crash" and row.what in crash.LOSSES and row.ours for row in rows):
        sys.exit("Acknowledged files were lost or something was left dangling.")


if __name__ == "__main__":
    main()
