"""A server that answers as it is told, byte by byte: whatever can go wrong on a wire."""

import socket
from threading import Event, Thread
from types import TracebackType
from typing import Self

JSON = "Content-Type: application/json\r\n"


def http(status: str, body: bytes, headers: str = JSON) -> bytes:
    """A whole reply."""
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Stub:
    """
    Answers every request with the same bytes, in as many pieces as it is given.

    With `holds` it keeps the connection open after the last piece, as a server that hangs does,
    until it is left. `endlessly` it sends on and on, until the other side has had enough.
    """

    def __init__(self, *pieces: bytes, holds: bool = False, endlessly: bytes = b"") -> None:
        self.requests: list[bytes] = []
        self._pieces = pieces
        self._holds = holds
        self._endlessly = endlessly
        self._left = Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._left.set()
        # Closing alone would not wake up a thread that waits for a connection.
        socket.create_connection(self._socket.getsockname()).close()
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while not self._left.is_set():
            connection, _ = self._socket.accept()
            with connection:
                request = _whole_request(connection)
                if not request:
                    continue
                self.requests.append(request)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            for piece in self._pieces:
                connection.sendall(piece)
            while self._endlessly and not self._left.is_set():
                connection.sendall(self._endlessly)
            if self._holds:
                self._left.wait(5)
        except OSError:
            return


def _whole_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65_536)
        if not more:
            return b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
