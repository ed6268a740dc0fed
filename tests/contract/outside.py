"""The public internet of namespace.py: a web server at 93.184.216.34, in a network namespace of its own."""

import socket
import subprocess
import sys
from contextlib import suppress
from select import select

REASONS = {301: "Moved", 302: "Found", 303: "See", 307: "Temporary", 308: "Permanent"}


def answer(request: bytes) -> bytes:
    """Redirect to whatever private address the host's name holds: redirect-302-10-0-0-1.test."""
    lines = request.decode("latin-1").split("\r\n")
    host = next((line.split(": ", 1)[1] for line in lines if line.lower().startswith("host: ")), "")
    if not host.startswith("redirect-"):
        return b"HTTP/1.1 204 Thanks\r\n\r\n"
    _, code, *numbers = host.split(".")[0].split("-")
    to = f"http://{'.'.join(numbers)}/"
    return f"HTTP/1.1 {code} Elsewhere\r\nLocation: {to}\r\nRefresh: 0; url={to}\r\nContent-Length: 0\r\n\r\n".encode()


def main() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for command in ("ip link set lo up", "ip addr add 93.184.216.34/24 dev far0", "ip link set far0 up"):
        subprocess.run(command.split(), check=True)
    listening = [socket.create_server(("93.184.216.34", port), backlog=64) for port in (80, 8080)]
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    while True:
        for ready in select([sys.stdin, *listening], [], [])[0]:
            if ready is sys.stdin:  # whoever started us is gone
                return
            connection, _ = ready.accept()
            with connection, suppress(OSError):
                connection.settimeout(5)
                connection.sendall(answer(connection.recv(65536)))


if __name__ == "__main__":
    main()
