"""Reads the files that settings name, and collects all problems."""

from __future__ import annotations

from pathlib import Path

import attrs


@attrs.define
class Files:
    """Reads files, and collects problems by setting."""

    problems: list[tuple[str, str]] = attrs.field(factory=list)

    def content(self, name: str, path: str) -> bytes:
        """The content of the file that the setting `name` names; empty if it is unreadable."""
        try:
            return Path(path).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "that is no path"
            self.problems.append((name, f"{path} cannot be read ({why})"))
            return b""

    def text(self, name: str, path: str) -> str:
        """The same as text, without the final line end."""
        try:
            return self.content(name, path).decode().rstrip("\r\n")
        except UnicodeDecodeError:
            self.problems.append((name, f"{path} holds no text"))
            return ""
