"""Every error of the core belongs to one of four families and holds facts."""

import importlib
import pkgutil

import pytest

import core
from core.baskets.basket import BasketIsEmpty
from core.errors import Absent, Conflict, Refused, ShopError, Unavailable
from core.money import Currency, NotAnAmount
from core.order_reference import Reference
from core.orders.order_state import OrderCannotMove, OrderState

FAMILIES = (Absent, Refused, Conflict, Unavailable)


def particular_errors():
    modules = [module.name for module in pkgutil.walk_packages(core.__path__, "core.")]
    found = {
        each
        for module in modules
        for each in vars(importlib.import_module(module)).values()
        if isinstance(each, type) and issubclass(each, ShopError)
    }
    return sorted(found - {ShopError, *FAMILIES}, key=lambda error: error.__name__)


@pytest.mark.parametrize("error", particular_errors(), ids=lambda error: error.__name__)
def test_each_error_belongs_to_one_family(error):
    assert sum(issubclass(error, family) for family in FAMILIES) == 1


@pytest.mark.parametrize("error", particular_errors(), ids=lambda error: error.__name__)
def test_an_error_has_facts_and_no_sentence(error):
    assert "__str__" not in vars(error)


def test_the_text_of_an_error_is_its_class_and_its_facts():
    error = OrderCannotMove(Reference("CT-1"), OrderState.PAID, OrderState.EXPIRED)
    assert str(error) == "OrderCannotMove: subject CT-1, state paid, wanted expired"
    assert str(NotAnAmount("x", Currency.JPY)) == "NotAnAmount: text x, currency JPY"


def test_an_error_without_facts_is_its_class_or_the_words_of_its_adapter():
    assert str(BasketIsEmpty()) == "BasketIsEmpty"
    assert str(Conflict("the row has moved on")) == "Conflict: the row has moved on"
