"""The kinds of discount that the shop brings; those from outside are added when it is composed."""

from __future__ import annotations

from collections.abc import Iterable

from core.discounts.kinds.dollars_off import DollarsOff
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.saving import Kinds, Saving, SavingKind, UnknownSaving
from core.money import Currency

OWN: tuple[SavingKind, ...] = (DollarsOff, FixedPrice, PercentOff)


def kinds_by_name(kinds: Iterable[SavingKind]) -> Kinds:
    """These kinds by name. Raises ValueError where two have the same name."""
    named: dict[str, SavingKind] = {}
    for each in kinds:
        if each.kind in named:
            raise ValueError(f"there are two kinds of discount named {each.kind}")
        named[each.kind] = each
    return named


KINDS = kinds_by_name(OWN)


def stored_saving(kind: str, amount: str, currency: Currency | None, *, kinds: Kinds) -> Saving:
    """A saving as it was stored: an UnknownSaving where its kind is not among these.

    A saving for every currency is stored without one.
    """
    known = kinds.get(kind)
    if known is None:
        return UnknownSaving(kind, amount, currency)
    # A saving for every currency reads its amount alike in each of them.
    return known.of(amount, currency or Currency.USD)
