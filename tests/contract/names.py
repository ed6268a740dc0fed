"""A name server for namespace.py, whose names say what they stand for: private-10-0-0-1.test, rebind-… and so on."""

import socket
from ipaddress import ip_address
from struct import pack, unpack

from tests.hostile import PUBLIC

A, AAAA, CNAME = 1, 28, 5


class NameServer:
    """Answers at 127.0.0.1:53. A name that rebinds is public when it is asked for first, and private from then on."""

    def __init__(self) -> None:
        self.asked = 0
        self.rebound = 0
        self._times: dict[str, int] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))

    def serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(4096)
            self.asked += 1
            self._socket.sendto(self._reply(query), sender)

    def _reply(self, query: bytes) -> bytes:
        name, end = read_name(query, 12)
        (kind,) = unpack("!H", query[end : end + 2])
        records = self._records(name.lower(), kind)
        head = query[:2] + pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
        return head + query[12 : end + 4] + b"".join(records)

    def _records(self, name: str, kind: int) -> list[bytes]:
        if not name.startswith("alias-"):
            return [record(kind, text) for text in self._stands_for(name, kind)]
        other = name.replace("alias-", "private-", 1)
        named = b"".join(bytes([len(label)]) + label.encode() for label in other.split(".")) + b"\0"
        alias = b"\xc0\x0c" + pack("!HHIH", CNAME, 1, 0, len(named)) + named
        return [alias, *(record(kind, text, about=named) for text in self._stands_for(other, kind))]

    def _stands_for(self, name: str, kind: int) -> list[str]:
        """Return the addresses of a name, in the order in which they are told."""
        trick, *numbers = name.split(".", maxsplit=1)[0].split("-")
        private = ".".join(numbers)
        if trick in ("good", "redirect"):
            return [PUBLIC] if kind == A else []
        if trick == "rebind" and kind == A:
            self._times[name] = self._times.get(name, 0) + 1
            self.rebound += self._times[name] > 1
            return [PUBLIC if self._times[name] == 1 else private]
        four = {"private": [private], "mixed": [PUBLIC, private], "xedim": [private, PUBLIC]}
        six = {"mapped": [f"::ffff:{private}"], "nat64": [f"64:ff9b::{private}"]}
        if kind == A:
            return four.get(trick, [PUBLIC] if trick in six else [])
        return six.get(trick, []) if kind == AAAA else []


def read_name(query: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    return ".".join(labels), at + 1


def record(kind: int, text: str, *, about: bytes = b"\xc0\x0c") -> bytes:
    """Return a record, if nothing else is said about the name that was asked for, good for no time at all."""
    data = ip_address(text).packed
    return about + pack("!HHIH", kind, 1, 0, len(data)) + data
