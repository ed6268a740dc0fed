"""The facts file: what outside clients and tests need to know of the demo, its secrets in clear."""

from datetime import datetime
from typing import Any

from consentry_server.common.keys import derive
from consentry_server.files.rules import LINK_FOR, Link, sign_link
from consentry_server.ops.world import apps, tokens
from consentry_server.ops.world.people import ALICE, BIG, BOB, JOINER, ROSA, Person
from consentry_server.projects import queries as projects
from consentry_server.tokens.actions import Pair

World = dict[str, Any]


def facts(world: World, *, site: str, commands: dict[str, str], now: datetime) -> dict[str, Any]:
    """Return the facts of a world served at `site`; what comes with later versions is null."""
    return {
        "on_site": _project(world, "on_site", now) | _on_site(world, site),
        "oauth2": _project(world, "oauth2", now) | apps.facts(world, "oauth2") | _oauth2(world),
        "oauth2_hook": _project(world, "oauth2_hook", now) | apps.facts(world, "oauth2_hook") | _hook(world, now),
        "big": _project(world, "big", now) | {"n_members": BIG},
        "source": _project(world, "source", now),
        "public_source": None,
        "users": {
            "alice": _person(world, ALICE) | _bears(world, now) | {"file": world["file"], "public_file": None},
            "bob": _person(world, BOB),
            "joiner": _login(world, JOINER),
        },
        "expired": {"master_token": world["expired_token"], "access_token": world["expired_access"]},
        "expired_download_url": site + expired_path(world, now),
        "outbox_command": commands["written-mail"],
        "reset_token_command": commands["reset-token"],
        "consent_command": commands["agree"],
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


def _oauth2(world: World) -> dict[str, Any]:
    numbers = world["numbers"]["oauth2"]
    (name, datatype_id), *_ = world["datatypes"].items()
    return {
        "members": [numbers[ALICE.username], numbers[BOB.username]],
        "datatype": {"id": datatype_id, "name": name},
    }


def _hook(world: World, now: datetime) -> dict[str, Any]:
    return apps.hook_facts(world["projects"]["oauth2_hook"], now=now)


def _bears(world: World, now: datetime) -> dict[str, str | None]:
    """Return tokens for alice that are good for hours: new ones at each start."""
    pair = apps.pair(world["projects"]["oauth2"], world["members"][ALICE.username], now=now)
    return {"access_token": None, "refresh_token": None} if pair is None else _in_clear(pair)


def _in_clear(pair: Pair) -> dict[str, str | None]:
    return {"access_token": pair.access, "refresh_token": pair.refresh}


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
        "oauth2": world["numbers"]["oauth2"][person.username],
    }


def expired_path(world: World, now: datetime) -> str:
    """Return a download link of alice's file as it was handed out two hours ago."""
    link = Link("a", world["alice_in_on_site"], int(now.timestamp()) - LINK_FOR)
    file_id = world["file"]["id"]
    signed = sign_link(derive("links"), link, stage="link", file_id=file_id)
    return f"/data-management/datafile-download/{file_id}/?key={signed}"
