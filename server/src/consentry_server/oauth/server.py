"""The protocol: which requests there are, and in what order each is checked. oauthlib walks, `Validator` answers."""

import json
from contextlib import nullcontext
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint, RevocationEndpoint, TokenEndpoint
from oauthlib.oauth2.rfc6749.grant_types import AuthorizationCodeGrant, RefreshTokenGrant
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.grant_types.base import GrantTypeBase
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.oauth2.rfc8628.errors import AccessDenied, AuthorizationPendingError, ExpiredTokenError, SlowDownError

from consentry_server.common.ids import new_secret
from consentry_server.oauth import params
from consentry_server.oauth.client import DEVICE
from consentry_server.oauth.refusals import only_codes, only_what_is_offered
from consentry_server.oauth.validator import METHOD, Validator, again_of
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.rules import ACCESS, ACCESS_FOR, OPENID, REFRESH


def _id_token(token: dict[str, Any], token_handler: Any, request: Request) -> dict[str, Any]:
    """Say who the member is, if the app asked for that."""
    if OPENID in request.scopes:
        token["id_token"] = request_validator.get_id_token(token, token_handler, request)
    return token


class InTurn(GrantTypeBase):  # type: ignore[misc] # oauthlib has no types
    """An exchange of which one wins: what it looks up and what it writes is held together.

    Nobody is kept waiting for that by a caller who has not proven to be an app.
    """

    def create_token_response(self, request: Request, token_handler: Any) -> tuple[dict[str, str], str, int]:
        with tokens.one_at_a_time() if self._is_proven(request) else nullcontext():
            found: tuple[dict[str, str], str, int] = super().create_token_response(request, token_handler)
        return found

    def _is_proven(self, request: Request) -> bool:
        try:
            self.validate_client_authentication(request)
        except errors.OAuth2Error:
            return False
        return True


class Codes(InTurn, AuthorizationCodeGrant):  # type: ignore[misc]
    """Authorization codes; a challenge is one of S256 (RFC 9700 section 2.1.1)."""

    _code_challenge_methods = {METHOD: code_challenge_method_s256}

    def validate_token_request(self, request: Request) -> None:
        """Take the one grant type that is told; oauthlib knows another name for it."""
        if request.grant_type != "authorization_code":
            raise errors.UnsupportedGrantTypeError(request=request)
        super().validate_token_request(request)


class Refreshes(InTurn, RefreshTokenGrant):  # type: ignore[misc]
    """The next tokens."""


class Waiting(GrantTypeBase):  # type: ignore[misc]
    """Tokens for something without a browser, once its member said yes elsewhere (RFC 8628 section 3.4)."""

    _REFUSALS = {
        "unknown": errors.InvalidGrantError,
        "pending": AuthorizationPendingError,
        "slow_down": SlowDownError,
        "expired": ExpiredTokenError,
        "denied": AccessDenied,
    }

    def create_token_response(self, request: Request, token_handler: Any) -> tuple[dict[str, str], str, int]:
        headers = self._get_default_headers()
        try:
            self._check(request)
        except errors.OAuth2Error as error:
            return headers | error.headers, error.json, error.status_code
        token = _id_token(token_handler.create_token(request, refresh_token=True), token_handler, request)
        self.request_validator.save_token(token, request)
        return headers, json.dumps(token), 200

    def _check(self, request: Request) -> None:
        if not request.device_code:
            raise errors.InvalidRequestError(description="Missing device_code parameter.", request=request)
        self.validate_client_authentication(request)
        self.validate_grant_type(request)
        state, device = tokens.poll_device(
            secret=request.device_code, project_id=request.client.project_id, now=timezone.now()
        )
        if state != "allowed" or device is None:
            raise self._REFUSALS.get(state, errors.InvalidGrantError)(request=request)
        request.origin, request.scopes = device, device.scope.split()


class Devices(InTurn, Waiting):
    """The same, of which one wins."""


class Unwanted(GrantTypeBase):  # type: ignore[misc]
    """Ways of getting tokens that no app here may use: with a member's password, or without a member."""

    def create_token_response(self, request: Request, token_handler: Any) -> tuple[dict[str, str], str, int]:  # noqa: ARG002
        headers = self._get_default_headers()
        try:
            self.validate_client_authentication(request)
            raise errors.UnauthorizedClientError(request=request)
        except errors.OAuth2Error as error:
            return headers | error.headers, error.json, error.status_code


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """All that is answered here."""

    def __init__(self, validator: Validator) -> None:
        codes, refreshes = Codes(validator, pre_auth=[only_codes, only_what_is_offered]), Refreshes(validator)
        codes.register_token_modifier(_id_token)
        bearer = BearerToken(validator, _access, int(ACCESS_FOR.total_seconds()), _refresh)
        grants = {"authorization_code": codes, "refresh_token": refreshes, DEVICE: Devices(validator)}
        unwanted = dict.fromkeys(("password", "client_credentials"), Unwanted(validator))
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": codes})
        TokenEndpoint.__init__(self, "authorization_code", bearer, grants | unwanted)
        RevocationEndpoint.__init__(self, validator)


def _access(request: Request) -> str:
    """Return a new access token, or again the one of a moment ago."""
    again = again_of(request)
    return again.access if again else new_secret(ACCESS)


def _refresh(request: Request) -> str:
    again = again_of(request)
    return again.refresh if again else new_secret(REFRESH)


class Core(OAuthLibCore):  # type: ignore[misc]
    """Between Django's requests and oauthlib's."""

    def _extract_params(self, request: HttpRequest) -> tuple[str, str, str, dict[str, Any]]:
        return params.extract(request)


request_validator = Validator()
core = Core(Server(request_validator))
