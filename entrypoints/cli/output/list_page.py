"""Pages of lists, with the cursor of the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from entrypoints.cli.output import terminal

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """The items to show, and the value of --after for the next page, if there is one."""

    shown: Sequence[T]
    following: object = None


def page_of(found: Sequence[T], limit: int, cursor: Callable[[T], object]) -> Page[T]:
    """The first `limit` items, if the query asked for one more than that.

    `cursor` returns the value of --after that continues after an item.
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
    """Print a page of a list, and whether there are more.

    JSON is an object with the items under `name`, and `next`. People see the output of `table`, or
    the sentence `none` for an empty list.
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
