"""Long answers on a terminal go through a pager, line by line as they come."""

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
"""The commands that may have much to tell, by their names in every group."""


class _Paper(io.TextIOBase):
    """A pager, which stands for the terminal that it shows everything on; begun by the first word.

    An error that comes before any answer needs none.
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
    """Whether a person reads this answer at a terminal, and has not forbidden the pager."""
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
    """What is printed inside goes through PAGER; the talk follows once it has ended.

    `less` shows what fits on one screen and ends at once, unless LESS says otherwise.
    """
    os.environ.setdefault("LESS", "-FRX")
    sys.stdout.flush()
    talk, pagers = io.StringIO(), ExitStack()
    try:
        with redirect_stdout(_Paper(pagers)), redirect_stderr(talk):
            yield
    except BrokenPipeError:
        pass  # Whoever reads has seen enough.
    finally:
        # An error is told once the pager has ended, too: what came before it stays to be read.
        pagers.close()
        click.echo(talk.getvalue(), err=True, nl=False)
