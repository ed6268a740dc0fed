"""Makes an app that acts for some members, and the tokens of a crowd beside; prints what it calls with as JSON.

Run in a process of its own, where `bench.seed` has run: `python -m bench.pairs 96`.
"""

import json
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import seed  # sets Django up

# isort: split
from django.db import connection

from consentry_server.common.ids import new_secret
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from consentry_server.projects.models import Project
from consentry_server.sharing import queries as sharing
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.actions import Asked, Pair
from consentry_server.tokens.models import AccessToken, Family, RefreshToken
from consentry_server.tokens.rules import ACCESS, DEFAULT_SCOPE, REFRESH

NOW = datetime.now(UTC)
BACK = "https://app.example.org/complete"
RANDOM = {"sqlite": "randomblob(32)", "postgresql": "sha256(CAST(CAST(random() AS text) AS bytea))"}


def main() -> None:
    members = Member.objects.filter(username__startswith="bench1").order_by("id")[: int(sys.argv[1])]
    app = _app(members[0])
    pairs = [_pair(app, member) for member in members]
    _crowd()
    if connection.vendor == "postgresql":
        seed._run("VACUUM ANALYZE")  # noqa: SLF001
    secret = tokens.rotate_secret(project_id=app.pk, actor="bench", replacing="", overlap=timedelta(0), now=NOW)
    client = project_queries.client_of(app.pk)
    assert client is not None
    proof = b64encode(f"{client.client_id}:{secret}".encode()).decode()
    told = {"authorization": f"Basic {proof}", "refresh": [pair.refresh for pair in pairs], "access": pairs[0].access}
    json.dump(told, sys.stdout)


def _app(coordinator: Member) -> Project:
    texts = dict.fromkeys(("leader", "short_description", "long_description"), "Bench")
    about: dict[str, Any] = texts | {"name": "Bench app", "contact_email": "bench@example.org", "redirect_uris": BACK}
    about |= {"info_url": BACK, "enrollment_url": BACK, "terms_url": BACK, "is_study": False}
    about |= {"is_academic_or_nonprofit": False, "explore_share": True, "request_username_access": False}
    app = projects.create(coordinator_id=coordinator.pk, kind="oauth2", fields=about, now=NOW)
    projects.set_approved(project=app, approved=True, actor="bench", now=NOW)
    return app


def _pair(app: Project, member: Member) -> Pair:
    """Let the app in, as the member would by its page, and give it its tokens."""
    asked = Asked(app.pk, BACK, redirect_given=True, scope=DEFAULT_SCOPE)
    shown = sharing.ask(app.pk).sha256
    code = tokens.allow(member_id=member.pk, asked=asked, shown=shown, hidden=False, now=NOW)
    origin = tokens.redeemable(code=code, project_id=app.pk, now=NOW)
    assert origin is not None
    pair = Pair(new_secret(ACCESS), new_secret(REFRESH))
    tokens.issue(origin=origin, pair=pair, now=NOW)
    return pair


def _crowd() -> None:
    """Give every other authorization tokens, too, whose secrets nobody knows."""
    until = NOW + timedelta(days=100)
    others = "FROM sharing_authorization a WHERE a.id NOT IN (SELECT authorization_id FROM tokens_family)"
    plain: dict[str, Any] = {"scope": "'read'", "created_at": NOW, "expires_at": until}
    seed._insert(Family, plain | {"authorization_id": "a.id"}, others)  # noqa: SLF001
    hashed = {"sha256": RANDOM[connection.vendor], "created_at": NOW, "expires_at": until}
    bare = "FROM tokens_family f WHERE f.id NOT IN (SELECT family_id FROM tokens_accesstoken)"
    seed._insert(AccessToken, hashed | {"family_id": "f.id", "scope": "f.scope"}, bare)  # noqa: SLF001
    beside = "FROM tokens_accesstoken t WHERE t.id NOT IN (SELECT access_token_id FROM tokens_refreshtoken)"
    seed._insert(RefreshToken, hashed | {"family_id": "t.family_id", "access_token_id": "t.id"}, beside)  # noqa: SLF001


if __name__ == "__main__":
    main()
