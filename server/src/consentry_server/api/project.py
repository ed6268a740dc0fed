"""`project/`: what a project says of itself. Exactly these 22 keys: a client passes them all on."""

from functools import lru_cache

from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call
from consentry_server.api.shapes import datatype_path, label
from consentry_server.common.configured import configured
from consentry_server.projects import queries as projects
from consentry_server.projects.queries import Description


def project(call: Call) -> tuple[int, bytes]:
    """Return the description of the calling project."""
    return 200, _written(projects.description(call.caller.project_id), configured().SITE_URL)


@lru_cache(maxsize=64)
def _written(found: Description, site: str) -> bytes:
    """Return what is said of a project. A row that says the same is written once: that takes longer than reading it."""
    sources = projects.ids(found.requested)
    shape = {
        "active": bool(found.active),
        "approved": bool(found.approved),
        "authorized_members": found.authorized_members,
        "badge_image": f"{site}/badge/{found.badge_image}" if found.badge_image else None,
        "contact_email": found.contact_email,
        "id": found.id,
        "id_label": label(found.id),
        "info_url": found.info_url,
        "is_academic_or_nonprofit": bool(found.is_academic_or_nonprofit),
        "is_study": bool(found.is_study),
        "leader": found.leader,
        "long_description": found.long_description,
        "name": found.name,
        "organization": found.organization,
        "registered_datatypes": [datatype_path(each) for each in projects.ids(found.registered)],
        "requested_sources": [f"/api/public/project/{source}/" for source in sources],
        "request_sources_access": [label(source) for source in sources],
        "request_username_access": bool(found.request_username_access),
        "returned_data_description": found.returned_data_description,
        "short_description": found.short_description,
        "slug": found.slug,
        "type": found.kind,
    }
    return encode(shape)
