"""The command line as a process of its own, with and without a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
from click.testing import CliRunner

from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.main import coursetill

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "entrypoints.cli")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """What the process finds: these settings, the way to our code, and nothing else."""
    return {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **settings}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `coursetill ARGUMENTS` does under these settings, piped."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def inside(*arguments: str, **settings: str) -> Done:
    """The same within this process, which is faster; for commands that end by themselves."""
    context, nothing = CommandContext(settings), {"COURSETILL_DEBUG": None}
    result = CliRunner().invoke(coursetill, arguments, obj=context, env=nothing)
    return Done(result.exit_code, result.stdout, result.stderr)


@attrs.frozen
class Done:
    """How a command ended and what it said, under the names that processes use."""

    returncode: int
    stdout: str
    stderr: str


@attrs.frozen
class Seen:
    """What somebody at a terminal saw, and how it ended."""

    exit_code: int
    text: str


def at_a_terminal(*arguments: str, typed: str = "", **settings: str) -> Seen:
    """What `coursetill ARGUMENTS` shows on a terminal, where somebody types."""
    ours, theirs = pty.openpty()
    width = {"COLUMNS": "120", "LINES": "40", "TERM": "xterm-256color", "PAGER": "cat"}
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment({**width, **settings}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        if typed:
            os.write(ours, typed.encode())
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # What Linux says once nobody holds the other end any more.
                break
            if not part:
                break
            seen += part
    os.close(ours)
    return Seen(process.returncode, seen.decode().replace("\r\n", "\n"))
