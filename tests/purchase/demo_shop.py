"""The demo, running as a process of its own, and how staff reach it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from tests.cli.processes import Done, inside
from tests.cli.servers import free_port, serving


@attrs.frozen
class DemoShop:
    """The demo, running as a process of its own, and how staff reach it."""

    address: str
    folder: Path

    def staff(self, *arguments: str) -> Done:
        written = (self.folder / "var" / "demo.env").read_text("utf-8")
        settings = dict(
            shlex.split(line.removeprefix("export "))[0].split("=", 1)
            for line in written.splitlines()
            if line.startswith("export ")
        )
        return inside(*arguments, **settings)

    def staff_json(self, *arguments: str) -> Any:
        done = self.staff(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def demo_shop(folder: Path, *flags: str) -> Iterator[DemoShop]:
    """The demo on a port of its own; it has to end in good order."""
    port = free_port()
    with serving(
        "demo",
        *flags,
        ready="stdout:Ctrl-C stops everything.",
        settings={"PORT": str(port)},
        folder=folder,
    ) as server:
        yield DemoShop(f"http://127.0.0.1:{port}", folder)
        assert server.stopped()[0] == 0
