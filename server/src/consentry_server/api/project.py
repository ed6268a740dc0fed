"""`project/`: what a project says of itself. Exactly these 22 keys: a client passes them all on."""

from django.conf import settings

from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call
from consentry_server.api.shapes import label
from consentry_server.projects import queries as projects


def project(call: Call) -> tuple[int, bytes]:
    """Return the description of the calling project."""
    found, sources = projects.description(call.caller.project_id)
    badge = found["badge_image"]
    shape = {
        "active": found["paused_at"] is None,
        "approved": found["approved_at"] is not None,
        "authorized_members": found["authorized_members"],
        "badge_image": f"{settings.SITE_URL}/badge/{badge}" if badge else None,
        "contact_email": found["contact_email"],
        "id": found["id"],
        "id_label": label(found["id"]),
        "info_url": found["info_url"],
        "is_academic_or_nonprofit": found["is_academic_or_nonprofit"],
        "is_study": found["is_study"],
        "leader": found["leader"],
        "long_description": found["long_description"],
        "name": found["name"],
        "organization": found["organization"],
        "registered_datatypes": [],
        "requested_sources": [f"/api/public/project/{source}/" for source in sources],
        "request_sources_access": [label(source) for source in sources],
        "request_username_access": found["request_username_access"],
        "returned_data_description": found["returned_data_description"],
        "short_description": found["short_description"],
        "slug": found["slug"],
        "type": found["kind"],
    }
    return 200, encode(shape)
