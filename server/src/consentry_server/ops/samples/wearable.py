"""What a wristband exports: steps, heart rate, sleep."""

import json
from datetime import date, datetime, timedelta
from math import cos, pi
from random import Random
from typing import Any

from consentry_server.ops.samples.sample import Sample, days, described, dice

STAGES = (("light", 0.52), ("rem", 0.22), ("deep", 0.19), ("awake", 0.07))


def steps(seed: str, month: date) -> Sample:
    """Return a month of daily steps as CSV."""
    random, month_days = dice("steps", seed, month), days(month)
    rows = ["date,steps,distance_m,floors,active_minutes"]
    rows += [_steps_row(random, day) for day in month_days]
    return described(
        f"steps-{month:%Y-%m}.csv",
        "\n".join([*rows, ""]).encode(),
        about=f"Daily steps, {month:%B %Y}",
        tags=["steps", "activity", "csv"],
        first=month_days[0],
        last=month_days[-1],
    )


def _steps_row(random: Random, day: date) -> str:
    usual = 6200 if day.weekday() >= 5 else 8900
    count = max(240, int(random.gauss(usual, 2400)))
    stride = random.uniform(0.68, 0.76)
    floors, minutes = random.randint(0, 18), count // random.randint(95, 130)
    return f"{day},{count},{count * stride:.0f},{floors},{minutes}"


def heart_rate(seed: str, day: date) -> Sample:
    """Return a day of heart rates, one a minute, as JSON."""
    random = dice("heart", seed, day)
    resting = random.randint(52, 66)
    readings = [
        {"time": f"{minute // 60:02}:{minute % 60:02}", "bpm": _bpm(random, resting, minute)}
        for minute in range(1440)
        if random.random() > 0.02  # now and then it was not worn tightly enough
    ]
    return described(
        f"heart-rate-{day}.json",
        _json({"date": str(day), "resting_bpm": resting, "readings": readings}),
        about=f"Heart rate by the minute, {day:%d %B %Y}",
        tags=["heart rate", "json"],
        first=day,
        last=day,
    )


def _bpm(random: Random, resting: int, minute: int) -> int:
    awake = (1 - cos(2 * pi * (minute - 210) / 1440)) / 2
    run = 62 if 1065 <= minute < 1110 else 0
    return int(resting + 22 * awake + run + random.gauss(0, 4))


def sleep(seed: str, month: date) -> Sample:
    """Return a month of nights with their stages as JSON."""
    random, month_days = dice("sleep", seed, month), days(month)
    nights = [_night(random, day) for day in month_days]
    return described(
        f"sleep-{month:%Y-%m}.json",
        _json({"month": f"{month:%Y-%m}", "nights": nights}),
        about=f"Sleep with stages, {month:%B %Y}",
        tags=["sleep", "json"],
        first=month_days[0],
        last=month_days[-1],
    )


def _night(random: Random, day: date) -> dict[str, Any]:
    start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=random.gauss(1390, 35))
    start = start.replace(microsecond=0)
    stages, at = [], start
    for _ in range(random.randint(16, 26)):
        name = random.choices([name for name, _ in STAGES], [share for _, share in STAGES])[0]
        minutes = random.randint(3, 12) if name == "awake" else random.randint(8, 38)
        stages.append({"stage": name, "start": at.isoformat(), "minutes": minutes})
        at += timedelta(minutes=minutes)
    return {"start": start.isoformat(), "end": at.isoformat(), "stages": stages}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()
