"""Sends to every hostile address inside a network of its own, and counts what leaves: run by test_namespace.py.

Two network namespaces: `here`, where our sender is, and `outside`, the public internet of this test. What is for
93.184.216.0/24 goes outside; everything else goes to a trap, a device that counts and leads nowhere. A tap on all
devices sees each packet. The only traffic allowed on loopback is with our name server.
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from struct import unpack
from threading import Thread

sys.path.insert(0, str(Path(__file__).parents[2]))

import django

django.setup()  # refusals are said in a language

from consentry_server.outgoing import Answer, Policy, Unreachable, post  # noqa: E402 - after Django is set up
from tests import hostile  # noqa: E402
from tests.contract.names import NameServer  # noqa: E402

PUBLIC = ip_network("93.184.216.0/24")
OPEN = Policy(ports=frozenset({80, 443, 8080}))
HERE = "93.184.216.1"
ALL_PROTOCOLS, INTERNET = 3, (0x0800, 0x86DD)


def run(command: str) -> None:
    subprocess.run(command.split(), check=True)


class Tap:
    """Every IPv4 and IPv6 packet with TCP or UDP on any device, except what comes from outside."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_PROTOCOLS))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet, (device, protocol, *_) = self._socket.recvfrom(65536)
            found = told(packet) if protocol in INTERNET else None
            if found is not None:
                self.seen.append((device, *found))

    def strange(self) -> list[tuple[str, str, int]]:
        """Return what went neither outside, nor came from there, nor asked the name server."""
        return [packet for packet in self.seen if not self._is_allowed(packet)]

    def _is_allowed(self, packet: tuple[str, str, int]) -> bool:
        device, to, port = packet
        return (ip_address(to) in PUBLIC and device == "near0") or (device == "lo" and to == "127.0.0.1" and port == 53)


def told(packet: bytes) -> tuple[str, int] | None:
    """Return where a TCP or UDP packet goes, or the name server whom an answer is from."""
    if packet[0] >> 4 == 4:
        protocol, start = packet[9], (packet[0] & 15) * 4
        to = socket.inet_ntop(socket.AF_INET, packet[16:20])
    else:
        protocol, start = packet[6], 40
        to = socket.inet_ntop(socket.AF_INET6, packet[24:40])
    if protocol not in (6, 17):
        return None
    source, destination = unpack("!HH", packet[start : start + 4])
    return to, 53 if protocol == 17 and 53 in (source, destination) else destination


def build() -> subprocess.Popen[str]:
    """Make both networks; return the process that answers outside."""
    outside = subprocess.Popen(
        ["unshare", "-n", sys.executable, str(Path(__file__).with_name("outside.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert outside.stdout is not None
    assert outside.stdin is not None
    outside.stdout.readline()  # it is in its own namespace now
    run("ip link set lo up")
    run("ip link add near0 type veth peer name far0")
    run(f"ip link set far0 netns {outside.pid}")
    run(f"ip addr add {HERE}/24 dev near0")
    run("ip link set near0 up")
    for trap, family in (("trap4", "-4"), ("trap6", "-6")):
        run(f"ip link add {trap} type veth peer name {trap}end")
        Path(f"/proc/sys/net/ipv6/conf/{trap}end/disable_ipv6").write_text("1")
        run(f"ip link set {trap} arp off up")  # nobody is asked where an address is: what is sent is sent
        run(f"ip link set {trap}end up")
        if family == "-6":
            run("ip -6 addr add 2600:1::1/64 dev trap6 nodad")
        run(f"ip {family} route add default dev {trap}")
    Path("/proc/sys/net/ipv6/conf/trap4/disable_ipv6").write_text("1")
    outside.stdin.write("go\n")
    outside.stdin.flush()
    outside.stdout.readline()  # it listens
    return outside


def sent(device: str) -> int:
    """Return how many packets a device has sent, by the kernel's own counter."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith(f"{device}:"):
            return int(line.split(":")[1].split()[9])
    raise LookupError(device)


def call(url: str) -> str:
    try:
        answer: Answer = post(url, body=b"{}", headers={}, policy=OPEN, now=datetime.now(UTC), total_for=10)
    except Unreachable:
        return "unreachable"
    return str(answer.status)


def settle(tap: Tap) -> None:
    """Wait until the tap has read all that the kernel has for it: its own mark comes last."""
    before = len(tap.seen)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mark:
        mark.sendto(b"mark", ("93.184.216.34", 9))
    for _ in range(1000):
        if any(port == 9 for _, _, port in tap.seen[before:]):
            return
        time.sleep(0.01)
    raise RuntimeError("the tap sees nothing")


def knock(address: str, port: int = 80) -> None:
    """Send one packet as a careless program would: the tap and the counters must see it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as careless:
        careless.setblocking(False)
        careless.connect((address, port))


def main() -> None:
    outside = build()
    names = NameServer()
    Thread(target=names.serve, daemon=True).start()
    tap = Tap()
    addresses = list(dict.fromkeys(hostile.addresses()))
    before = sent("trap4")
    outcomes = {url: call(url) for url in addresses}
    good = [call(url) for url in ("http://good.test/left", "http://93.184.216.34:8080/")]
    own = call(f"http://{HERE}/left")
    settle(tap)
    report = {
        "addresses": len(addresses),
        "reached": {url: outcome for url, outcome in outcomes.items() if outcome != "unreachable"},
        "good": good,
        "own": own,
        "asked": names.asked,
        "rebound": names.rebound,
        "strange": tap.strange(),
        "trapped": sent("trap4") - before,
    }
    for address in ("10.0.0.1", "169.254.169.254", "fd00::1", "127.0.0.1"):
        knock(address)
    settle(tap)
    report["control"] = sorted({to for _, to, _ in tap.strange()})
    report["control_trapped"] = sent("trap4") - before
    outside.kill()
    sys.stdout.write(json.dumps(report))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
