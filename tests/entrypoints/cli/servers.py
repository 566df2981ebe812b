"""Commands that serve until they are stopped, as processes of their own."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from tests.entrypoints.cli.processes import COMMAND, environment


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@attrs.define
class Server:
    """A server that runs, what it has said so far, and how it is stopped."""

    process: subprocess.Popen[str]
    said: str

    def stopped(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """The exit code after this signal, and all it said on stdout and on stderr."""
        self.process.send_signal(number)
        rest, told = self.process.communicate(timeout=30)
        return self.process.returncode, self.said + rest, told


@contextmanager
def serving(
    *arguments: str, ready: str, settings: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    """The server once it has said `ready` on stdout or stderr; killed at the end if it still runs.

    Where it ends without saying so, the block finds it ended.
    """
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment({"PYTHONUNBUFFERED": "1", **settings}),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if ready.startswith("stdout:") else subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            wanted, said = ready.removeprefix("stdout:"), ""
            while wanted not in said:
                line = process.stdout.readline()
                if not line:
                    break
                said += line
            yield Server(process, said)
        finally:
            if process.poll() is None:
                process.kill()


def status_of(url: str) -> int:
    """The HTTP status of this page."""
    try:
        with urllib.request.urlopen(url, timeout=20) as reply:  # noqa: S310 - our own address
            status: int = reply.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
