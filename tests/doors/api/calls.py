"""How these tests call the API: addresses, a header, an upload, and bytes no client sends."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import httpx

from consentry_server.config.wsgi import application

PROJECT = "/api/direct-sharing/project/"
MEMBERS = f"{PROJECT}members/"
EXCHANGE = f"{PROJECT}exchange-member/"
UPLOAD = f"{PROJECT}files/upload/"
DELETE = f"{PROJECT}files/delete/"
MESSAGE = f"{PROJECT}message/"
REMOVE = f"{PROJECT}remove-members/"
READS, WRITES = (PROJECT, MEMBERS, EXCHANGE), (UPLOAD, DELETE, MESSAGE, REMOVE)
ENDPOINTS = READS + WRITES
METADATA = '{"description":"Steps by day","tags":["steps"]}'
INVALID_MEMBER = {"project_member_id": "project_member_id is invalid"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def get(client: httpx.Client, address: str, token: str, **query: str | int) -> httpx.Response:
    return client.get(address, headers=bearer(token), params=query or None)


def upload(
    client: httpx.Client,
    token: str,
    number: str | None,
    *,
    name: str = "steps.csv",
    content: bytes = b"1,2\n",
    metadata: str | None = METADATA,
    **more: Any,
) -> httpx.Response:
    fields = {"project_member_id": number, "metadata": metadata} | more
    given = {key: value for key, value in fields.items() if value is not None}
    return client.post(UPLOAD, headers=bearer(token), data=given, files={"data_file": (name, content)})


def exchange(client: httpx.Client, token: str, number: str, **query: str | int) -> httpx.Response:
    return get(client, EXCHANGE, token, project_member_id=number, **query)


def fetch(client: httpx.Client, link: str, **headers: str) -> httpx.Response:
    """Follow a download link to the bytes, sending the headers both times."""
    first = client.get(link, headers=headers)
    if first.status_code != 302:
        return first
    where = first.headers["Location"]
    # an object store is outside of this process
    return (
        httpx.get(where, headers=headers)
        if "://" in where
        else client.get(f"http://testserver{where}", headers=headers)
    )


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def raw(method: str, address: str, body: bytes = b"", environ: dict[str, Any] | None = None) -> Answer:
    """Call the application with an environment of our own, whose text is bytes in latin-1."""
    parts = urlsplit(address)
    full = {
        "REQUEST_METHOD": method,
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "203.0.113.9",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    } | (environ or {})
    seen: list[Any] = []
    chunks = application(full, lambda status, headers: seen.extend((status, headers)))
    found = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return Answer(int(seen[0][:3]), dict(seen[1]), found)


def multipart(*parts: tuple[str, bytes], boundary: str = "edge", end: bool = True) -> bytes:
    """Write a multipart body of parts: the rest of the disposition, and the bytes."""
    opening = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(opening + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
    return body + (f"--{boundary}--\r\n".encode() if end else b"")


def upload_raw(token: str, body: bytes, *, length: int | str | None = None, boundary: str = "edge") -> Answer:
    environ = {
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "CONTENT_TYPE": f"multipart/form-data; boundary={boundary}",
        "CONTENT_LENGTH": str(len(body) if length is None else length),
    }
    return raw("POST", UPLOAD, body, environ)
