"""Addresses that somebody might type in to make this server call what only it can reach."""

from ipaddress import IPv4Address, IPv6Address

PUBLIC = "93.184.216.34"  # what a well-behaved name stands for in these tests
PRIVATE = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "0.0.0.0", "198.18.0.1", "192.0.0.192", "168.63.129.16", "224.0.0.1",  # noqa: S104
    "240.0.0.1", "255.255.255.255",
)  # fmt: skip
PRIVATE_V6 = (
    "::1", "::", "fe80::1", "fe80::1%25lo", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1",
    "2001:db8::1", "2001::1", "2001:20::1", "3fff::1", "5f00::1", "64:ff9b:1::1",
)  # fmt: skip
REDIRECTS = (301, 302, 303, 307, 308, 200)  # 200: with a Refresh header


def dashed(address: str) -> str:
    return address.replace(".", "-")


def spellings(text: str) -> list[str]:
    """Return hosts by which some reader somewhere means that IPv4 address."""
    number, parts = int(IPv4Address(text)), [int(part) for part in text.split(".")]
    a, b, c, d = parts
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    return [
        text, f"{text}.", str(number), hex(number), f"0{number:o}", f"0x{number:08X}", str(number + 2**32),
        ".".join(map(hex, parts)), ".".join(f"0{part:o}" for part in parts), ".".join(f"{part:03}" for part in parts),
        f"{a}.{b * 65536 + c * 256 + d}", f"{a}.{b}.{c * 256 + d}", f"0x{a:x}.{b}.0{c:o}.{d}",
        text.replace(".", "%2e"), text.replace(".", "\u3002"), "".join(chr(0xFEE0 + ord(x)) for x in text),
        f"[{text}]", f"[::ffff:{text}]", f"[::ffff:{high}:{low}]", f"[::{text}]", f"[64:ff9b::{high}:{low}]",
        f"[2002:{high}:{low}::1]", f"[2001:0:{high}:{low}::1]", f"[2600::5efe:{high}:{low}]",
        f"[2600::200:5efe:{high}:{low}]", f"[0:0:0:0:0:FFFF:{text}]",
        f"good.test@{text}", f"good.test:80@{text}", f"good.test\\@{text}", f"good.test#@{text}", f"{text}#.good.test",
        f"{text}\\.good.test", f"{text}%00.good.test", f"{text}%2f.good.test", f"{text}\t.good.test",
        f"private-{dashed(text)}.test", f"PRIVATE-{dashed(text)}.TEST", f"mixed-{dashed(text)}.test",
        f"xedim-{dashed(text)}.test", f"alias-{dashed(text)}.test", f"rebind-{dashed(text)}.test",
        f"mapped-{dashed(text)}.test", f"nat64-{dashed(text)}.test",
    ]  # fmt: skip


def six(text: str) -> list[str]:
    """Return spellings of an IPv6 address."""
    if "%" in text:
        return [f"[{text}]", f"[{text.replace('%25', '%')}]"]
    full = IPv6Address(text).exploded
    return [f"[{text}]", f"[{full}]", f"[{full.upper()}]", text, f"good.test@[{text}]"]


def addresses() -> list[str]:
    """Return web addresses, none of which may lead to a packet for anything but a public address."""
    hosts = [host for text in PRIVATE for host in spellings(text)]
    hosts += [host for text in PRIVATE_V6 for host in six(text)]
    hosts += ["localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "127.1", "0", "", ".", "[]", "[::1"]
    found = [f"http://{host}/left" for host in hosts]
    found += [f"http://{host}:8080/left" for host in ("127.0.0.1", "[::1]", "private-10-0-0-1.test")]
    found += [f"http://redirect-{code}-{dashed(text)}.test/left" for text in PRIVATE for code in REDIRECTS]
    found += [f"http://good.test:{port}/" for port in ("0", "22", "25", "6379", "65536", "99999", "-1", "8o", " 80")]
    found += [
        f"{scheme}://10.0.0.1/" for scheme in ("file", "gopher", "ftp", "dict", "unix", "jar", "ws", "HTTP ", "http:")
    ]
    return [
        *found,
        "file:///etc/passwd", "//10.0.0.1/", "http:10.0.0.1", "http:/10.0.0.1", "http:\\\\10.0.0.1\\", "10.0.0.1",
        "http://good.test?@10.0.0.1/", "http://good.test;@10.0.0.1/", "http://\n10.0.0.1/", " http://10.0.0.1/",
        "http://10.0.0.1\r\nHost: good.test/", "http://\u0131\u217ca0.0.1/", "http://xn--80ak6aa92e.test/",
        "http://\u0430pple.test/", "http://good.test\u2044@10.0.0.1/", "http://" + "a" * 300 + ".test/",
    ]  # fmt: skip
