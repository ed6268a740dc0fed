"""Text out of bytes, and what of it can be shown."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

LONGEST_LINE = 400  # characters that are shown of one
SAMPLE = 4096  # characters that are looked at to tell text from something else
_MARKS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
_CONTROLS = frozenset(map(chr, {*range(32), 127})) - set("\t\n\r\f\v\x1b")


def read_text(data: bytes) -> str | None:
    """Return the text that bytes are, or the beginning of one; None if they are something else."""
    text = _decoded(data)
    sample = text[:SAMPLE]
    strange = sum(letter in _CONTROLS for letter in sample)
    return None if strange > max(2, len(sample) // 100) else text


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:  # cut in the middle of a letter
            return data[: error.start].decode()
        return data.decode("cp1252", errors="replace")


def plain(text: str) -> str:
    """Return text in which nothing is hidden: what no screen shows, or what turns the direction, becomes a sign."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)


def beginning(text: str, *, lines: int, characters: int) -> tuple[str, bool]:
    """Return the first lines of a text, and whether that is all of it."""
    found, left, whole = [], characters, True
    rows = text[: 4 * characters].splitlines()
    for row in rows[:lines]:
        shown = plain(row[: min(LONGEST_LINE, left)].expandtabs(4))
        found.append(shown)
        whole = whole and len(row) <= min(LONGEST_LINE, left)
        left -= len(shown)
        if left <= 0:
            break
    return "\n".join(found), whole and len(found) == len(rows) and len(text) <= 4 * characters
