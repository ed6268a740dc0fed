"""The facts file: what outside clients and tests need to know of the demo, its secrets in clear."""

from datetime import datetime
from typing import Any

from consentry_server.common.keys import derive
from consentry_server.files.rules import LINK_FOR, Link, sign_link
from consentry_server.ops.world import tokens
from consentry_server.ops.world.people import ALICE, BIG, BOB, JOINER, ROSA, Person
from consentry_server.projects import queries as projects

World = dict[str, Any]


def facts(world: World, *, site: str, commands: dict[str, str], now: datetime) -> dict[str, Any]:
    """Return the facts of a world served at `site`; what comes with later versions is null."""
    return {
        "on_site": _project(world, "on_site", now) | _on_site(world, site),
        "oauth2": None,
        "oauth2_hook": None,
        "big": _project(world, "big", now) | {"n_members": BIG},
        "source": _project(world, "source", now),
        "public_source": None,
        "users": {
            "alice": _person(world, ALICE)
            | {
                "access_token": None,
                "refresh_token": None,
                "file": world["file"],
                "public_file": None,
            },
            "bob": _person(world, BOB),
            "joiner": _login(world, JOINER),
        },
        "expired": {"master_token": world["expired_token"], "access_token": None},
        "expired_download_url": site + expired_path(world, now),
        "outbox_command": commands["outbox-mail"],
        "reset_token_command": commands["reset-token"],
        "consent_command": None,
    }


def _project(world: World, key: str, now: datetime) -> dict[str, Any]:
    project = projects.get(world["projects"][key])
    return {
        "id": project.pk,
        "id_label": project.id_label,
        "name": project.name,
        "master_token": tokens.lasting(project.pk, now=now),
    }


def _on_site(world: World, site: str) -> dict[str, Any]:
    slug, numbers = projects.get(world["projects"]["on_site"]).slug, world["numbers"]["on_site"]
    return {
        "members": [numbers[ALICE.username], numbers[BOB.username]],
        "revoked_member": numbers[ROSA.username],
        "join_url": f"{site}/direct-sharing/projects/on-site/join/{slug}/",
    }


def _login(world: World, person: Person) -> dict[str, Any]:
    return {
        "username": person.username,
        "password": world["passwords"][person.username],
        "email": person.email,
        "n_files": world["n_files"][person.username],
    }


def _person(world: World, person: Person) -> dict[str, Any]:
    return _login(world, person) | {
        "on_site": world["numbers"]["on_site"][person.username],
        "oauth2": None,
    }


def expired_path(world: World, now: datetime) -> str:
    """Return a download link of alice's file as it was handed out two hours ago."""
    link = Link("a", world["alice_in_on_site"], int(now.timestamp()) - LINK_FOR)
    file_id = world["file"]["id"]
    signed = sign_link(derive("links"), link, stage="link", file_id=file_id)
    return f"/data-management/datafile-download/{file_id}/?key={signed}"
