"""Data on stdout and talk on stderr: tables and facts for people, JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What would steer a terminal instead of being read: escapes, and marks that turn text round."""

_STEERING = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Those of them that stand in JSON as they are."""

_BREAKS = re.compile(r"(\r\n|[\n\t])+")
"""What people write to begin another line: harmless, and a table has one."""


def clean(text: str) -> str:
    """The text without anything that steers a terminal, on one line."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", text))


def print_note(text: str) -> None:
    """Talk: on stderr, so that it never mixes with data."""
    for line in text.splitlines():
        click.echo(clean(line), err=True)


def print_line(text: str) -> None:
    """A sentence that is the command's own result: on stdout."""
    for line in text.splitlines() or [""]:
        click.echo(clean(line))


def print_json(value: Any) -> None:
    click.echo(_json(value))


def print_note_json(value: Any) -> None:
    click.echo(_json(value), err=True)


def _json(value: Any) -> str:
    """As JSON, where what would steer a terminal is written as an escape, and means the same."""
    told = json.dumps(value, indent=2, ensure_ascii=False)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", told)


def print_facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values, one under the other; what has no value is left out."""
    told = [(name, clean(value)) for name, value in pairs if value]
    width = max((len(name) for name, _ in told), default=0)
    for name, value in told:
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
    """A table: ruled on a terminal, plain columns where it is piped.

    `right` are the numbers; what stands under them and under `whole` is not broken over lines.
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
    """The table on a terminal, which has no room to spare: without the columns that are empty."""
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
        # As text: a title with brackets in it is no markup.
        ruled.add_row(*(Text(row[n]) for n in kept))
    Console().print(ruled)


def counted(number: int, one: str, many: str = "") -> str:
    """1 order, 2 orders."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
