"""A mail server of the tests, as friendly or as broken as it is told to be."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class MailServer:
    """`answers` says what it answers to a command instead of yes; `mute` answers nothing at all."""

    def __init__(self, *, mute: bool = False, **answers: str) -> None:
        self.answers = {"HELLO": "220 here", "END": "250 taken"} | {k.upper(): v for k, v in answers.items()}
        self.mute = mute
        self.refused: dict[str, str] = {}  # address: answer
        self.taken: list[tuple[str, EmailMessage]] = []
        self.over = threading.Event()
        self._server = _Server(self)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @contextmanager
    def running(self) -> Iterator["MailServer"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, behavior: MailServer) -> None:
        self.behavior = behavior
        super().__init__(("127.0.0.1", 0), _Talk)


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.to, behavior = "", self.server.behavior
        if behavior.mute:
            behavior.over.wait(60)
            return
        self.say(behavior.answers["HELLO"])
        for line in self.rfile:
            word, _, rest = line.decode().strip().partition(" ")
            self.obey(word.upper(), rest)
            if word.upper() == "QUIT":
                return

    def obey(self, word: str, rest: str) -> None:
        behavior = self.server.behavior
        answer = behavior.answers.get(word, "250 yes")
        if word == "RCPT":
            self.to = rest.partition("<")[2].partition(">")[0]
            answer = behavior.refused.get(self.to, answer)
        if word == "DATA" and answer.startswith("250"):
            answer = self.take()
        self.say(answer)

    def take(self) -> str:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".").replace(b"\r\n", b"\n"))
        answer = self.server.behavior.answers["END"]
        if answer.startswith("250"):
            mail = message_from_bytes(b"".join(lines), _class=EmailMessage, policy=default)
            self.server.behavior.taken.append((self.to, mail))
        return answer

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
