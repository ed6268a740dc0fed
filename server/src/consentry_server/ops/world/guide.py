"""What the demo tells the person who started it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from consentry_server.ops.world.people import PEOPLE

_URL = "import json, sys; print(json.load(sys.stdin)['data'][0]['download_url'])"


def guide(facts: dict[str, Any], *, site: str, passwords: dict[str, str]) -> str:
    """Return the address, the people's logins and lines to try."""
    return "\n".join(
        [
            f"Consentry demo: {site}/",
            "",
            f"Log in at {site}/account/login/ as",
            *(f"  {p.username:12} {passwords[p.username]}   {p.part}" for p in PEOPLE),
            "",
            f"Agree to share, for example as joiner: {facts['on_site']['join_url']}",
            f"Staff pages, as operator: {site}/admin/",
            "",
            f"As the project “{facts['on_site']['name']}”, fetch itself, its members, a file:",
            *curl_lines(facts, site=site),
            "",
            f"The app “{facts['oauth2_hook']['name']}” sends people here (as joiner, see what it asks for; you are led",
            "to an address where nobody listens, with a code in it):",
            app_address(facts["oauth2_hook"], site=site),
            *app_lines(facts, site=site),
        ]
    )


def app_address(app: dict[str, str], *, site: str) -> str:
    """Return where an app sends people who are to let it in."""
    query = {"client_id": app["client_id"], "response_type": "code", "redirect_uri": app["redirect_uri"]}
    return f"{site}/direct-sharing/projects/oauth2/authorize/?{urlencode(query)}"


def app_lines(facts: dict[str, Any], *, site: str) -> Iterator[str]:
    """Write what an app fetches for the one member it acts for, if she still lets it."""
    token = facts["users"]["alice"]["access_token"]
    if token:
        yield f"As the app “{facts['oauth2']['name']}”, which acts for alice, fetch what she shares with it:"
        yield f"curl -s -H 'Authorization: Bearer {token}' {site}/api/direct-sharing/project/exchange-member/"


def curl_lines(facts: dict[str, Any], *, site: str) -> Iterator[str]:
    """Write three commands that work as they stand."""
    bearer = f"-H 'Authorization: Bearer {facts['on_site']['master_token']}'"
    api, alice = f"{site}/api/direct-sharing/project", facts["users"]["alice"]["on_site"]
    member = f"'{api}/exchange-member/?project_member_id={alice}'"
    yield f"curl -s {bearer} {api}/"
    yield f"curl -s {bearer} {api}/members/"
    yield f'curl -sL "$(curl -s {bearer} {member} | python3 -c "{_URL}")"'
