"""Data on stdout and messages on stderr: tables and facts for people, JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would control a terminal: escapes, and marks that reverse text."""

_STEERING = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Those of them that JSON does not escape."""

_BREAKS = re.compile(r"(\r\n|[\n\t])+")
"""Line ends and tabs in people's text: harmless, but a table row has one line."""


def clean(text: str) -> str:
    """The text in one line, without characters that would control a terminal."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text))


def print_note(text: str) -> None:
    """Print a message on stderr, so that it never mixes with data."""
    for line in text.splitlines():
        click.echo(clean(line), err=True)


def print_line(text: str) -> None:
    """Print a sentence that is the command's result, on stdout."""
    for line in text.splitlines() or [""]:
        click.echo(clean(line))


def print_json(value: Any) -> None:
    click.echo(_json(value))


def print_note_json(value: Any) -> None:
    click.echo(_json(value), err=True)


def _json(value: Any) -> str:
    """Print JSON, with characters that would control a terminal as escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values, one per line. Empty values are left out."""
    facts = [(name, clean(value)) for name, value in pairs if value]
    width = max((len(name) for name, _ in facts), default=0)
    for name, value in facts:
        click.echo(f"{name:<{width}}  {value}")


def print_heading(text: str) -> None:
    click.echo()
    click.echo(click.style(text, bold=True) if _pretty() else text)


def print_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """Print a table: with rules on a terminal, plain columns in a pipe.

    `right` are the numeric columns. These and `whole` are not wrapped.
    """
    cleaned = [[clean(cell) for cell in row] for row in rows]
    if _pretty():
        _ruled(titles, cleaned, right=right, whole=whole)
        return
    widths = [
        max(len(title), *(len(row[n]) for row in cleaned)) if cleaned else len(title)
        for n, title in enumerate(titles)
    ]
    for row in ([title.upper() for title in titles], *cleaned):
        cells = (
            f"{cell:>{width}}" if title in right else f"{cell:<{width}}"
            for title, cell, width in zip(titles, row, widths, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def _pretty() -> bool:
    return sys.stdout.isatty()


def _ruled(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str],
    whole: Sequence[str],
) -> None:
    """The table for a terminal, without empty columns, to save space."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    ruled = Table(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    kept = [n for n in range(len(titles)) if not rows or any(row[n] for row in rows)]
    for title in (titles[n] for n in kept):
        number = title in right
        ruled.add_column(
            title,
            justify="right" if number else "left",
            no_wrap=number or title in whole,
            overflow="fold",
        )
    for row in rows:
        # As text, because a title with brackets is not markup.
        ruled.add_row(*(Text(row[n]) for n in kept))
    Console().print(ruled)


def counted(number: int, one: str, many: str = "") -> str:
    """1 order, 2 orders."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
