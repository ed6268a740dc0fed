"""When a member proved who they are, and whether that is recent enough for an app (OpenID Connect Core 3.1.2.1)."""

from datetime import UTC, datetime, timedelta

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils import timezone

from consentry_server.oauth.params import prompts

LONGEST_WAY_BACK = 2800  # characters: the browser keeps it, signed, while somebody logs in


def logged_in_at(request: HttpRequest) -> datetime | None:
    """Return when the member last gave a password in this browser."""
    records = get_authentication_records(request, request.user)
    if records:
        return datetime.fromtimestamp(max(record["at"] for record in records), UTC)
    found: datetime | None = getattr(request.user, "last_login", None)
    return found


def is_due(request: HttpRequest) -> bool:
    """Say whether the member has to do so again before the app hears anything."""
    if "login" in prompts(request):
        return True
    most = request.GET.get("max_age", "")
    if not most:
        return False
    then = logged_in_at(request)
    return int(most) == 0 or then is None or timezone.now() - then > timedelta(seconds=int(most))


def way_back(request: HttpRequest) -> str:
    """Return the address of this page, without the wish for a login if that will have been granted by then."""
    query = request.GET.copy()
    wanted = query.get("prompt", "").split(" ")
    if "login" in wanted:
        query["prompt"] = " ".join(word for word in wanted if word != "login")
    if query.get("max_age", "").strip("0") == "":
        query.pop("max_age", None)
    return f"{request.path}?{query.urlencode()}"
