"""A small mail server of the tests' own, over real sockets, that can misbehave in every way."""

from __future__ import annotations

import socketserver
import ssl
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self

import attrs

DROP, SILENCE = "drop the line", "say nothing more"


@attrs.define
class Habits:
    """How a server answers: `replies` by the first word of a command, "." for the whole letter.

    DROP ends the connection there; SILENCE leaves the other side waiting.
    """

    replies: dict[str, str] = attrs.field(factory=dict)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    password: tuple[str, str] | None = None


def in_upper_case(command: str) -> str:
    """The command with its keywords in upper case: libraries write them in either (RFC 5321, 2.4).

    >>> in_upper_case("rcpt to:<ada@example.org>")
    'RCPT TO:<ada@example.org>'
    """
    verb, space, rest = command.partition(" ")
    if verb.upper() in ("MAIL", "RCPT"):
        keyword, colon, path = rest.partition(":")
        rest = f"{keyword.upper()}{colon}{path}"
    return f"{verb.upper()}{space}{rest}"


class Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        habits = self.server.habits
        if habits.implicit and not self.encrypt():
            return
        if not self.reply("connect", "220 test ready"):
            return
        while line := self.rfile.readline():
            command = in_upper_case(line.strip().decode())
            self.server.commands.append(command)
            if not self.obey(command.partition(" ")[0], line):
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def obey(self, word: str, line: bytes) -> bool:
        """Whether the conversation goes on."""
        habits = self.server.habits
        match word:
            case "EHLO":
                offers = ["250-test", "250-8BITMIME"]
                if habits.tls and not isinstance(self.connection, ssl.SSLSocket):
                    offers.append("250-STARTTLS")
                if habits.password:
                    offers.append("250-AUTH PLAIN")
                return self.reply(word, "\r\n".join([*offers, "250 SIZE 1000000"]))
            case "STARTTLS":
                return self.reply(word, "220 go ahead") and self.encrypt()
            case "AUTH":
                return self.reply(word, "235 welcome" if self.knows(line) else "535 who are you")
            case "DATA":
                if not self.reply(word, "354 go ahead"):
                    return False
                return self.take() if word not in habits.replies else True
            case "QUIT":
                self.reply(word, "221 bye")
                return False
            case _:
                return self.reply(word, "250 ok")

    def take(self) -> bool:
        """Read the letter; it is kept only where it is answered for with a 2xx."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if not line:
            return False
        told = self.server.habits.replies.get(".", "250 taken")
        if told.startswith("250"):
            self.server.letters.append(message_from_bytes(b"".join(lines), policy=default))
        return self.reply(".", "250 taken")

    def reply(self, word: str, usual: str) -> bool:
        told = self.server.habits.replies.get(word, usual)
        if told == SILENCE:
            self.server.released.wait(20)
            return False
        if told == DROP:
            return False
        self.wfile.write(f"{told}\r\n".encode())
        return True

    def encrypt(self) -> bool:
        assert self.server.habits.tls is not None
        try:
            self.connection = self.server.habits.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            return False  # The other side did not trust us.
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        return True

    def knows(self, line: bytes) -> bool:
        import base64

        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        return (user, password) == self.server.habits.password


class MailServer(socketserver.ThreadingTCPServer):
    """The server on a free port of this machine, while it is entered."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, habits: Habits | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.habits = habits or Habits()
        self.letters: list[EmailMessage] = []
        # Each command as it came, its keywords in upper case.
        self.commands: list[str] = []
        self.released = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
