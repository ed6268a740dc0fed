"""Which set-ups production refuses (catalogue 272 and 316)."""

from dataclasses import replace
from typing import Any

import pytest

from consentry_server.config import env
from consentry_server.config.safety import Setup, faults

SAFE = Setup(
    site_url="https://data.example.org",
    hosts=("data.example.org",),
    debug=False,
    proxies=1,
    smtp=True,
    webhook_loopback=False,
    staff_path="behind-the-counter",
    sqlite_version=(3, 53, 4),
    modes={"/srv/data": 0o700, "/srv/data/keys/instance.key": 0o600},
)


def test_a_safe_set_up_has_no_fault() -> None:
    assert faults(SAFE) == []
    assert faults(replace(SAFE, sqlite_version=None, staff_path=None)) == []


@pytest.mark.parametrize(
    ("changed", "mend"),
    [
        ({"site_url": "http://data.example.org"}, "SITE_URL=https://"),
        ({"hosts": ("data.example.org", "*")}, "ALLOWED_HOSTS="),
        ({"hosts": (".example.org",)}, "ALLOWED_HOSTS="),
        ({"hosts": ("",)}, "ALLOWED_HOSTS="),
        ({"debug": True}, "Switch it off"),
        ({"proxies": 0}, "PROXIES=1"),
        ({"smtp": False}, "SMTP=smtp+starttls://"),
        ({"webhook_loopback": True}, "WEBHOOK_LOOPBACK=false"),
        ({"staff_path": "admin"}, "STAFF_PATH="),
        ({"staff_path": ""}, "STAFF_PATH="),
        ({"modes": {"/srv/data": 0o750}}, "chmod go= /srv/data"),
        ({"modes": {"/srv/key": 0o644}}, "chmod go= /srv/key"),
    ],
)
def test_316_each_unsafe_setting_is_named_with_its_mending(changed: dict[str, Any], mend: str) -> None:
    found = faults(replace(SAFE, **changed))
    assert len(found) == 1
    assert mend in found[0]


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_272_a_sqlite_that_corrupts_its_log_is_refused(version: tuple[int, ...]) -> None:
    (found,) = faults(replace(SAFE, sqlite_version=version))
    assert "DATABASE=postgresql://" in found


def test_272_a_mended_sqlite_is_taken() -> None:
    assert faults(replace(SAFE, sqlite_version=(3, 51, 3))) == []


def test_every_fault_is_told_at_once() -> None:
    worst = replace(SAFE, site_url="http://x", proxies=0, smtp=False, debug=True)
    assert len(faults(worst)) == 4


@pytest.mark.parametrize("ports", ["", "22", "443,25", "6379", "0", "65536", "x", "443;80", "\uff14\uff14\uff13"])
def test_229_webhooks_are_called_at_ports_of_the_web_only(monkeypatch: pytest.MonkeyPatch, ports: str) -> None:
    monkeypatch.setenv("WEBHOOK_PORTS", ports)
    with pytest.raises(env.SettingError, match="WEBHOOK_HOSTS"):
        env.web_ports("WEBHOOK_PORTS")


def test_229_the_operator_can_open_the_ports_of_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_PORTS", "443, 8080")
    assert env.web_ports("WEBHOOK_PORTS") == [443, 8080]


@pytest.mark.parametrize(
    "given", ["stored", "/stored", "stored/", "/", "//", "/a/b/", "/../", "/stored/\n", "https://x/"]
)
def test_a_location_of_the_proxy_is_one_name_between_slashes(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PROXIES", "1")
    monkeypatch.setenv("INTERNAL_REDIRECT", given)
    with pytest.raises(env.SettingError, match="INTERNAL_REDIRECT must be a name"):
        env.internal_redirect()


def test_a_location_of_the_proxy_needs_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.internal_redirect() == ""
    monkeypatch.setenv("INTERNAL_REDIRECT", "/stored/")
    with pytest.raises(env.SettingError, match="PROXIES=1"):
        env.internal_redirect()
    monkeypatch.setenv("PROXIES", "2")
    assert env.internal_redirect() == "/stored/"
