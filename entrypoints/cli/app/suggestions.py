"""Names from the records: to complete what is being typed, and to ask whether they were meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import Unavailable
from core.lookup import NameKind, did_you_mean

if TYPE_CHECKING:
    from entrypoints.cli.app.context import CommandContext

MOST = 50
"""How many names a shell is offered at once."""


def completed(kind: NameKind, typed: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names that begin as was typed.

    None where the records cannot be asked: a prompt is no place to say why.
    """
    from entrypoints.composition.lookup import names_at
    from entrypoints.settings.reader import SettingsAreWrong
    from entrypoints.settings.shop import database_url_of

    try:
        with names_at(database_url_of(environ)) as names:
            return names.beginning(kind, kind.written(typed), MOST)
    except (Unavailable, SettingsAreWrong):
        return ()


def meant_by(error: BaseException, context: CommandContext | None) -> tuple[str, ...]:
    """The names that may have been meant where there is nothing of the name in the error."""
    named = _named_in(error)
    if named is None or context is None:
        return ()
    from entrypoints.composition.lookup import names_at

    try:
        with names_at(context.settings.database_url) as names:
            return did_you_mean(*named, names)
    except Unavailable:  # The error that is being told already is the one that matters.
        return ()


def _named_in(error: BaseException) -> tuple[NameKind, str] | None:
    """What somebody asked for in vain, if it was something with a name."""
    from core.discounts.discount import UnknownCode
    from core.orders.order import UnknownOrder
    from core.products.product import UnknownProduct

    match error:
        case UnknownProduct(sku):
            return NameKind.PRODUCT, str(sku)
        case UnknownCode(code):
            return NameKind.DISCOUNT, str(code)
        case UnknownOrder(reference):
            return NameKind.ORDER, reference
        case _:
            return None
