"""What can be seen of a file on its page; nothing of it ever runs there."""

import gzip
import json
from pathlib import Path

import pytest
from pytest_django import Settings

from consentry_server.files.models import DataFile
from consentry_server.storage import current
from consentry_server.web import datafile
from tests.doors.web.person import Person, seen
from tests.doors.web.test_data_pages import page_of
from tests.previewed import GIF, GPX, HOSTILE, JPEG, PNG, zipped
from tests.world import World, give


def test_a_table_by_day_is_seen_as_a_plot_with_its_figures_and_first_rows(world: World, alice: Person) -> None:
    rows = "".join(f"2016-04-{day:02},{day * 1000}\n" for day in range(1, 31))
    page = alice.get(page_of(give(world.alice, world.source, "steps.csv", f"date,steps\n{rows}".encode())))

    assert '<svg viewBox="0 0 640 288" class="plot" role="img"' in page.text
    assert "Highest 30,000" in seen(page)
    assert "The first rows date steps 2016-04-01 1000" in seen(page)
    assert "2016-04-13" not in seen(page)


def test_a_track_is_seen_with_its_scale(world: World, alice: Person) -> None:
    page = alice.get(page_of(give(world.alice, world.source, "run.gpx", GPX.encode())))

    assert "Length 1.112 km" in seen(page)
    assert "Start" in page.text
    assert "tile" not in page.text


def test_texts_and_archives_are_seen(world: World, alice: Person) -> None:
    text = seen(alice.get(page_of(give(world.alice, world.source, "a.txt", b"Dear diary\nToday"))))
    listed = seen(alice.get(page_of(give(world.alice, world.source, "a.zip", zipped(3)))))
    packed = alice.get(page_of(give(world.alice, world.source, "a.csv.gz", gzip.compress(b"a,b\n1,2\n3,4\n"))))

    assert "Dear diary Today" in text
    assert "folder/0\ufffd.csv 1000 bytes" in listed.replace("\xa0", " ")
    assert "Table, 2 columns, 2 rows, packed with gzip" in seen(packed)


@pytest.mark.parametrize(("content", "kind"), [(PNG, "png"), (GIF, "gif"), (JPEG, "jpeg")])
def test_136_137_a_picture_comes_as_a_picture_and_can_do_nothing_else(
    world: World, alice: Person, content: bytes, kind: str
) -> None:
    evil = content + b"<script>alert(1)</script>"
    page = page_of(give(world.alice, world.source, "x.svg", evil))
    answer = alice.get(f"{page}picture/")

    assert f'<img src="{page}picture/"' in alice.get(page).text
    assert answer.content == evil
    assert answer.headers["Content-Type"] == f"image/{kind}"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert alice.browser.head(f"{page}picture/").headers["Content-Length"] == str(len(evil))


def test_a_large_picture_comes_in_pieces(world: World, alice: Person) -> None:
    content = PNG + bytes(3_000_000)
    page = page_of(give(world.alice, world.source, "x.png", content))

    assert alice.get(f"{page}picture/").content == content


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<script>",
        b"%PDF-1.7",
        b"1,2\n",
        PNG[:18],
        b"GIF8",
        b"\xff\xd8\xff",
    ],
)
def test_136_only_pictures_come_by_the_address_of_pictures(world: World, alice: Person, content: bytes) -> None:
    page = page_of(give(world.alice, world.source, "x.png", content))

    assert alice.get(f"{page}picture/").status_code == 404
    assert "<img" not in alice.get(page).text


def test_142_markup_is_not_shown_in_any_form(world: World, alice: Person) -> None:
    for name, content in (("a.html", b"<p>ZZZ</p><script>alert(1)</script>"), ("a.pdf", b"%PDF-1.7 ZZZ")):
        page = alice.get(page_of(give(world.alice, world.source, name, content)))
        assert "There is no preview of this kind of file." in seen(page)
        assert "ZZZ" not in page.text


def test_134_cells_names_and_titles_are_text(world: World, alice: Person) -> None:
    evil = '<img src=x onerror=alert(1)>"'
    table = f'date,{evil}\n2016-01-01,5\n2016-01-02,"{evil}"\n2016-01-03,6\n2016-01-04,6\n2016-01-05,6\n'.encode()
    things = [{"date": f"2016-01-0{day}", evil: day, "note": evil} for day in range(1, 9)]
    track = GPX.replace("Run &amp; walk", "&lt;img src=x onerror=alert(1)&gt;").encode()
    for content in (table, json.dumps(things).encode(), track, evil[1:].encode()):
        text = alice.get(page_of(give(world.alice, world.source, "a.csv", content))).text
        assert "<img" not in text
        assert "onerror=alert(1)" in text


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_file_breaks_its_page_or_makes_it_heavy(world: World, alice: Person, kind: str) -> None:
    answer = alice.get(page_of(give(world.alice, world.source, "a.csv", HOSTILE[kind])))

    assert answer.status_code == 200
    assert len(answer.content) < 100 * 1024


def test_a_large_file_is_read_at_its_ends_only(
    world: World, alice: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"date,v\n" + b"2016-01-01,5\n" * 400_000
    page = page_of(give(world.alice, world.source, "a.csv", content))
    read: list[int] = []
    look_into = datafile.files.look_into
    monkeypatch.setattr(datafile.files, "look_into", lambda *a, **k: read.append(k["size"]) or look_into(*a, **k))
    shown = seen(alice.get(page))

    assert read == [1 << 20]
    assert "Drawn from the beginning of the file only, as it is large." in shown


def test_a_file_whose_bytes_are_gone_still_has_its_page(world: World, alice: Person) -> None:
    current().delete(DataFile.objects.get(id=world.file_id).key)
    page = alice.get(page_of(world.file_id))

    assert page.status_code == 200
    assert "This file cannot be read at the moment." in seen(page)
    assert alice.get(f"{page_of(world.file_id)}picture/").status_code == 404


def test_a_store_that_is_away_still_lets_the_page_be_seen(
    world: World, alice: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.STORAGE = str(tmp_path / "elsewhere")

    assert "This file cannot be read at the moment." in seen(alice.get(page_of(world.file_id)))
