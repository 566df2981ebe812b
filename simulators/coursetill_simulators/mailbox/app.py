"""The demo's mail server: receives letters, forwards none, and shows them on a page."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self

import attrs
from flask import Flask, Response, abort, make_response, render_template

from coursetill_simulators.serving.loopback import LoopbackServer

_HOST = "127.0.0.1"
_LARGEST_LETTER = 1_000_000
_MOST_LETTERS = 500
_POLL_SECONDS = 0.05
# A shown letter must not run scripts or load anything.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@attrs.define
class Letters:
    """The received letters, oldest first. The oldest are dropped for new ones."""

    arrived: list[EmailMessage] = attrs.field(factory=list)

    def take(self, content: bytes) -> None:
        letter = message_from_bytes(content, policy=default)
        self.arrived = [*self.arrived, letter][-_MOST_LETTERS:]


class _Talk(socketserver.StreamRequestHandler):
    """One SMTP session (RFC 5321), with the commands that a local shop needs."""

    server: _Server

    def handle(self) -> None:
        self._say("220 demo mailbox")
        while line := self.rfile.readline(_LARGEST_LETTER):
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._say("354 go ahead")
                self._take()
            elif word == b"QUIT":
                return self._say("221 bye")
            else:
                self._say("250 ok")
        return None

    def _take(self) -> None:
        content = bytearray()
        while (line := self.rfile.readline(_LARGEST_LETTER)) not in (b".\r\n", b""):
            # Read and drop the rest of an oversized letter, so that the client reads the reply.
            if len(content) <= _LARGEST_LETTER:
                content += line.removeprefix(b".") if line.startswith(b"..") else line
        if len(content) > _LARGEST_LETTER:
            self._say("552 too large")
        elif line:
            self.server.letters.take(bytes(content))
            self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, letters: Letters) -> None:
        super().__init__((_HOST, 0), _Talk)
        self.letters = letters


def create_mailbox(letters: Letters) -> Flask:
    """The page of all received letters, newest first, and each letter by its number."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        numbered = reversed(list(enumerate(letters.arrived, start=1)))
        return render_template("mailbox.html", letters=list(numbered))

    @app.get("/<int:number>")
    def letter(number: int) -> Response:
        return _shown(letters, number, "html")

    @app.get("/<int:number>/text")
    def text(number: int) -> Response:
        return _shown(letters, number, "plain")

    return app


def _shown(letters: Letters, number: int, form: str) -> Response:
    if not 1 <= number <= len(letters.arrived):
        abort(404)
    body = letters.arrived[number - 1].get_body((form,))
    if body is None:
        abort(404)
    headers = {"Content-Type": f"text/{form}; charset=utf-8", "Content-Security-Policy": _POLICY}
    return make_response(body.get_content(), 200, headers)


class RunningMailbox(LoopbackServer):
    """Runs the mail server and its page in a context, each on a free local port."""

    def __init__(self) -> None:
        self.letters = Letters()
        super().__init__(lambda _: create_mailbox(self.letters), name="mailbox-page")
        self._smtp = _Server(self.letters)
        self._taking = threading.Thread(
            target=self._smtp.serve_forever, args=(_POLL_SECONDS,), name="mailbox", daemon=True
        )

    @property
    def port(self) -> int:
        """The SMTP address for letters."""
        port: int = self._smtp.server_address[1]
        return port

    def __enter__(self) -> Self:
        self._taking.start()
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._smtp.shutdown()
        self._taking.join()
        self._smtp.server_close()
        super().__exit__(kind, error, traceback)
