"""requests-oauthlib and Authlib, unmodified, walk the whole way of an app with a member against a real server."""

import json
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.apps import API, HOOKED, bearer, departure, listening
from tests.contract.mails import mailed
from tests.contract.plain_forms import Browser
from tests.contract.talking import talk
from tests.servers import Demo

pytestmark = [pytest.mark.published, pytest.mark.usefixtures("as_it_was")]

# Each tells a library of us. `app` is then a session that bears the tokens, and `kept` what it was refreshed to.
KNOWN = """
import json, os
site, client_id, secret, back = (os.environ[name] for name in ("SITE", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI"))
token_url, kept = f"{site}/oauth2/token/", []
def led(address):
    print("Open", address)
    return input()
"""
REQUESTS_OAUTHLIB = """
from requests_oauthlib import OAuth2Session
proof = {"client_id": client_id, "client_secret": secret}
app = OAuth2Session(client_id, redirect_uri=back, token_updater=kept.append, auto_refresh_url=token_url,
                    auto_refresh_kwargs=proof, pkce=%r)
address, state = app.authorization_url(f"{site}/direct-sharing/projects/oauth2/authorize/")
app.fetch_token(token_url, authorization_response=led(address), client_secret=secret)
"""
AUTHLIB = """
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
import requests
found = AuthorizationServerMetadata(requests.get(get_well_known_url(site + "/", external=True)).json())
found.validate()
app = OAuth2Session(client_id, secret, redirect_uri=back, code_challenge_method="S256",
                    token_endpoint=found["token_endpoint"], token_endpoint_auth_method=%r,
                    update_token=lambda token, **of: kept.append(token))
verifier = generate_token(48)
address, state = app.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier)
app.fetch_token(authorization_response=led(address), state=state, code_verifier=verifier)
"""
LIBRARIES = {
    "requests-oauthlib": REQUESTS_OAUTHLIB % None,
    "requests-oauthlib with PKCE": REQUESTS_OAUTHLIB % "S256",
    "Authlib with PKCE, from discovery": AUTHLIB % "client_secret_basic",
    "Authlib with its secret in the form": AUTHLIB % "client_secret_post",
}
WALK = """
api = f"{site}/api/direct-sharing/project"
def member():
    page = app.get(f"{api}/exchange-member/", params={"limit": 2}).json()
    files, number = page["data"], page["project_member_id"]
    while page["next"]:
        page = app.get(page["next"]).json()
        files = files + page["data"]
    return number, sorted(file["basename"] for file in files)
first, (number, before) = app.token["access_token"], member()
metadata = json.dumps({"description": "Letter, week 9", "tags": ["letter"]})
sent = app.post(f"{api}/files/upload/", data={"metadata": metadata}, files={"data_file": ("letter.txt", b"Dear Joy")})
number, after = member()
deleted = app.post(f"{api}/files/delete/", data={"file_basename": "letter.txt"}).json()
told = app.post(f"{api}/message/", data={"subject": os.environ["SUBJECT"], "message": "{{ PROJECT_MEMBER_ID }}"})
app.token = dict(app.token, expires_in=-1, expires_at=1)
refreshed = member()
import requests
old = requests.get(f"{api}/exchange-member/", headers={"Authorization": f"Bearer {first}"}).status_code
print("Wait for the mail: who leaves before it is sent gets none")
input()
left = app.post(f"{api}/remove-members/").json()
gone = app.get(f"{api}/exchange-member/")
print(json.dumps({"number": number, "before": before, "after": after, "sent": sent.json(), "deleted": deleted,
    "told": told.json(), "refreshed": refreshed, "kept": len(kept), "old": old, "left": left,
    "gone": [gone.status_code, gone.json()], "last": app.token["access_token"]}))
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_app_with_a_library_walks_the_whole_way(published: Path, demo: Demo, joiner: Browser, library: str) -> None:
    app, subject = demo.facts[HOOKED], f"Letter {secrets.token_hex(4)}"
    known = {"SITE": demo.url, "REDIRECT_URI": app["redirect_uri"], "PATH": "/usr/bin:/bin", "SUBJECT": subject}
    known |= {"CLIENT_ID": app["client_id"], "CLIENT_SECRET": app["client_secret"]}
    known |= {"OAUTHLIB_INSECURE_TRANSPORT": "1", "AUTHLIB_INSECURE_TRANSPORT": "1"}
    mails: list[dict[str, str]] = []

    def wait(_: str) -> str:
        mails.append(mailed(demo, subject, 1))
        return ""

    with listening(demo) as hook:
        answers = {"Open": lambda address: joiner.walk(address, app["redirect_uri"]), "Wait": wait}
        out = talk(published, KNOWN + LIBRARIES[library] + WALK, known, **answers)
        told = departure(demo, hook)
    found: dict[str, Any] = json.loads(out[-1])

    assert joiner.pressed == ["Yes, let it in"]
    assert len(found["before"]) == demo.facts["users"]["joiner"]["n_files"]
    assert found["after"] == sorted([*found["before"], "letter.txt"])
    assert found["deleted"] == {"ids": [found["sent"]["id"]]}
    assert found["told"] == "success"
    assert mails[0]["joiner@example.org"].splitlines()[0] == found["number"]
    assert (found["kept"], found["refreshed"]) == (1, [found["number"], found["before"]])
    assert found["old"] == 401, "refreshing ends the access token before"
    assert found["left"] == "success"
    assert (told["project_member_id"], told["project_id"]) == (found["number"], app["id"])
    assert found["gone"] == [401, {"detail": "Invalid token."}]
    page = httpx.get(f"{demo.url}{API}/exchange-member/", headers=bearer(found["last"]))
    assert page.status_code == 401
