"""A coordinator's walk through their own app: what the app sends at each step, and what it is told.

The walk is kept in the session until it is over, sealed: a copy of the database opens nothing with it (catalogue 11).
"""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from consentry_server.common.ids import well_formed
from consentry_server.common.keys import seal, unseal
from consentry_server.tokens.rules import ACCESS, CODE, MASTER, REFRESH, SECRET
from consentry_server.web.calling import Answer, Call

LASTS = timedelta(minutes=30)
STEPS = ("token", "project", "member", "refresh", "end")
_KEY = "walk"
_PATHS = {
    "token": "/oauth2/token/",
    "project": "/api/direct-sharing/project/",
    "member": "/api/direct-sharing/project/exchange-member/",
    "refresh": "/oauth2/token/",
    "end": "/oauth2/revoke_token/",
}
_KINDS = (ACCESS, REFRESH, CODE, SECRET, MASTER)
_LINK = re.compile(r"([?&]key=)[^&]+")
_MOST_ROWS, _MOST_LETTERS = 2, 6000  # of an answer, shown


@dataclass
class Walk:
    """Where a walk is: what was drawn for it, what the app holds by now, and what was said so far."""

    project_id: int
    until: float
    secret: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    access: str = ""
    refresh: str = ""
    done: list[dict[str, Any]] = field(default_factory=list)  # each: step, request, status, answer, fine

    @property
    def next(self) -> str:
        """Return the step that comes now; "" if the walk is over or one went wrong."""
        if self.done and not self.done[-1]["fine"]:
            return ""
        after = [*STEPS, ""]
        return after[after.index(self.done[-1]["step"]) + 1] if self.done else after[0]

    @property
    def over(self) -> bool:
        return bool(self.done) and self.done[-1]["step"] == "end"

    def is_its(self, state: str) -> bool:
        """Say whether an answer belongs to this walk, by what only its beginning could know."""
        return compare_digest(self.state.encode(), state.encode())

    def note(self, step: str, call: Call, answer: Answer) -> None:
        """Keep what was said, masked, and what the app holds now."""
        said = _read(answer.body)
        fine = answer.status == 200
        if fine and step in ("token", "refresh"):
            self.access, self.refresh = said["access_token"], said["refresh_token"]
        if step == "end":
            self.access = self.refresh = self.secret = ""
        status = f"{answer.status} {answer.reason}"
        self.done.append({"step": step, "request": curl(call), "status": status, "answer": shown(said), "fine": fine})


def begin(request: HttpRequest, project_id: int, secret: str, *, now: datetime) -> None:
    """Start a walk in this session; one at a time."""
    keep(request, Walk(project_id, (now + LASTS).timestamp(), secret))


def keep(request: HttpRequest, walk: Walk) -> None:
    request.session[_KEY] = seal(json.dumps(asdict(walk)))


def last_of(request: HttpRequest) -> Walk | None:
    """Return the walk of this session, whatever project it is through and however old."""
    try:
        return Walk(**json.loads(unseal(request.session.get(_KEY, ""))))
    except ValueError:  # there is none, or it was sealed with another key
        return None


def of(request: HttpRequest, project_id: int, *, now: datetime) -> Walk | None:
    """Return the walk of this session through that project, unless its time is over."""
    found = last_of(request)
    return found if found and found.project_id == project_id and found.until > now.timestamp() else None


def address(project: Any) -> str:
    """Return where this site takes a coordinator back who tries the app; `oauth.client` takes it for nobody else."""
    return f"{settings.SITE_URL}{reverse('try_app', args=[project.slug])}"


def authorize_query(walk: Walk, project: Any, client: Any) -> dict[str, str]:
    """Return what the app says when it sends a member here. The page is wanted even if nothing is to be asked."""
    digest = hashlib.sha256(walk.verifier.encode()).digest()
    return {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": address(project),
        "state": walk.state,
        "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "approval_prompt": "force",
    }


def call(step: str, walk: Walk, project: Any, client: Any, *, code: str = "") -> Call:
    """Return what the app sends at a step."""
    if step in ("project", "member"):
        return Call(_PATHS[step], bearer=walk.access)
    forms = {
        "token": {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": address(project),
            "code_verifier": walk.verifier,
        },
        "refresh": {"grant_type": "refresh_token", "refresh_token": walk.refresh},
        "end": {"token": walk.refresh},
    }
    if client.public:
        return Call(_PATHS[step], forms[step] | {"client_id": client.client_id})
    return Call(_PATHS[step], forms[step], basic=(client.client_id, walk.secret))


def curl(call: Call) -> str:
    """Write a call as somebody would type it, with every secret masked."""
    proof = f'-H "Authorization: Bearer {masked(call.bearer)}" ' if call.bearer else ""
    proof = f"-u {call.basic[0]}:{masked(call.basic[1])} " if call.basic else proof
    lines = [f"curl {proof}{settings.SITE_URL}{call.path}"]
    lines += [f"-d {name}={_typed(value)}" for name, value in call.form.items()]
    return " \\\n".join(lines)


def _typed(value: str) -> str:
    """Write a value of a form as somebody types it."""
    hidden = masked(value)
    return quote(value, safe=":/") if hidden == value else hidden


def masked(text: str) -> str:
    """Return a text as a page may show it: of a secret only the kind."""
    if any(well_formed(text, kind) for kind in _KINDS):
        return f"{text[:3]}••••"
    return _LINK.sub(r"\1••••", text)


def _read(body: str) -> Any:
    return json.loads(body) if body.startswith(("{", "[", '"')) else body


def shown(said: Any) -> str:
    """Write an answer to be read: secrets masked, long lists cut."""
    text = json.dumps(_cut(said), indent=2, ensure_ascii=False) if said else "(nothing)"
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}\n…"


def _cut(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _cut(value) for name, value in said.items()}
    if isinstance(said, list):
        more = [f"… and {len(said) - _MOST_ROWS} more"] if len(said) > _MOST_ROWS else []
        return [*map(_cut, said[:_MOST_ROWS]), *more]
    return masked(said) if isinstance(said, str) else said
