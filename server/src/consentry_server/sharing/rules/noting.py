"""What a project may write down about a member."""

from django.utils.translation import gettext

from consentry_server.common.errors import Invalid

LONGEST_NOTE = 2_000  # characters
LONGEST_TAG = 40
MOST_TAGS = 20  # of one member


def tags_in(text: str) -> list[str]:
    """Return tags as they are kept, in small letters, out of a text that separates them by commas or lines.

    Raises Invalid.
    """
    words = (" ".join(word.split()).lower() for word in text.replace("\n", ",").split(","))
    found = sorted({word for word in words if word})
    if faults := _faults(found):
        raise Invalid({"tags": faults})
    return found


def _faults(tags: list[str]) -> list[str]:
    long = gettext("A tag has {most} characters at most: {tag}…")
    faults = [long.format(most=LONGEST_TAG, tag=tag[:LONGEST_TAG]) for tag in tags if len(tag) > LONGEST_TAG]
    if len(tags) > MOST_TAGS:
        faults.append(gettext("A member can have {most} tags at most.").format(most=MOST_TAGS))
    return faults


def check_note(text: str) -> None:
    """Raise Invalid if a note is too long."""
    if len(text) > LONGEST_NOTE:
        raise Invalid({"note": [gettext("Say it in {most} characters.").format(most=f"{LONGEST_NOTE:,}")]})
