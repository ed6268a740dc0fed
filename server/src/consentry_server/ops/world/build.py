"""From a folder, whatever its state, to a demo in which everything is in place."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from consentry_server.ops._start import now, say, start
from consentry_server.ops.migrate import migrate
from consentry_server.ops.world import folder
from consentry_server.ops.world.folder import Demo


@dataclass(frozen=True)
class Place:
    """Where the demo was asked to be; None leaves it to the folder."""

    data: Path
    database: str | None
    storage: str | None
    fresh: bool


def build(place: Place, *, site: str) -> Demo:
    """Make or find the demo of a folder and load its settings."""
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with folder.locked(place.data):
        demo = _found_or_begun(place, site)
        folder.use(demo, site=site)
        start()
        migrate()
        return _filled(demo)


def _found_or_begun(place: Place, site: str) -> Demo:
    old = folder.found(place.data)
    if old is not None and not place.fresh:
        _refuse_elsewhere(place, old)
        demo = replace(old, site=site)
    else:
        demo = _begun(place, old, site)
    folder.save(demo)
    return demo


def _refuse_elsewhere(place: Place, old: Demo) -> None:
    asked = (place.database or old.database, _storage(place) or old.storage)
    if asked != (old.database, old.storage):
        raise click.ClickException(
            f"The demo in {place.data} keeps its data elsewhere. Use --fresh, or another --data."
        )


def _begun(place: Place, old: Demo | None, site: str) -> Demo:
    """Return an empty demo, having emptied the folder of the one before."""
    database = place.database or ""
    ours = old is not None and old.ours and old.database == database
    demo = Demo(place.data.absolute(), site, database, _storage(place), ours=ours)
    if old is not None:
        folder.empty(old.path)
    place.data.chmod(0o700)
    return demo


def _storage(place: Place) -> str:
    """Return the folder or the object store for the bytes of files."""
    if place.storage and place.storage.startswith("s3://"):
        return place.storage
    return str(Path(place.storage).absolute()) if place.storage else ""


def _filled(demo: Demo) -> Demo:
    """Fill a demo that is empty. A database with somebody else in it is never touched."""
    from consentry_server.members.queries import anybody

    if anybody():
        if demo.world:
            return _lasting(demo)
        if not demo.ours:
            raise click.ClickException(
                "The database already holds accounts that no demo in this folder made, so nothing was done."
            )
        _flush()
    return _fill(demo)


def _lasting(demo: Demo) -> Demo:
    """Return a demo of an earlier start, in which everything works again."""
    from consentry_server.ops.world import apps

    if "client_secrets" not in demo.world:
        raise click.ClickException(f"The demo in {demo.path} is of an earlier version. Use --fresh, or another --data.")
    apps.have_hook(demo.world["projects"]["oauth2_hook"], now=now())
    demo = replace(demo, world=apps.with_secrets(demo.world, now=now()))
    folder.save(demo)
    return demo


def _flush() -> None:
    from django.core.management import call_command

    from consentry_server.audit.immutable import emptying

    with emptying():
        call_command("flush", interactive=False, verbosity=0)
    migrate()  # what stands in each installation went too


def _fill(demo: Demo) -> Demo:
    """Make the world and remember it, both or neither."""
    from django.db import transaction

    from consentry_server.ops.world.fill import fill

    say("Making people, projects and files …")
    with transaction.atomic():
        demo = replace(demo, world=fill(now=now()), ours=True)
        folder.save(demo)
    return demo
