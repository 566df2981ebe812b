"""The shop's own kinds of discount. The composition adds those of extensions."""

from __future__ import annotations

from collections.abc import Iterable

from core.discounts.kinds.dollars_off import DollarsOff
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.saving import Kinds, Saving, SavingKind, UnknownSaving
from core.money import Currency

OWN: tuple[SavingKind, ...] = (DollarsOff, FixedPrice, PercentOff)


def kinds_by_name(kinds: Iterable[SavingKind]) -> Kinds:
    """These kinds by name. Raises ValueError if two have the same name."""
    by_name: dict[str, SavingKind] = {}
    for each in kinds:
        if each.kind in by_name:
            raise ValueError(f"there are two kinds of discount named {each.kind}")
        by_name[each.kind] = each
    return by_name


KINDS = kinds_by_name(OWN)


def stored_saving(kind: str, amount: str, currency: Currency | None, *, kinds: Kinds) -> Saving:
    """A stored saving; an UnknownSaving if its kind is not among these.

    A saving for every currency is stored without a currency.
    """
    saving_kind = kinds.get(kind)
    if saving_kind is None:
        return UnknownSaving(kind, amount, currency)
    # Such an amount means the same in every currency.
    return saving_kind.of(amount, currency or Currency.USD)
