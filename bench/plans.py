"""How the databases run the hot statements: what is not an index look-up is named."""

import json
from collections.abc import Iterator
from itertools import product

from bench import explain
from bench.options import Options
from bench.place import made
from bench.report import Row


def measure(options: Options) -> Iterator[Row]:
    """Print the plans that read more than they give, and yield each statement's time with many members."""
    sizes = (options.members, options.heavy), (options.many_members, options.many_files)
    for kind, (members, heavy) in product(options.databases, sizes):
        with made(kind, suffix="_plans", url=options.postgresql) as place:
            place.seed(members=members, files=options.files, heavy=heavy)
            place.facts |= json.loads(place.python("bench.pairs", 2))
            names = ("project", "token", "heavy", "ordinary", "access", "refresh")
            wanted = {name: place.facts[name] for name in names}
            for told in json.loads(place.python(explain.__name__, json.dumps(wanted))):
                print(f"\n{kind}, {members:,} members: {told['call']} takes {told['milliseconds']:.2f} ms")
                print("\n".join(f"    {line}" for line in told["suspects"]) or "    index look-ups only")
                where = f"{kind}, {members:,} members"
                yield Row("plans", where, told["call"], told["milliseconds"], "ms")
