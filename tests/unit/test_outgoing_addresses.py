"""Which addresses a webhook may have, before and after its name is looked up (catalogue 225, 226, 229, 230)."""

from ipaddress import ip_address

import pytest

from consentry_server.outgoing import Policy, fault
from consentry_server.outgoing.rules import destination, is_public, may_call
from tests import hostile

OPEN = Policy(ports=frozenset({80, 443, 8080}))  # the most that an operator can allow to everybody
NAMED = Policy(hosts=frozenset({"hooks.lan", "10.0.0.7"}))


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org/left?a=1", "HTTPS://Hooks.Example.ORG/x"])
def test_plain_addresses_are_taken(url: str) -> None:
    assert fault(url, Policy()) == ""


@pytest.mark.parametrize("text", hostile.PRIVATE)
def test_225_226_no_spelling_of_a_private_address_is_taken(text: str) -> None:
    by_name = [host for host in hostile.spellings(text) if host.lower().endswith(f"{hostile.dashed(text)}.test")]
    numbers = [host for host in hostile.spellings(text) if host not in by_name]

    assert [host for host in numbers if not fault(f"http://{host}/left", OPEN)] == []
    assert [host for host in by_name if fault(f"http://{host}/left", OPEN)] == []  # those are for the look-up


@pytest.mark.parametrize("text", [*hostile.PRIVATE, *(text for text in hostile.PRIVATE_V6 if "%" not in text)])
def test_226_no_private_address_is_called_whatever_its_name(text: str) -> None:
    assert not may_call(ip_address(text), "good.test", OPEN)


@pytest.mark.parametrize(
    "text", ["fe80::1%lo", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2600::5efe:808:808", "ff0e::1"]
)
def test_226_what_hides_another_address_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", hostile.PUBLIC, "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2600::1"])
def test_public_addresses_are_public(text: str) -> None:
    assert is_public(ip_address(text))
    assert may_call(ip_address(text), "good.test", Policy())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://ada:secret@example.org/", "nothing before the host"),
        ("https://example.org/#top", "no #"),
        ("https://example.org\\@evil.test/", "plain web address"),
        ("https://exa\tmple.org/", "plain web address"),
        ("https://example.org/\n", "plain web address"),
        ("https://\u0435xample.org/", "plain web address"),
        ("https://xn--xample-2of.org/", "plain letters"),
        ("https://localhost/", "full name"),
        ("https://example.org./", "full name"),
        ("https://0x7f.1/", "full name"),
        ("https://2130706433/", "full name"),
        ("https://127.0.0.1/", "not a public one"),
        ("https://[::1]/", "not a public one"),
        ("https://[2001:db8::1]/", "not a public one"),
        ("http://example.org/", "https://"),
        ("https://example.org:8443/", "port 443 only"),
        ("https://example.org:22/", "port 443 only"),
        ("https://example.org:0/", "plain web address"),
        ("https://example.org:65536/", "port 443 only"),
        ("ftp://example.org/", "plain web address"),
        ("https://home.example/", "this site itself"),
        ("https://example.org/" + "x" * 250, "plain web address"),
        ("", "plain web address"),
    ],
)
def test_229_230_every_refusal_says_what_to_do(url: str, says: str) -> None:
    assert says in fault(url, Policy(site="home.example"))


def test_229_ports_and_plain_http_are_for_the_operator_to_open() -> None:
    assert fault("http://example.org/", OPEN) == ""
    assert fault("https://example.org:8080/", OPEN) == ""
    assert fault("http://example.org:6379/", OPEN) != ""


def test_hosts_that_the_operator_named_may_be_private_but_never_this_machine_or_its_metadata() -> None:
    assert fault("http://hooks.lan:9000/x", NAMED) == ""
    assert fault("http://10.0.0.7/", NAMED) == ""
    assert fault("http://10.0.0.8/", NAMED) != ""
    assert may_call(ip_address("192.168.1.1"), "hooks.lan", NAMED)
    for text in ("127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0"):  # noqa: S104
        assert not may_call(ip_address(text), "hooks.lan", NAMED)
    assert not may_call(ip_address("192.168.1.1"), "other.lan", NAMED)


def test_loopback_is_for_tests_and_opens_nothing_else() -> None:
    testing = Policy(loopback=True)

    assert fault("http://127.0.0.1:5000/x", testing) == ""
    assert fault("http://localhost:5000/x", testing) == ""
    assert fault("http://10.0.0.1/", testing) != ""
    assert not may_call(ip_address("127.0.0.1"), "good.test", testing)
    assert not may_call(ip_address("10.0.0.1"), "localhost", testing)


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://example.org", "example.org", 443, "/"),
        ("https://example.org?x=1", "example.org", 443, "/?x=1"),
        ("https://Example.org:443/A%20b?x=/", "example.org", 443, "/A%20b?x=/"),
        ("https://[2606:4700::1111]/x", "2606:4700::1111", 443, "/x"),
    ],
)
def test_an_address_is_taken_apart_once(url: str, host: str, port: int, target: str) -> None:
    found = destination(url, Policy())

    assert (found.host, found.port, found.target) == (host, port, target)


def test_there_are_five_hundred_hostile_addresses() -> None:
    assert len(set(hostile.addresses())) >= 500
