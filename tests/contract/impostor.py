"""A proxy that leads one https host to a server on loopback, for clients whose address is built in.

The client is not changed: it is told of a proxy and of an authority to trust by the usual variables.
"""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _certificate(host: str, folder: Path) -> Path:
    """Write a key and a certificate for `host` that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - day).not_valid_after(now + day)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem += key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "impostor.pem"
    path.write_bytes(pem)
    return path


@contextmanager
def impostor(host: str, target: str, folder: Path) -> Iterator[dict[str, str]]:
    """Serve the proxy and yield the environment that makes a client use it for https."""
    pem = _certificate(host, folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = urlsplit(target).netloc
        serve = threading.Thread(target=_serve, args=(listener, tls, host, address), daemon=True)
        serve.start()
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield {"HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1", "REQUESTS_CA_BUNDLE": str(pem)}


def _serve(listener: socket.socket, tls: ssl.SSLContext, host: str, address: str) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(client, tls, host, address), daemon=True).start()


def _answer(client: socket.socket, tls: ssl.SSLContext, host: str, address: str) -> None:
    """Take a CONNECT, then carry one request with the host's name replaced, and its answer."""
    assert f"CONNECT {host}:443 ".encode() in _head(client)
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    name, port = address.rsplit(":", 1)
    with (
        tls.wrap_socket(client, server_side=True) as inside,
        socket.create_connection((name, int(port))) as server,
    ):
        request = _head(inside).replace(f"Host: {host}".encode(), f"Host: {address}".encode())
        server.sendall(request.replace(b"Connection: keep-alive", b"Connection: close"))
        while data := server.recv(65536):
            inside.sendall(data)


def _head(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    return head
