"""The limit of the token endpoint: a bare ASGI function that renews tokens with our own SQL, and seals what ours seals.

It knows one kind of request, of an app with a secret, and no fault but a wrong token.
"""

import hashlib
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

from bench.bare import ON_SQLITE, VENDOR, Scope, Send, _connection, _fetch, _send, _stamp

# isort: split
from consentry_server.common.ids import new_secret
from consentry_server.common.keys import seal
from consentry_server.database import _for_driver
from consentry_server.projects.queries import _CLIENT
from consentry_server.tokens.queries.acting import _HOLD, _RENEWABLE
from consentry_server.tokens.rules import ACCESS, ACCESS_FOR, REFRESH, REFRESH_FOR

BEGIN = "BEGIN IMMEDIATE" if ON_SQLITE else "BEGIN"
CLIENT = _for_driver(_CLIENT)
PROOFS = _for_driver("SELECT sha256, ends_at FROM tokens_clientsecret WHERE project_id = %s")
HELD = _for_driver(_RENEWABLE + _HOLD[VENDOR])
END = _for_driver("UPDATE tokens_accesstoken SET ended_at = %s WHERE id = %s AND ended_at IS NULL")
REPLACE = _for_driver("UPDATE tokens_refreshtoken SET replaced_at = %s, successor = %s WHERE id = %s")
CLEAR = _for_driver(
    "UPDATE tokens_refreshtoken SET successor = '' WHERE family_id = %s AND replaced_at <= %s AND NOT (successor = '')"
)
ADD_ACCESS = _for_driver(
    "INSERT INTO tokens_accesstoken (sha256, family_id, scope, created_at, expires_at) VALUES (%s, %s, %s, %s, %s)"
    " RETURNING id"
)
ADD_REFRESH = _for_driver(
    "INSERT INTO tokens_refreshtoken (sha256, family_id, access_token_id, created_at, expires_at, successor)"
    " VALUES (%s, %s, %s, %s, %s, '')"
)
MINUTE = timedelta(seconds=60)


async def application(scope: Scope, receive: Any, send: Send) -> None:
    """Renew the tokens of an app."""
    form = parse_qs((await receive())["body"].decode())
    proof = dict(scope["headers"])[b"authorization"].removeprefix(b"Basic ")
    client_id, _, secret = b64decode(proof).decode().partition(":")
    found = _fetch(CLIENT, [client_id])
    kept = _fetch(PROOFS, [found[0][1]])
    assert any(compare_digest(_digest(secret), bytes(sha256)) for sha256, _ in kept)
    answer = _renew(form["refresh_token"][0])
    await _send(send, 200 if answer else 400, json.dumps(answer).encode())


def _renew(token: str) -> dict[str, Any] | None:
    now = datetime.now(UTC)
    run = _connection().execute
    run(BEGIN)
    ((number, family, access, _, replaced_at, _, scope, *_),) = _fetch(HELD, [_digest(token)])
    if replaced_at is not None:
        run("ROLLBACK")
        return None
    first, second = new_secret(ACCESS), new_secret(REFRESH)
    run(END, [_stamp(now), access])
    run(REPLACE, [_stamp(now), seal(json.dumps({"access": first, "refresh": second})), number])
    run(CLEAR, [family, _stamp(now - MINUTE)])
    ((added,),) = _fetch(ADD_ACCESS, [_digest(first), family, scope, _stamp(now), _stamp(now + ACCESS_FOR)])
    run(ADD_REFRESH, [_digest(second), family, added, _stamp(now), _stamp(now + REFRESH_FOR)])
    run("COMMIT")
    lifetime = int(ACCESS_FOR.total_seconds())
    said = {"access_token": first, "expires_in": lifetime, "token_type": "Bearer", "scope": scope}
    return said | {"refresh_token": second}


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
