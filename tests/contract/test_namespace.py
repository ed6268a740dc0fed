"""No packet goes to an address that is not public: counted by the kernel, in a network of its own (catalogue 239)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import hostile

HERE = Path(__file__).parent
WAIT = 120


def missing() -> str:
    """Say why this machine cannot make networks, or ""."""
    for tool in ("unshare", "ip", "mount"):
        if shutil.which(tool) is None:
            return f"there is no `{tool}`"
    try_it = ["unshare", "-n", "-m", "ip", "link", "add", "t0", "type", "veth", "peer", "name", "t1"]
    tried = subprocess.run(try_it, capture_output=True, check=False)
    return "" if tried.returncode == 0 else f"networks cannot be made here: {tried.stderr.decode().strip()}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Send to every hostile address in a network of its own, and return what was seen there."""
    reason = missing()
    if reason:
        assert os.environ.get("CI") != "true", f"the proof of the network must run in CI: {reason}"
        pytest.skip(f"NOT PROVEN HERE: {reason}")
    resolver = tmp_path_factory.mktemp("resolver") / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    inside = f"mount --bind {resolver} $(readlink -f /etc/resolv.conf) && exec {sys.executable} {HERE / 'namespace.py'}"
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c", inside],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "consentry_server.config.settings"},
        capture_output=True, text=True, timeout=WAIT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_239_no_packet_leaves_for_an_address_that_is_not_public(report: dict[str, Any]) -> None:
    assert report["addresses"] >= 500
    assert report["strange"] == []
    assert report["trapped"] == 0


def test_239_what_is_public_is_reached(report: dict[str, Any]) -> None:
    assert report["good"] == ["204", "204"]
    assert report["asked"] > 200


def test_226_this_machines_own_public_address_is_not_called(report: dict[str, Any]) -> None:
    assert report["own"] == "unreachable"


def test_227_a_name_is_looked_up_once_and_its_first_answer_is_the_one_called(report: dict[str, Any]) -> None:
    rebinding = [url for url in report["reached"] if "://rebind-" in url]

    assert report["rebound"] == 0
    assert len(rebinding) == len(hostile.PRIVATE)


def test_228_redirects_are_heard_and_not_followed(report: dict[str, Any]) -> None:
    redirected = {url: status for url, status in report["reached"].items() if "://redirect-" in url}

    assert len(redirected) == len(hostile.PRIVATE) * len(hostile.REDIRECTS)
    assert all(f"-{status}-" in url for url, status in redirected.items())


def test_225_nothing_else_is_reached_at_all(report: dict[str, Any]) -> None:
    rest = [url for url in report["reached"] if "://rebind-" not in url and "://redirect-" not in url]

    assert rest == []


def test_239_a_careless_program_would_have_been_seen(report: dict[str, Any]) -> None:
    assert report["control"] == ["10.0.0.1", "127.0.0.1", "169.254.169.254", "fd00::1"]
    assert report["control_trapped"] == 2
