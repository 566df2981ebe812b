"""Sentences about baskets: why an item was refused."""

from __future__ import annotations

from core.baskets.basket import (
    LARGEST_BASKET,
    MOST_CODES,
    AnotherCurrency,
    BasketHasChanged,
    BasketIsEmpty,
    BasketIsFull,
    TooManyCodes,
)
from core.use_cases.shopping.basket import NotInBasket
from entrypoints.wording.sentences import Entries, Wording, error


def _full(_: BasketIsFull, words: Wording) -> str:
    return words.say(
        "A basket holds at most {most} products. Check out these first", most=LARGEST_BASKET
    )


def _too_many_codes(_: TooManyCodes, words: Wording) -> str:
    return words.say(
        "A basket holds at most {most} discount codes. Take one out first", most=MOST_CODES
    )


def _another_currency(refused: AnotherCurrency, words: Wording) -> str:
    return words.say(
        "{title} is priced in {priced_in}, and your basket is in {basket_in}. "
        "Buy them one after the other",
        title=refused.title,
        priced_in=refused.price.currency.code,
        basket_in=refused.basket.code,
    )


BASKETS: Entries = (
    error(
        BasketIsEmpty,
        "basket-is-empty",
        "There is nothing in your basket. Choose a program or a course run first",
    ),
    error(
        BasketHasChanged,
        "basket-has-changed",
        "This basket was changed in another window. Please look at it again",
    ),
    error(BasketIsFull, "basket-is-full", _full),
    error(TooManyCodes, "too-many-codes", _too_many_codes),
    error(AnotherCurrency, "another-currency", _another_currency),
    error(NotInBasket, "not-in-basket", "{sku} is not in your basket"),
)
