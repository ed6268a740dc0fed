"""An app as the toolkit sees it."""

from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from consentry_server.common.ids import digest, well_formed
from consentry_server.projects import queries as projects
from consentry_server.projects.queries.team import member_may
from consentry_server.projects.rules import returns_to
from consentry_server.projects.rules.team import Do
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import SECRET

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_ID = 40


@dataclass(frozen=True)
class App:
    """What the toolkit asks of a client. `row` is the project's."""

    row: Any
    client_secret: tuple[bytes, ...]  # hashes of those that work now
    asked_of: int = 0  # the member in whose browser a page asks

    @property
    def client_id(self) -> str:
        return str(self.row.client_id)

    @property
    def project_id(self) -> int:
        return int(self.row.project_id)

    @property
    def client_type(self) -> str:
        kinds = AbstractApplication
        return str(kinds.CLIENT_PUBLIC if self.row.public else kinds.CLIENT_CONFIDENTIAL)

    @property
    def default_redirect_uri(self) -> str | None:
        """Where a member is sent if the app does not say: only if there is no choice."""
        addresses = self.row.addresses
        return str(addresses[0]) if len(addresses) == 1 else None

    def redirect_uri_allowed(self, uri: str) -> bool:
        return returns_to(uri, self.row.addresses, native=self.row.public) or self._is_tried_at(uri)

    def _is_tried_at(self, uri: str) -> bool:
        """Say whether its own team is trying it: they are sent back to a page of this site (`web.trying`).

        That address is registered by nobody, so it has to be worth nothing to anybody else. It is taken for those
        in its team who may try it, and only in a page that asks them: what comes there lands in their own browser.
        It names this project, so no other app is sent there. Whoever lures them into it gains nothing: that page
        uses no code that came with another `state` than it drew in the same session, and the code itself can be
        exchanged only with the app's own secret, or the verifier of that walk.
        """
        if not self.asked_of or uri != f"{settings.SITE_URL}{reverse('try_app', args=[self.row.project.slug])}":
            return False
        return member_may(project_id=self.project_id, member_id=self.asked_of, do=Do.TRY)

    def is_sure_at(self, uri: str) -> bool:
        """Say whether nobody but this app gets what is sent there: a web address is claimed (RFC 8252 section 8.6)."""
        return not self.row.public or uri.startswith("https:")

    def may(self, grant_type: str) -> bool:
        """Say whether it may get tokens in that way."""
        return grant_type in ("authorization_code", "refresh_token") or (
            grant_type == DEVICE and self.row.device_allowed
        )

    def knows(self, secret: str) -> bool:
        """Say whether this is one of its secrets."""
        given = digest(secret) if well_formed(secret, SECRET) else b""
        return sum(compare_digest(given, kept) for kept in self.client_secret) > 0


def find(client_id: str | None, *, asked_of: int = 0) -> App | None:
    """Return the app of that id, as it stands before that member; nobody if it is not a page that asks."""
    if not client_id or len(client_id) > LONGEST_ID or not client_id.isalnum():
        return None
    row = projects.client(client_id)
    if row is None:
        return None
    proofs = () if row.public else tuple(acting.proofs_of(row.project_id, now=timezone.now()))
    return App(row, proofs, asked_of)
