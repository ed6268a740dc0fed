"""What the demo tells the person who started it."""

from collections.abc import Iterator
from typing import Any

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
        ]
    )


def curl_lines(facts: dict[str, Any], *, site: str) -> Iterator[str]:
    """Write three commands that work as they stand."""
    bearer = f"-H 'Authorization: Bearer {facts['on_site']['master_token']}'"
    api, alice = f"{site}/api/direct-sharing/project", facts["users"]["alice"]["on_site"]
    member = f"'{api}/exchange-member/?project_member_id={alice}'"
    yield f"curl -s {bearer} {api}/"
    yield f"curl -s {bearer} {api}/members/"
    yield f'curl -sL "$(curl -s {bearer} {member} | python3 -c "{_URL}")"'
