"""One row a figure, the limit and the goal beside it; printed as tables and kept as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.wrk import Load

LATEST = Path(__file__).with_name("results") / "latest.json"
COLUMNS = ("what", "ours", "limit", "unit", "ratio", "goal", "p50 ms", "p99 ms", "CPU ms", "MiB", "errors")


@dataclass(frozen=True)
class Row:
    """A figure. `ratio` is the median of the rounds' own ratios; `low` and `high` are its extremes."""

    part: str
    where: str  # database and number of workers
    what: str
    ours: float
    unit: str
    goal: str = ""
    limit: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    p50: float | None = None
    p99: float | None = None
    limit_p50: float | None = None
    limit_p99: float | None = None
    cpu: float | None = None
    limit_cpu: float | None = None
    memory: float | None = None
    limit_memory: float | None = None
    errors: int | None = None


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def compared(ours: Sequence[float], limit: Sequence[float]) -> dict[str, Any]:
    """Return the fields of a row that compare rounds pair by pair."""
    ratios = [mine / other for mine, other in zip(ours, limit, strict=True) if other]
    return {
        "ours": middle(ours),
        "limit": middle(limit),
        "ratio": middle(ratios),
        "low": min(ratios),
        "high": max(ratios),
    }


def loads(ours: Sequence[Load], limit: Sequence[Load]) -> dict[str, Any]:
    """Return the fields of a row that rounds of wrk fill."""
    rates = [found.per_second for found in ours], [found.per_second for found in limit]
    found = compared(*rates) | _times(ours, "") | _times(limit, "limit_")
    return found | {"errors": sum(one.errors for one in (*ours, *limit))}


def _times(rounds: Sequence[Load], prefix: str) -> dict[str, float]:
    return {
        f"{prefix}p50": middle([one.p50 for one in rounds]),
        f"{prefix}p99": middle([one.p99 for one in rounds]),
        f"{prefix}cpu": middle([one.cpu for one in rounds]),
        f"{prefix}memory": max(one.peak for one in rounds),
    }


def show(rows: Sequence[Row]) -> None:
    """Print a table for each part and place."""
    for heading in dict.fromkeys((row.part, row.where) for row in rows):
        print(f"\n== {heading[0]}: {heading[1]}")
        lines = [COLUMNS, *(_cells(row) for row in rows if (row.part, row.where) == heading)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        used = [nth for nth in range(len(COLUMNS)) if any(line[nth] for line in lines[1:])]
        for line in lines:
            print("  ".join(line[nth].ljust(widths[nth]) for nth in used).rstrip())


def _cells(row: Row) -> tuple[str, ...]:
    ratio = _number(row.ratio)
    if row.low is not None and row.low != row.high:
        ratio += f" ({_number(row.low)}-{_number(row.high)})"
    pairs = (
        (row.p50, row.limit_p50),
        (row.p99, row.limit_p99),
        (row.cpu, row.limit_cpu),
        (row.memory, row.limit_memory),
    )
    figures = (_number(row.ours), _number(row.limit), row.unit, ratio, row.goal)
    errors = "" if row.errors is None else str(row.errors)
    return (row.what, *figures, *(_pair(*pair) for pair in pairs), errors)


def _pair(ours: float | None, limit: float | None) -> str:
    return " / ".join(_number(value) for value in (ours, limit) if value is not None)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def keep(rows: Sequence[Row], options: dict[str, object]) -> None:
    """Write what was measured to the one file that the next run replaces."""
    LATEST.parent.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    head = {"at": datetime.now(UTC).isoformat(), "machine": machine, "options": options}
    figures = [{key: value for key, value in asdict(row).items() if value is not None} for row in rows]
    LATEST.write_text(json.dumps(head | {"rows": figures}, indent=1) + "\n")
