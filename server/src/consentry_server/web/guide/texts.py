"""What there is to read: each page is made of one or more texts, so that nothing is written twice."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consentry_server.members.rules import LANGUAGES
from consentry_server.web.words import Words

ON_SITE, OAUTH2 = "on-site", "oauth2"
_TOPICS = (
    ("features", _("What it can do"), ("features-{kind}",)),
    ("setup", _("Setting it up"), ("setup-{kind}",)),
    ("data-access", _("Data access"), ("access-{kind}", "access-files", "access-code-{kind}", "access-project")),
    ("messages", _("Messages"), ("messages-{kind}", "messages")),
    ("member-removal", _("Removing members, and leaving"), ("removal-{kind}", "removal")),
    ("data-upload", _("Bringing files"), ("upload-{kind}", "upload")),
)
_NAMES = {ON_SITE: _("On-site projects"), OAUTH2: _("OAuth2 projects")}


@dataclass(frozen=True)
class Page:
    """One page of the guide; `kind` is that of the projects that it is for, or "" for both."""

    slug: str
    title: Words
    kind: str
    parts: tuple[str, ...]

    @property
    def over(self) -> Words:
        """What stands over the title."""
        return _NAMES.get(self.kind, _("For researchers and makers of apps"))

    def text(self) -> str:
        """Return the page as Markdown, with places for the reader's own values."""
        language = get_language() or ""
        return "\n".join(_part(name, language) for name in self.parts)


# What is a sample of code in the original stands as this in the other languages, so that it is written once.
SAMPLE = "«CODE»"
_SAMPLES = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TEXTS = files("consentry_server.web.guide").joinpath("text")


@cache
def _part(name: str, language: str) -> str:
    original = _TEXTS.joinpath(f"{name}.md").read_text("utf-8")
    place = _TEXTS.joinpath(language, f"{name}.md")
    if language not in LANGUAGES or not place.is_file():
        return original
    first, *rest = place.read_text("utf-8").split(SAMPLE)
    return first + "".join(sample + words for sample, words in zip(_SAMPLES.findall(original), rest, strict=True))


def _of_kind(kind: str) -> list[Page]:
    return [
        Page(f"{kind}-{slug}", title, kind, tuple(part.format(kind=kind) for part in parts))
        for slug, title, parts in _TOPICS
    ]


GENERAL = [
    Page("overview", _("How projects work"), "", ("overview",)),
    Page("approval", _("Approval"), "", ("approval",)),
]
GROUPS = [(_("Both kinds"), GENERAL), *((name, _of_kind(kind)) for kind, name in _NAMES.items())]
PAGES = {each.slug: each for _, pages in GROUPS for each in pages}
