"""What a receiver may do to whoever calls it (catalogue 228, 232, 233, 236): nothing."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from consentry_server.outgoing import Answer, Policy, Unreachable
from consentry_server.outgoing import post as send
from consentry_server.outgoing.post import _trust
from tests.receivers import Say, answering, endless, receiver, silent

TESTING = Policy(loopback=True)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO, LAST_YEAR, FAR_OFF = (NOW.replace(year=year) for year in (2019, 2025, 2090))


def post(url: str, *, total_for: float = 15.0) -> Answer:
    return send(url, body=b"{}", headers={"webhook-id": "1"}, policy=TESTING, now=NOW, total_for=total_for)


def test_a_request_is_what_was_asked_for_and_nothing_more() -> None:
    with receiver(answering(204)) as found:
        assert post(f"{found.url}?x=1") == Answer(204)

    assert found.requests[0].startswith(b"POST /left?x=1 HTTP/1.1\r\n")
    assert found.head() == {
        "host": f"127.0.0.1:{found.port}", "content-length": "2", "connection": "close", "webhook-id": "1"
    }  # fmt: skip
    assert found.body() == b"{}"


@pytest.mark.parametrize("status", [200, 299, 301, 302, 307, 308, 400, 404, 410, 500, 502, 504])
def test_228_every_status_is_handed_on_and_no_redirect_is_followed(status: int) -> None:
    with receiver(answering(200)) as other, receiver(answering(status, f"Location: {other.url}")) as found:
        assert post(found.url) == Answer(status)
        assert other.requests == []
    assert len(found.requests) == 1


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Mon, 23 Nov 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Mon, 23 Nov 2020 13:00:00 GMT", timedelta(0)),
        ("9" * 60, timedelta(seconds=10**8)),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
        ("\u00b2", None),
        ("Mon, 99 Nov 2026 13:00:00 GMT", None),
        ("Mon, 23 Nov 99999 13:00:00 GMT", None),
    ],
)
def test_289_retry_after_is_read_in_both_forms_and_nonsense_is_none(said: str, understood: timedelta | None) -> None:
    with receiver(answering(429, f"Retry-After: {said}")) as found:
        assert post(found.url) == Answer(429, understood)


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(endless(b"x-filler: " + b"a" * 8000 + b"\r\n", b"HTTP/1.1 200 OK\r\n"), id="endless headers"),
        pytest.param(endless(b"a: b\r\n", b"HTTP/1.1 200 OK\r\n"), id="many short headers"),
        pytest.param(endless(b"x" * 65536), id="ten gigabytes of no HTTP"),
        pytest.param(endless(b"HTTP/1.1 100 Continue\r\n\r\n"), id="100 for ever"),
        pytest.param(endless(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), id="103 for ever"),
        pytest.param(lambda connection: connection.sendall(b"\x00" * 100), id="zeros"),
        pytest.param(lambda connection: connection.sendall(b"HTTP/1.1 99999 No\r\n\r\n"), id="no status"),
        pytest.param(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nbro ken\r\n\r\n"), id="broken head"),
        pytest.param(lambda _: None, id="hangs up"),
    ],
)
def test_232_a_receiver_that_talks_nonsense_or_too_much_is_left(say: Say) -> None:
    with receiver(say) as found, pytest.raises(Unreachable):
        post(found.url)
    assert len(found.requests) == 1


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", id="ten gigabytes"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", id="endless chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08", id="gzip bomb"),
    ],
)
def test_232_the_body_of_an_answer_is_not_read(start: bytes) -> None:
    with receiver(endless(b"10000\r\n" + b"x" * 65536 + b"\r\n", start)) as found:
        assert post(found.url) == Answer(200)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"a")
        sleep(0.02)


@pytest.mark.parametrize("say", [silent, drip])
def test_232_a_receiver_that_hangs_or_drips_is_left_when_the_time_is_over(say: Say) -> None:
    with receiver(say) as found, pytest.raises(Unreachable):
        post(found.url, total_for=1.5)
    assert len(found.requests) == 1


def test_236_cookies_and_challenges_are_ignored() -> None:
    challenge = answering(401, "WWW-Authenticate: Basic realm=x", "Set-Cookie: a=b")
    with receiver(challenge) as found:
        assert post(found.url) == post(found.url) == Answer(401)

    assert [set(found.head(nth)) & {"cookie", "authorization"} for nth in (0, 1)] == [set(), set()]


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(answering(502)) as proxy, receiver(answering(200)) as found:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(found.url) == Answer(200)
        assert proxy.requests == []


def test_a_port_where_nobody_listens_and_a_name_that_nobody_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "https://no.such.name.invalid/", "http://10.0.0.1/"):
        with pytest.raises(Unreachable):
            post(url)


class Authority:
    """Signs certificates for receivers of these tests."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign("Authority of a test", self.key.public_key(), names=(), until=FAR_OFF)
        self.path = folder / "authority.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, *names: str, until: datetime = FAR_OFF) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        path = self.folder / "receiver.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed = self._sign("receiver", key.public_key(), names=names, until=until)
        path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self, name: str, key: ec.EllipticCurvePublicKey, *, names: tuple[str, ...], until: datetime
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a test")])
        built = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), LONG_AGO, until)
        built = built.add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(given) for given in names])
            built = built.add_extension(alternatives, critical=False)
        return built.sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    found = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.path))
    _trust.cache_clear()
    yield found
    _trust.cache_clear()


def over_tls(context: ssl.SSLContext) -> tuple[Answer | None, int]:
    """Post to a receiver with that certificate; return the answer and how many requests it read."""
    with receiver(answering(200), context) as found:
        try:
            answer = post(f"https://localhost:{found.port}/left")
        except Unreachable:
            return None, len(found.requests)
        return answer, len(found.requests)


def test_227_a_good_certificate_is_checked_against_the_name_that_was_asked_for(authority: Authority) -> None:
    asked: list[str | None] = []
    context = authority.context("localhost")
    context.sni_callback = lambda _connection, name, _context: asked.append(name)

    assert over_tls(context) == (Answer(200), 1)
    assert asked == ["localhost"]


def test_233_a_certificate_of_another_host_or_out_of_date_is_refused_before_anything_is_said(
    authority: Authority,
) -> None:
    assert over_tls(authority.context("other.test")) == (None, 0)
    assert over_tls(authority.context("localhost", until=LAST_YEAR)) == (None, 0)


def test_233_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    assert over_tls(Authority(tmp_path).context("localhost")) == (None, 0)


@pytest.mark.filterwarnings("ignore:.*TLSv1.* is deprecated:DeprecationWarning")
def test_233_old_tls_is_refused(authority: Authority) -> None:
    context = authority.context("localhost")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")

    assert over_tls(context) == (None, 0)


def test_233_certificates_are_always_checked() -> None:
    assert _trust().verify_mode == ssl.CERT_REQUIRED
    assert _trust().check_hostname
