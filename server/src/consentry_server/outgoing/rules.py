"""Which addresses may be called. Pure: nothing is resolved here."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.utils.translation import gettext

Address = IPv4Address | IPv6Address
LONGEST = 256  # characters of an address, as the wire has it

# Never called, whatever the standard library of the day thinks of them (IANA's special-purpose registries).
_NEVER = [
    ip_network(network)
    for network in (
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a cloud's metadata service on a public address
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",  # Teredo, ORCHID and others; examples; 6to4; examples
    )
]  # fmt: skip
# Called only for hosts that the operator named.
_PRIVATE = [
    ip_network(network)
    for network in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]  # fmt: skip
_GLOBAL_V6 = IPv6Network("2000::/3")  # all else is local, mapped, translated (NAT64), multicast or nobody's
_TUNNELED = re.compile(r"0[02]005efe", re.ASCII)  # ISATAP: an IPv4 address in the last four bytes

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>(?:/[!$&-;=?A-Z\[\]_a-z~%]*|\?[!$&-;=?A-Z\[\]_a-z~%/]*)?)",
    re.ASCII | re.IGNORECASE,
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}", re.ASCII)


@dataclass(frozen=True)
class Policy:
    """What an operator allows: `hosts` may have private addresses and any port; `loopback` is for tests and demos."""

    ports: frozenset[int] = frozenset({443})
    hosts: frozenset[str] = frozenset()
    loopback: bool = False
    site: str = ""  # this installation's own host name


@dataclass(frozen=True)
class Destination:
    """An address taken apart once, so that nobody reads it in another way later."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def literal(self) -> Address | None:
        """Return the IP address that stands in the place of a name."""
        return _literal(self.host)


class NotAllowed(ValueError):
    """The address may not be called; the message says what to do."""


def fault(url: str, policy: Policy) -> str:
    """Return what is wrong with an address, or "". The name in it is not looked up."""
    try:
        destination(url, policy)
    except NotAllowed as reason:
        return str(reason)
    return ""


def destination(url: str, policy: Policy) -> Destination:
    """Take an address apart. Raises NotAllowed."""
    found = _URL.fullmatch(url) if len(url) <= LONGEST else None
    if found is None:
        raise NotAllowed(
            gettext("Give a plain web address such as https://example.org/left: nothing before the host, no #.")
        )
    scheme, host = found["scheme"].lower(), found["host"].lower().strip("[]")
    port = int(found["port"] or {"http": 80, "https": 443}[scheme])
    target = found["target"] if found["target"].startswith("/") else f"/{found['target']}"
    where = Destination(scheme, host, port, target)
    _check_host(where, policy)
    _check_port(where, policy)
    return where


def _check_host(where: Destination, policy: Policy) -> None:
    if is_named(where.host, policy):
        return
    if where.host == policy.site:
        raise NotAllowed(gettext("This is the address of this site itself."))
    if where.literal is not None:
        if not may_call(where.literal, where.host, policy):
            raise NotAllowed(gettext("This address is not a public one."))
    elif not _NAME.fullmatch(where.host) or "xn--" in where.host:
        raise NotAllowed(gettext("Give the host's full name in plain letters, such as hooks.example.org."))


def _check_port(where: Destination, policy: Policy) -> None:
    if is_named(where.host, policy) and where.port < 65536:
        return
    if where.scheme == "http" and not policy.ports & {80, 8080}:
        raise NotAllowed(gettext("Start the address with https://: this server calls nobody in clear."))
    if where.port not in policy.ports:
        allowed = ", ".join(map(str, sorted(policy.ports)))
        raise NotAllowed(
            gettext("This server calls port {ports} only. Leave the port out, or use one of these.").format(
                ports=allowed
            )
        )


def is_named(host: str, policy: Policy) -> bool:
    """Say whether the operator named this host, or it is this machine in a test."""
    return host in policy.hosts or (policy.loopback and (host == "localhost" or _is_loopback(host)))


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return literal is not None and literal.is_loopback


def may_call(address: Address, host: str, policy: Policy) -> bool:
    """Say whether a packet may go to an address to which that host was resolved."""
    if is_public(address):
        return True
    if policy.loopback and is_named(host, policy) and address.is_loopback:
        return True
    return host in policy.hosts and _in(address, _PRIVATE)


def is_public(address: Address) -> bool:
    """Say whether an address is one that anybody on the internet may call."""
    if _in(address, _NEVER) or _in(address, _PRIVATE):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global
    tunneled = _TUNNELED.fullmatch(f"{(int(address) >> 32) & 0xFFFFFFFF:08x}") is not None
    return address in _GLOBAL_V6 and address.is_global and not tunneled and address.scope_id is None


def _in(address: Address, networks: list[IPv4Network | IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
