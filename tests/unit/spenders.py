"""Threads of one process that spend from one key until they are told to stop: run by test_meter_races.py."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from consentry_server.limits.meter import Meter, numbered

THREADS = 4


def main(path: str, most: str, tries: str) -> None:
    meter = Meter(Path(path), slots=64)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()  # all processes start together

    def spend(_: int) -> int:
        spents = (meter.spend(numbered(1), now=1e9, most=(int(most), 0), add=(1, 0)) for _ in range(int(tries)))
        return sum(spent.full is None for spent in spents)

    with ThreadPoolExecutor(THREADS) as pool:
        sys.stdout.write(str(sum(pool.map(spend, range(THREADS)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
