"""Sends long output on a terminal through a pager, line by line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

import click

ANSWERS = frozenset(
    {"docs", "find", "history", "journal", "list", "preview", "redemptions", "report", "show"}
)
"""The commands whose output may be long, by their names in any group."""


class _Paper(io.TextIOBase):
    """A pager that stands in for the terminal. It starts with the first output.

    An error before any output starts no pager.
    """

    def __init__(self, pagers: ExitStack):
        self._pagers = pagers
        self._terminal = sys.stdout
        self._pager: TextIO | None = None

    def write(self, text: str) -> int:
        if self._pager is None:
            with redirect_stdout(self._terminal):
                self._pager = self._pagers.enter_context(click.get_pager_file())
        return self._pager.write(text)

    def flush(self) -> None:
        if self._pager is not None:
            self._pager.flush()

    def isatty(self) -> bool:
        return True


def uses_pager(ctx: click.Context) -> bool:
    """Whether a person reads this output at a terminal and has not disabled the pager."""
    told_off = ctx.obj is not None and not ctx.obj.pager
    return (
        ctx.command.name in ANSWERS
        and not (told_off or ctx.params.get("as_json"))
        and os.environ.get("PAGER") not in ("", "cat")
        and sys.stdin.isatty()
        and sys.stdout.isatty()
    )


@contextmanager
def paged() -> Iterator[None]:
    """Send the block's output through PAGER. Messages follow after it ends.

    `less` ends at once if the output fits on one screen, unless LESS says otherwise.
    """
    os.environ.setdefault("LESS", "-FRX")
    sys.stdout.flush()
    talk, pagers = io.StringIO(), ExitStack()
    try:
        with redirect_stdout(_Paper(pagers)), redirect_stderr(talk):
            yield
    except BrokenPipeError:
        pass  # The reader has left the pager.
    finally:
        # Report an error after the pager has ended, too, so that its output stays visible.
        pagers.close()
        click.echo(talk.getvalue(), err=True, nl=False)
