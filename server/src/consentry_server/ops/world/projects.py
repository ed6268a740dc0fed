"""The projects of the demo and what they say about themselves."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from consentry_server.ops.world.apps import APPS, RETURNS_TO, free_hook


@dataclass(frozen=True)
class Plan:
    """A project to be made. `key` names it in the facts; `about` are its fields."""

    key: str
    about: dict[str, Any]
    asks_for: tuple[str, ...] = ()
    kind: str = "on-site"
    approved: bool = True


def _about(name: str, short: str, long: str, **more: Any) -> dict[str, Any]:
    usual = {
        "leader": "Dr. Mara Voss",
        "organization": "Institute for Everyday Health",
        "contact_email": "coordinator@example.org",
        "info_url": "https://example.org/" + name.lower().replace(" ", "-"),
        "is_study": False,
        "is_academic_or_nonprofit": True,
        "add_data": False,
        "explore_share": False,
        "request_username_access": False,
    }
    return usual | {"name": name, "short_description": short, "long_description": long} | more


def _consent(key: str) -> str:
    return files("consentry_server.ops.world").joinpath(f"consent/{key}.md").read_text("utf-8")


def plans() -> list[Plan]:
    """Return the projects in the order in which they are made."""
    on_site = [Plan(key, about | {"consent_text": _consent(key)}, asks_for) for key, about, asks_for in _ABOUT]
    of_apps = [Plan(key, _OF_APPS[key] | _client(key), ("source",), "oauth2") for key in APPS]
    return [*on_site, *of_apps, Plan(DRAFT, _DRAFT | {"consent_text": _consent(DRAFT)}, ("source",), approved=False)]


def _client(key: str) -> dict[str, Any]:
    """Return what an app of the older kind says of itself: it keeps a secret, and knows nothing of PKCE."""
    site = _OF_APPS[key]["info_url"]
    client = {"redirect_uris": RETURNS_TO, "enrollment_url": f"{site}/start", "terms_url": f"{site}/terms"}
    return client | {"pkce_required": False} | ({"deauth_webhook": free_hook()} if key == "oauth2_hook" else {})


_ABOUT: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    (
        "source",
        _about(
            "Wristband Diary",
            "Brings the steps, heart rate, sleep and runs of your wristband into your account.",
            "Connect the wristband that you wear anyway. Every night we fetch what it recorded "
            "and put it into your "
            "account as files: a table of daily steps for each month, heart rate by the minute, "
            "sleep with its "
            "stages, and the tracks of your runs. You decide which studies may see them. We "
            "keep no copy.",
            add_data=True,
            returned_data_description="Steps (CSV), heart rate and sleep (JSON), runs (GPX)",
        ),
        (),
    ),
    (
        "unasked",
        _about(
            "Genome Upload",
            "Keeps the file of your genotyping test in your account, checked and described.",
            "Did you have a genotyping test? Upload the file that the company gave you. We "
            "check that it can be "
            "read, say how many variants it has, and store it in your account. Nobody sees it "
            "unless you say so.",
            add_data=True,
            returned_data_description="Your genotype file as you got it, tab-separated text",
        ),
        (),
    ),
    (
        "public_source",
        _about(
            "Open Tracks",
            "Turns the runs and rides of your GPS device into tracks that you may show to everybody.",
            "Maps for walkers are made from the tracks of walkers. Bring yours, leave out the "
            "ends near your home, "
            "and choose which to publish. Published tracks are in the public domain.",
            organization="Open Tracks Association",
            add_data=True,
            explore_share=True,
            returned_data_description="GPS tracks (GPX) and a summary of each (CSV)",
        ),
        (),
    ),
    (
        "on_site",
        _about(
            "Sleep and Daylight Study",
            "Does an hour outside in the morning change how you sleep? 200 people, one year.",
            "We compare the daylight that you get with the sleep that follows. You wear your "
            "wristband as usual and "
            "share what it records. Once a month we ask three questions. Results are published "
            "with open access; "
            "you get your own figures beside those of all.",
            is_study=True,
            explore_share=True,
        ),
        ("source",),
    ),
    (
        "big",
        _about(
            "Hundred Walks",
            "A hundred neighbors count their steps for a quieter, greener town.",
            "Where do people walk, and when do they stop walking? We add up daily steps by "
            "month and show the town "
            "what a new crossing or a bench changes. Only totals leave our office.",
            organization="Walkable Town Initiative",
            is_study=True,
            explore_share=True,
        ),
        ("source",),
    ),
    (
        "expired",
        _about(
            "Winter Commute Survey",
            "How did people get to work in the dark months? The survey is over; the report is out.",
            "From November to March we looked at how people moved on working days. The survey "
            "has ended and its "
            "access to the platform has run out. Thank you to everybody who took part.",
            is_study=True,
            explore_share=True,
        ),
        ("source",),
    ),
)

DRAFT = "draft"  # waits for a review
FEATURED = ("on_site", "public_source", "source")
_DRAFT = _about(
    "Night Shift Hearts",
    "What do changing shifts do to a resting heart? Nurses and drivers find out together.",
    "We compare the resting heart rate of weeks with and without night shifts. You wear your wristband as usual, share "
    "what it records, and keep a calendar of your shifts. After half a year each of us gets a page with their own "
    "weeks, and the works council gets averages.",
    organization="Union of Night Workers",
    is_study=True,
    explore_share=True,
    erasure_supported=True,
)

_OF_APPS: dict[str, dict[str, Any]] = {
    "oauth2": _about(
        "Step Coach",
        "Sets you a goal for each week, from the steps that you really make.",
        "Most step goals are too high or too low. Step Coach reads the steps of your last weeks and sets one that "
        "you can reach. Each Sunday it puts a short table of the week into your account: goal, steps, and what comes "
        "next.",
        organization="Step Coach Cooperative",
        explore_share=True,
        request_username_access=True,
    ),
    "oauth2_hook": _about(
        "Sunday Letter",
        "Writes you a letter each Sunday: how you moved and slept in the week.",
        "No charts and no medals: a page to read with your coffee. We look at the week's steps, heart rate and sleep, "
        "write to you through this platform, and forget what we read. When you leave, our copy of your letters goes "
        "with you.",
        organization="Slow Data Press",
        explore_share=True,
        erasure_supported=True,
    ),
}
