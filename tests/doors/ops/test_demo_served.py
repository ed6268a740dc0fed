"""The demo as it is served: it answers as its facts say, and what it prints works as it stands."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx


def test_the_served_world_answers_as_the_facts_say(demo: Any) -> None:
    facts = demo.facts
    api = f"{demo.url}/api/direct-sharing/project"

    def get(key: str, path: str = "/", **query: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {facts[key]['master_token']}"}
        return httpx.get(f"{api}{path}", headers=bearer, params=query)

    for key in ("on_site", "big", "source", "oauth2", "oauth2_hook"):
        assert get(key).json()["name"] == facts[key]["name"]
    big = get("big", "/members/", limit=200).json()
    assert big["count"] == len(big["results"]) == 104
    members = {row["project_member_id"] for row in get("on_site", "/members/").json()["results"]}
    assert set(facts["on_site"]["members"]) <= members
    alice = get("on_site", "/exchange-member/", project_member_id=facts["users"]["alice"]["on_site"])
    assert alice.json()["count"] == 105
    assert {file["source"] for file in alice.json()["data"]} == {facts["source"]["id_label"]}
    gone = get("on_site", "/exchange-member/", project_member_id=facts["on_site"]["revoked_member"])
    assert gone.status_code == 400
    assert get("expired").json() == {"detail": "Expired token."}
    for key in ("access_token", "refresh_token"):
        assert facts["users"]["alice"][key]


def test_the_app_of_the_served_world_acts_for_alice(demo: Any) -> None:
    facts, alice = demo.facts, demo.facts["users"]["alice"]
    api = f"{demo.url}/api/direct-sharing/project"

    def get(path: str, token: str) -> Any:
        return httpx.get(f"{api}{path}", headers={"Authorization": f"Bearer {token}"}).json()

    found = get("/exchange-member/", alice["access_token"])
    assert (found["project_member_id"], found["count"]) == (alice["oauth2"], alice["n_files"])
    assert (found["username"], found["sources_shared"]) == ("alice", [facts["source"]["id_label"]])
    assert get("/exchange-member/", facts["expired"]["access_token"]) == {"detail": "Expired token."}
    members = get("/members/", facts["oauth2"]["master_token"])["results"]
    assert [row["project_member_id"] for row in members] == facts["oauth2"]["members"]
    project = get("/", alice["access_token"])
    assert (project["id"], project["type"], project["request_username_access"]) == (
        facts["oauth2"]["id"],
        "oauth2",
        True,
    )
    assert project["registered_datatypes"] == [f"/api/public/datatype/{facts['oauth2']['datatype']['id']}/"]
    assert project["requested_sources"] == [f"/api/public/project/{facts['source']['id']}/"]
    datatype = httpx.get(f"{demo.url}{project['registered_datatypes'][0]}").json()
    assert datatype["name"] == facts["oauth2"]["datatype"]["name"]


def test_the_download_link_of_the_facts_is_over(demo: Any) -> None:
    facts = demo.facts
    assert httpx.get(facts["expired_download_url"]).status_code == 403


def test_the_curl_lines_work_as_printed(demo: Any, tmp_path: Path) -> None:
    from consentry_server.ops.world.guide import app_lines, curl_lines

    lines = [*curl_lines(demo.facts, site=demo.url), *list(app_lines(demo.facts, site=demo.url))[1:]]
    done = [
        subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, cwd=tmp_path) for line in lines
    ]
    assert json.loads(done[0].stdout)["id"] == demo.facts["on_site"]["id"]
    assert json.loads(done[1].stdout)["count"] >= 2
    assert done[2].stdout == demo.facts["users"]["alice"]["file"]["content"]
    assert json.loads(done[3].stdout)["project_member_id"] == demo.facts["users"]["alice"]["oauth2"]


def test_the_printed_address_of_the_app_leads_to_its_page(demo: Any) -> None:
    from consentry_server.ops.world.guide import app_address

    with httpx.Client() as browser:
        sent = browser.get(app_address(demo.facts["oauth2_hook"], site=demo.url))
    assert (sent.status_code, urlsplit(sent.headers["Location"]).path) == (302, "/account/login/")
