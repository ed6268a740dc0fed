"""What the toolkit asks of us while it follows the protocol: each question is one call down.

Nothing of the toolkit's own tables is used: what apps bear is kept as hashes in `tokens`, and dies with the member's
authorization (docs/change/decisions/0012).
"""

from datetime import datetime
from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from consentry_server.oauth import identity
from consentry_server.oauth.client import App, find
from consentry_server.oauth.params import ASKED_OF
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.actions import Pair, Refreshable
from consentry_server.tokens.rules import DEFAULT_SCOPE, SCOPES

METHOD = "S256"


class Validator(OAuth2Validator):  # type: ignore[misc]
    """The toolkit's way of finding out who a client is; our way of keeping what it gets."""

    # who is calling

    def _load_application(self, client_id: str | None, request: Request) -> App | None:
        if not isinstance(request.client, App) or request.client.client_id != client_id:
            request.client = find(client_id, asked_of=int(request.headers.get(ASKED_OF, 0)))
        return request.client

    def _extract_basic_auth(self, request: Request) -> str | None:
        scheme, _, credentials = request.headers.get("HTTP_AUTHORIZATION", "").partition(" ")
        return credentials.strip() if scheme.lower() == "basic" and credentials.strip() else None

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Find who is calling by one of the two ways; by both at once is nobody (RFC 6749 section 2.3)."""
        if self._extract_basic_auth(request) is None:
            return bool(self._authenticate_request_body(request))
        return not request.client_secret and bool(self._authenticate_basic_auth(request))

    def _check_secret(self, provided_secret: str, stored_secret: Any) -> bool:
        raise NotImplementedError

    def _authenticate_basic_auth(self, request: Request) -> bool:
        pair = identity.basic(self._extract_basic_auth(request) or "")
        return pair is not None and self._proves(request, *pair)

    def _authenticate_request_body(self, request: Request) -> bool:
        return self._proves(request, request.client_id, request.client_secret or "")

    def _proves(self, request: Request, client_id: str | None, secret: str) -> bool:
        if request.client_id and request.client_id != client_id:
            return False
        app = self._load_application(client_id, request)
        request.client_id = client_id
        return app is not None and app.knows(secret)

    # what it may do

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: App, request: Request, *_: Any, **__: Any
    ) -> bool:
        return client.may(grant_type)

    def validate_response_type(
        self, client_id: str, response_type: str, client: App, request: Request, *_: Any, **__: Any
    ) -> bool:
        return response_type == "code"

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: App, request: Request, *_: Any, **__: Any
    ) -> bool:
        return SCOPES.issuperset(scopes)

    def get_default_scopes(self, client_id: str, request: Request, *_: Any, **__: Any) -> list[str]:
        return DEFAULT_SCOPE.split()

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Say whether there has to be a challenge: always of an app that keeps no secret (RFC 8252 section 8.1)."""
        return bool(request.client.row.pkce_required or request.client.row.public)

    def is_origin_allowed(self, client_id: str, origin: str, request: Request, *_: Any, **__: Any) -> bool:
        return False

    # a code

    def validate_code(self, client_id: str, code: str, client: App, request: Request, *_: Any, **__: Any) -> bool:
        row = tokens.redeemable(code=code, project_id=client.project_id, now=timezone.now())
        if row is None or (request.code_verifier and not row.code_challenge):
            return False  # a verifier without a challenge: somebody took the challenge away (RFC 9700 section 4.8)
        request.origin, request.user, request.scopes = row, row.authorization_id, row.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return request.origin.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return METHOD

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: App, request: Request, *_: Any, **__: Any
    ) -> bool:
        named = not request.using_default_redirect_uri
        return bool(named == request.origin.redirect_given and redirect_uri == request.origin.redirect_uri)

    def invalidate_authorization_code(self, client_id: str, code: str, request: Request, *_: Any, **__: Any) -> None:
        """Do nothing more: it was exchanged in the same transaction."""

    # tokens

    def validate_refresh_token(self, refresh_token: str, client: App, request: Request, *_: Any, **__: Any) -> bool:
        found = tokens.refreshable(secret=refresh_token, project_id=client.project_id, now=timezone.now())
        if found is None:
            return False
        request.refreshable, request.user = found, found.token.family_id
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *_: Any, **__: Any) -> str:
        return str(request.refreshable.scope)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *_: Any, **__: Any) -> None:
        pair, now = Pair(token["access_token"], token["refresh_token"]), timezone.now()
        found: Refreshable | None = getattr(request, "refreshable", None)
        if found is None:
            tokens.issue(origin=request.origin, pair=pair, now=now)
        elif found.again is None:
            tokens.refresh(token=found.token, pair=pair, scope=token["scope"], now=now)
        else:
            token["scope"] = found.scope
            token["expires_in"] -= _seconds(found.token.replaced_at or now, now)

    def get_id_token(self, token: dict[str, Any], token_handler: Any, request: Request) -> str:
        return identity.id_token(request.origin, client_id=request.client_id, access=token["access_token"])

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Request) -> str:
        return str(request.origin.nonce)

    # revoking

    def revoke_token(self, token: str, token_type_hint: str | None, request: Request, *_: Any, **__: Any) -> None:
        tokens.revoke_token(secret=token, project_id=request.client.project_id, now=timezone.now())


def again_of(request: Request) -> Pair | None:
    """Return the pair that a client did not hear of, if it asks for it again."""
    found: Refreshable | None = getattr(request, "refreshable", None)
    return found.again if found else None


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
