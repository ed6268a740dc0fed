"""Archives, pictures, and what has no preview."""

import gzip
import io
import tarfile
import zipfile
from struct import pack

import pytest

from consentry_server.web.previews import HEAD
from tests.previewed import GIF, JPEG, PNG, look, titles, zipped


def test_the_names_in_a_zip_are_listed_and_nothing_is_unpacked() -> None:
    listing = look(zipped(150), "x.zip").listing

    assert listing is not None
    assert (len(listing.entries), listing.count) == (100, 150)
    assert (listing.entries[0].name, listing.entries[0].size) == ("folder/0\ufffd.csv", 1000)


def test_161_an_archive_that_lies_or_is_too_much_is_said_so() -> None:
    good = zipped(3)
    many = look(b"PK" + b"\0" * HEAD + good[:-10], "x.zip")
    for found in (look(good[:-15]), look(b"PK\x03\x04" + b"\xff" * 100), look(b"PK"), many):
        assert found.kind == "Zip archive"
        assert "cannot be listed" in found.note


def test_the_list_of_a_large_zip_is_found_at_its_end() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("large.bin", bytes(3 * HEAD))
    listing = look(out.getvalue(), "x.zip").listing

    assert listing is not None
    assert (listing.entries[0].name, listing.entries[0].size) == ("large.bin", 3 * HEAD)


def tarred(count: int = 3) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for nth in range(count):
            info = tarfile.TarInfo(f"../{nth}.csv")
            info.size = 4
            archive.addfile(info, io.BytesIO(b"1,2\n"))
    return out.getvalue()


def test_the_names_in_a_tar_are_listed_packed_or_not() -> None:
    for content in (tarred(), gzip.compress(tarred())):
        listing = look(content).listing
        assert listing is not None
        assert [entry.name for entry in listing.entries] == ["../0.csv", "../1.csv", "../2.csv"]
    cut = look(tarred(5000)).listing
    assert cut is not None
    assert (len(cut.entries), cut.count) == (100, None)


def test_161_what_is_packed_is_unpacked_only_a_little() -> None:
    small = look(gzip.compress(b"date,v\n2016-01-01,5\n2016-01-02,6\n"), "x.csv.gz")
    bomb = look(gzip.compress(b"\0" * 200_000_000), "x.gz")
    csv_bomb = look(gzip.compress(b"2016-01-01,5\n" * 10_000_000), "x.csv.gz")
    twice = look(gzip.compress(gzip.compress(b"date,v\n2016-01-01,5\n")), "x.gz")

    assert (small.kind, titles(small)) == ("Table, 2 columns, 2 rows, packed with gzip", ["v"])
    assert bomb.kind == "Packed with gzip"
    assert "more than" in csv_bomb.kind
    assert (twice.kind, twice.text) == ("Packed with gzip", "")
    assert look(gzip.compress(b"x" * 100)[:12]).plots == ()


def test_pictures_are_known_by_their_bytes() -> None:
    assert [look(content, "x.html").picture for content in (PNG, GIF, JPEG)] == [(640, 480), (64, 48), (640, 480)]
    assert look(PNG).kind == "PNG picture, 640 by 480"


@pytest.mark.parametrize(
    "broken", [PNG[:20], GIF[:8], JPEG[:22], JPEG[:4], PNG[:16] + bytes(8), JPEG[:4] + b"\0\0" * 500]
)
def test_a_picture_without_a_size_is_not_shown(broken: bytes) -> None:
    found = look(broken)

    assert found.picture is None
    assert found.note == "This could not be read as what it seems to be."


def test_205_a_picture_that_would_fill_a_browser_is_not_shown() -> None:
    huge = PNG[:16] + pack(">II", 60_000, 60_000) + PNG[24:]

    assert look(huge).picture is None
    assert "too large to be shown" in look(huge).note


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>", b"  \n<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<?xml version='1.0'?><x/>", b"%PDF-1.7\n1 0 obj", b"\x7fELF\x02\x01\x01" + bytes(100),
        b"\0asm\1\0\0\0" + bytes(99),
        b"CWS\x0a" + bytes(range(256)), b"BZh91AY", b"Rar!\x1a\x07", bytes(1000),
    ],
)  # fmt: skip
def test_142_markup_pdf_and_programs_have_no_preview(content: bytes) -> None:
    found = look(content, "x.pdf")

    assert found.note == "There is no preview of this kind of file. You can download it."
    assert (found.text, found.plots, found.table, found.picture) == ("", (), None, None)


def test_137_a_file_of_two_kinds_is_what_its_first_bytes_say() -> None:
    assert look(GIF + b"*/=alert(1)//<script>").kind.startswith("GIF picture")
    assert look(b"date,v\n2016-01-01,<script>\n").table is not None
    assert look(b"%PDF-1.7 " + zipped(1)).listing is None
