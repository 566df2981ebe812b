"""The demo, running as a process of its own, and how staff reach it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import requests

from tests.entrypoints.cli.processes import Done, inside
from tests.entrypoints.cli.servers import free_port, serving


@attrs.frozen
class DemoShop:
    """The demo, running as a process of its own, and how staff reach it."""

    address: str
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        written = (self.folder / "var" / "demo.env").read_text("utf-8")
        return dict(
            shlex.split(line.removeprefix("export "))[0].split("=", 1)
            for line in written.splitlines()
            if line.startswith("export ")
        )

    def staff(self, *arguments: str) -> Done:
        return inside(*arguments, **self.settings)

    def lets_webhooks_go_lost(self) -> None:
        """The next messages of the gateway never come."""
        address = f"{self.settings['COURSETILL_CYBERSOURCE_URL']}/simulator/mishaps"
        told = {"channel": "webhooks", "fault": "drop", "times": 20}
        assert requests.post(address, json=told, timeout=10).ok

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
