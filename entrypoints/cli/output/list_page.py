"""One page of a list: the tail that every command has in common that lists things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from entrypoints.cli.output import terminal

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """The things to show, and what to give to --after for those that come next, if any."""

    shown: Sequence[T]
    following: object = None


def page_of(found: Sequence[T], limit: int, cursor: Callable[[T], object]) -> Page[T]:
    """The first `limit` things of those found, where one more was asked for than is shown.

    `cursor` gives what --after takes to go on after a thing.
    """
    shown = found[:limit]
    return Page(shown, cursor(shown[-1]) if len(found) > limit else None)


def print_page(
    page: Page[T],
    *,
    as_json: bool,
    name: str,
    shape: Callable[[T], Any],
    table: Callable[[Sequence[T]], None],
    none: str,
) -> None:
    """Print a page of a list, and say whether there are more.

    As JSON it is an object with the shape of each thing under `name`, and `next`. For people it is
    what `table` prints, with the sentence `none` where there is nothing to list.
    """
    if as_json:
        shapes = [shape(each) for each in page.shown]
        terminal.print_json({name: shapes, "next": page.following})
        return
    table(page.shown)
    if not page.shown:
        terminal.print_note(none)
    if page.following is not None:
        terminal.print_note(f"There are more: --after {page.following}")
