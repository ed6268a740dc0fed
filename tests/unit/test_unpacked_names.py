"""Names in an archive: they unpack anywhere, and none over another."""

import pytest

from consentry_server.files.rules import unpacked_name


def named(*basenames: str) -> list[str]:
    taken: set[str] = set()
    return [unpacked_name(name, nth + 1, taken) for nth, name in enumerate(basenames)]


@pytest.mark.parametrize(
    ("basename", "name"),
    [
        ("steps.csv", "steps.csv"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.exe", "x.exe"),
        ("/absolute", "absolute"),
        ("C:\\x", "x"),
        ("//host/share", "share"),
        ("a\x00b\x1f\u202ec.csv", "abc.csv"),
        ("a\u2215b\uff0fc", "abc"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        (" ", "file"),
        ("...", "file"),
        ("a b.csv", "a_b.csv"),
        ("trailing.", "trailing"),
        ("CON", "_CON"),
        ("nul.csv", "_nul.csv"),
        ("lpt1.tar.gz", "_lpt1.tar.gz"),
        ("console", "console"),
        ("é" * 130, "é" * 127),
        ("日" * 5000 + ".csv", "日" * 83 + ".csv"),
    ],
)
def test_160_a_name_stays_in_its_folder_and_can_be_unpacked_anywhere(basename: str, name: str) -> None:
    assert named(basename) == [name]
    assert len(name.encode()) <= 255


def test_160_names_that_differ_in_case_only_do_not_overwrite_each_other() -> None:
    assert named("a.csv", "A.CSV", "a.csv", "Straße", "STRASSE") == [
        "a.csv",
        "A-2.CSV",
        "a-3.csv",
        "Straße",
        "STRASSE-5",
    ]


def test_160_nor_does_one_that_looks_like_a_name_that_was_made_up() -> None:
    assert named("a-3.csv", "a.csv", "a.csv", "a.csv") == ["a-3.csv", "a.csv", "a-3-2.csv", "a-4.csv"]


def test_160_a_thousand_of_one_name_are_a_thousand_names_of_a_length_that_disks_take() -> None:
    names = named(*["x" * 5000 + ".csv"] * 1000)

    assert len({name.casefold() for name in names}) == 1000
    assert max(len(name.encode()) for name in names) <= 255


def test_a_hidden_name_without_an_ending_is_numbered_behind() -> None:
    assert named(".profile", ".profile") == [".profile", ".profile-2"]
