"""Names from the records, for shell completion and for "did you mean"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import Unavailable
from core.lookup import NameKind, did_you_mean

if TYPE_CHECKING:
    from entrypoints.cli.app.context import CommandContext

MOST = 50
"""The maximum number of names for a shell."""


def completed(kind: NameKind, typed: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names with this beginning.

    Empty if the records are unavailable: a prompt is not the place for an error message.
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
    """Similar names, if the error says that a name does not exist."""
    named = _named_in(error)
    if named is None or context is None:
        return ()
    from entrypoints.composition.lookup import names_at

    try:
        with names_at(context.settings.database_url) as names:
            return did_you_mean(*named, names)
    except Unavailable:
        # Report the original error, not one from this search.
        return ()


def _named_in(error: BaseException) -> tuple[NameKind, str] | None:
    """The missing name in the error, if it has one."""
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
