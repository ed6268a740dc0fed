"""The archive that a service sends to whoever asks for all of their data."""

import json
from datetime import date
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from consentry_server.ops.samples.places import track
from consentry_server.ops.samples.sample import Sample, described
from consentry_server.ops.samples.wearable import heart_rate, steps

README = "Everything that we hold about you. See activities.json for the list of what is inside.\n"


def activity_archive(seed: str, year: int) -> Sample:
    """Return a zip with a year of steps, some runs and some days of heart rate."""
    inside = [steps(seed, date(year, month, 1)) for month in range(1, 13)]
    inside += [track(seed, date(year, month, 9), points=250) for month in (3, 6, 9)]
    inside += [heart_rate(seed, date(year, month, 9)) for month in (3, 6)]
    listing = [{"file": sample.name, "about": sample.metadata["description"]} for sample in inside]
    parts = {
        "README.txt": README.encode(),
        "activities.json": json.dumps(listing, indent=1).encode(),
    }
    parts |= {f"activities/{sample.name}": sample.content for sample in inside}
    return described(
        f"activity-archive-{year}.zip",
        _zip(parts, year + 1),
        about=f"All of my activities in {year}, as the service exported them",
        tags=["archive", "activity", "zip"],
        first=date(year, 1, 1),
        last=date(year, 12, 31),
    )


def _zip(parts: dict[str, bytes], year: int) -> bytes:
    """Pack without compression and with one date: compressors differ, and the bytes must not."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name, (year, 1, 2, 9, 30, 0)), content)
    return out.getvalue()
