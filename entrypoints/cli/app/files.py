"""Files that commands read and write; - means stdin or stdout."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

READ = click.Path(dir_okay=False, allow_dash=True)
WRITTEN = click.Path(dir_okay=False, allow_dash=True, writable=True)


def content_of(file: str) -> bytes:
    """The content of a file. Raises UsageError if it is unreadable."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}.") from None


def lines_of(file: str) -> list[str]:
    """The non-empty lines of a text file. Raises UsageError if it is unreadable."""
    try:
        text = content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is not UTF-8.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def write_shapes(name: str, shapes: Iterable[Mapping[str, Any]], to: TextIO) -> int:
    """Write one JSON object with all of these under this name. Returns their number.

    The items are written one by one, so memory does not grow with their number.
    """
    count = 0
    to.write(f'{{"{name}": [')
    for shape in shapes:
        to.write(f"{',' if count else ''}\n{json.dumps(shape, ensure_ascii=False)}")
        count += 1
    to.write("\n]}\n")
    return count


@contextmanager
def written_to(file: str) -> Iterator[TextIO]:
    """Open a file for writing. It appears once it is complete; until then, the old one stays.

    Raises UsageError if it cannot be written.
    """
    if file == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    target = Path(file)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
