"""Options that several commands share, and their parameter types."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs
import click

from core.lookup import NameKind
from core.order_reference import Reference

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON; `coursetill docs cli` gives its shape."
)
staff_name = click.option(
    "--as", "staff", metavar="NAME", help="Your name; by default COURSETILL_STAFF."
)


def reason(
    *, required: bool = False, says: str = "The reason; stored with the change."
) -> Callable[[F], F]:
    """The option --reason: required for changes of money or of a person's rights."""
    left_out: dict[str, Any] = {"required": True} if required else {"default": ""}
    return click.option("--reason", metavar="TEXT", help=says, **left_out)


yes = click.option("--yes", is_flag=True, help="Do not ask; required without a terminal.")
dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")


def limit(default: int, most: int = 500) -> Callable[[F], F]:
    """The option --limit."""
    return click.option(
        "--limit",
        type=click.IntRange(1, most),
        metavar="NUMBER",
        default=default,
        show_default=True,
        help="The maximum number.",
    )


@attrs.frozen
class OptionValue(Generic[T]):
    """The value of an option that can also be `none`."""

    value: T | None


class OrNone(click.ParamType[OptionValue[T]]):
    """A value of another type, or the word none, which removes the current value."""

    def __init__(self, type_: click.ParamType[T]):
        self._type = type_
        self.name = f"{type_.name}|none"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> OptionValue[T]:
        if isinstance(value, OptionValue):
            return value
        if str(value).strip().lower() == "none":
            return OptionValue(None)
        return OptionValue(self._type.convert(value, param, ctx))


class DateTimeParam(click.ParamType[datetime]):
    """A moment with its time zone."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a time: write it like 2027-01-27T14:00:00Z', param, ctx)
        if moment.tzinfo is None:
            self.fail(f'"{value}" has no time zone: write it like 2027-01-27T14:00:00Z', param, ctx)
        return moment


MOMENT = DateTimeParam()


class LastFourParam(click.ParamType[str]):
    """The last four digits of a card. Never more of the number."""

    name = "digits"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        digits = str(value).strip()
        if not re.fullmatch(r"[0-9]{4}", digits):
            self.fail("the last four digits of the card are enough, and no others", param, ctx)
        return digits


LAST_FOUR = LastFourParam()


class NameParam(click.ParamType[str]):
    """A name from the records. A shell can complete it."""

    def __init__(self, kind: NameKind):
        self._kind = kind
        self.name = kind.value

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from entrypoints.cli.app.suggestions import completed

        environ = os.environ if ctx.obj is None else ctx.obj.environ
        return [CompletionItem(name) for name in completed(self._kind, incomplete, environ)]


SKU, CODE, REFERENCE = map(NameParam, (NameKind.PRODUCT, NameKind.DISCOUNT, NameKind.ORDER))


def reference_in(text: str) -> Reference:
    """An order reference as a person types it, in any letter case."""
    return Reference(text.strip().upper())
