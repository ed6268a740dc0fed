"""Files to be looked at: those that people have, and those that somebody makes to break a page."""

import io
import zipfile
from random import Random
from struct import pack

from consentry_server.web.previews import HEAD, TAIL, Preview, Seen, end_is_wanted, preview


def look(content: bytes, name: str = "file") -> Preview:
    """Look at a file as the page does."""
    head = content[:HEAD]
    tail = content[-TAIL:] if end_is_wanted(head, len(content)) else b""
    return preview(Seen(head, tail, len(content), name))


def titles(found: Preview) -> list[str]:
    return [plot.title for plot in found.plots]


GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Run &amp; walk</name><trkseg>
<trkpt lat="52.5" lon="13.4"><ele>34</ele><time>2016-04-11T10:00:00Z</time></trkpt>
<trkpt lat="52.51" lon="13.4"><ele>36</ele><time>2016-04-11T10:10:00Z</time></trkpt></trkseg></trk>
<wpt lat="52.52" lon="13.4"><name>Bench</name></wpt></gpx>"""


def zipped(names: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for nth in range(names):
            archive.writestr(f"folder/{nth}\u202e.csv", b"x" * 1000)
    return out.getvalue()


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + pack(">II", 640, 480) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + pack("<HH", 64, 48) + b"\0\0\0"
JPEG = (
    b"\xff\xd8\xff\xe0"
    + pack(">H", 16)
    + b"JFIF"
    + b"\0" * 10
    + b"\xff\xc0"
    + pack(">HBHH", 17, 8, 480, 640)
    + b"\0" * 10
)


H = HEAD + 100
HOSTILE = {
    "a million columns": b"a," * 1_000_000 + b"\n" + b"1," * 100,
    "commas": b"," * H,
    "quotes": b'"' * H,
    "quotes and commas": b'",' * (H // 2),
    "one quote": b'a,b\n"' + b"x,\n" * 400_000,
    "lines": b"\n" * H,
    "nulls in a table": b"date,v\n2016-01-01,\0\n" * 1000,
    "rows": b"date,v\n" + b"2016-01-01,5\n" * 200_000,
    "rows of a hundred": b"date,"
    + b",".join(b"v%d" % n for n in range(99))
    + b"\n"
    + (b"2016-01-01" + b",5" * 99 + b"\n") * 6000,
    "deep lists": b"[" * 900_000,
    "deep objects": b'{"a":' * 150_000,
    "deep and closed": b"[" * 900 + b"]" * 900,
    "many empty objects": b"[" + b"{}," * 300_000 + b"{}]",
    "many empty lists": b"[" + b"[]," * 300_000 + b"[]]",
    "a wide object": b"[{" + b",".join(b'"k%d":%d' % (n, n) for n in range(60_000)) + b"}]",
    "a long number": b'[{"date":"2016-01-01","v":' + b"9" * 5000 + b"}]",
    "surrogates": b'[{"date":"2016-01-01","\\ud800":1},{"date":"2016-01-02","\\ud800":"\\udfff"}]',
    "NaN": b'[{"date":"2016-01-01","v":NaN},{"date":"2016-01-02","v":-Infinity},{"date":"2016-01-03","v":1e999}]',
    "many points": b"<gpx><trk><trkseg>" + b'<trkpt lat="1" lon="2"><ele>1</ele></trkpt>' * 30_000,
    "many segments": b"<gpx>" + b'<trkseg><trkpt lat="1" lon="2"/></trkseg>' * 25_000,
    "attributes": b"<gpx " + b" ".join(b'a%d="1"' % n for n in range(80_000)) + b"/>",
    "deep elements": b"<gpx>" + b"<a>" * 300_000,
    "a long name": b"<gpx><trk><name>"
    + b"x" * 900_000
    + b"</name><trkseg><trkpt lat='1' lon='1'/></trkseg></trk></gpx>",
    "positions": b'{"type":"LineString","coordinates":[' + b"[1,2]," * 150_000 + b"[1,2]]}",
    "random": Random(1).randbytes(H),
    "random text": bytes(Random(2).choices(b" \n,;\t\"'{}[]<>0123456789abc:-", k=H)),
}
