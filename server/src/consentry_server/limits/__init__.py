"""How often somebody called within a minute, counted once for all processes of a machine."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from consentry_server.common.configured import configured
from consentry_server.limits.aside import aside
from consentry_server.limits.meter import Meter, Spent, numbered, scrambled

__all__ = ["Meter", "Spent", "aside", "key_of_address", "numbered", "opened", "scrambled"]

_SLOTS = {"tokens": 1 << 13, "addresses": 1 << 16, "tries": 1 << 16}


def opened(name: str) -> Meter:
    """Return the meter of that name, which all processes with this data folder share."""
    return _opened(configured().LIMITS, name)


@lru_cache(maxsize=8)
def _opened(folder: Path, name: str) -> Meter:
    return Meter(folder / name, slots=_SLOTS[name])


def key_of_address(text: str, secret: bytes) -> bytes:
    """Return the key of an address; of IPv6, of the /64 that one household has to choose from."""
    try:
        address = ip_address(text)
    except ValueError:
        return scrambled(text, secret)
    if isinstance(address, IPv6Address):
        network = address.ipv4_mapped or ip_network((address, 64), strict=False)
        return scrambled(str(network), secret)
    return scrambled(text, secret)
