"""The files of the demo: always the same, in the formats that people have."""

import csv
import hashlib
import json
from collections import Counter
from datetime import date
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from consentry_server.files.rules import clean_basename, read_metadata
from consentry_server.ops.samples import (
    Sample,
    activity_archive,
    genotype,
    heart_rate,
    sleep,
    steps,
    track,
)
from consentry_server.ops.world.collections import FIRST, collections
from consentry_server.ops.world.own import additions
from consentry_server.ops.world.projects import plans
from tests.previewed import look

DAY = date(2016, 5, 1)
MAKERS = [
    steps,
    heart_rate,
    sleep,
    track,
    genotype,
    lambda seed, day: activity_archive(seed, day.year),
]


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_seed_gives_the_same_bytes_and_another_one_others(make: object) -> None:
    first, again, other = (make(seed, DAY) for seed in ("a", "a", "b"))  # type: ignore[operator]
    assert first == again
    assert first.content != other.content


@pytest.mark.parametrize("make", MAKERS)
def test_each_file_is_described_as_an_upload_must_be(make: object) -> None:
    sample: Sample = make("a", DAY)  # type: ignore[operator]
    _, metadata = read_metadata(sample.metadata_json())
    assert metadata["md5"] == hashlib.md5(sample.content, usedforsecurity=False).hexdigest()
    assert clean_basename(sample.name) == sample.name
    assert len(sample.content) < 500_000


def test_steps_are_a_table_with_a_line_for_each_day() -> None:
    rows = list(csv.DictReader(StringIO(steps("a", DAY).content.decode())))
    assert [row["date"] for row in rows][::30] == ["2016-05-01", "2016-05-31"]
    assert all(int(row["steps"]) > 0 for row in rows)


def test_heart_rates_are_those_of_the_living() -> None:
    readings = json.loads(heart_rate("a", DAY).content)["readings"]
    assert 1300 < len(readings) <= 1440
    assert all(35 < reading["bpm"] < 200 for reading in readings)


def test_sleep_has_a_night_for_each_day() -> None:
    assert len(json.loads(sleep("a", DAY).content)["nights"]) == 31


def test_a_track_is_gpx() -> None:
    root = ET.fromstring(track("a", DAY).content)  # noqa: S314 - our own
    assert len(root.findall(".//{http://www.topografix.com/GPX/1/1}trkpt")) == 700


def test_a_genotype_says_that_it_is_nobodys() -> None:
    lines = genotype("a", DAY).content.decode().splitlines()
    assert "SYNTHETIC" in lines[0]
    assert all(len(line.split("\t")) == 4 for line in lines if not line.startswith("#"))


def test_an_archive_lists_what_is_inside() -> None:
    with ZipFile(BytesIO(activity_archive("a", 2015).content)) as archive:
        listing = json.loads(archive.read("activities.json"))
        assert {f"activities/{line['file']}" for line in listing} <= set(archive.namelist())


def test_the_people_have_the_files_that_the_world_promises() -> None:
    found = collections()
    names = [sample.name for sample in found["alice", "source"]]
    assert names[0] == FIRST.name == "alice-000.csv"
    assert FIRST.content == b"alice,0\n"
    assert len(names) == len(set(names)) == 105
    counts = Counter({pair: len(samples) for pair, samples in found.items()})
    assert counts["bob", "source"] == 2
    assert counts["alice", "unasked"] == counts["alice", "public_source"] == 1
    assert counts["bob", "public_source"] == counts["rosa", "source"] == 1
    assert counts["joiner", "source"] == 3


def test_every_project_has_a_consent_text_and_fits_its_fields() -> None:
    for plan in plans():
        assert plan.kind == "oauth2" or plan.about["consent_text"].startswith("# ")
        assert len(plan.about["short_description"]) <= 140
        assert len(plan.about.get("returned_data_description", "")) <= 140


def test_what_people_added_themselves_can_be_looked_at() -> None:
    seen = [look(sample.content, sample.name) for samples in additions().values() for sample in samples]

    assert [[plot.title for plot in one.plots] for one in seen] == [["weight_kg", "waist_cm"], ["Around the lake"], []]
    assert seen[2].text.startswith("Ask at the next appointment")


def test_the_files_of_the_demo_are_drawn_where_there_is_something_to_draw() -> None:
    for samples in collections().values():
        for sample in samples:
            if sample.name.endswith((".gpx", ".json")) or sample.name.startswith("steps"):
                assert look(sample.content, sample.name).plots, sample.name
