"""Every error of the core belongs to one of four families and speaks in a sentence."""

import importlib
import pkgutil

import pytest

import core
from core.errors import Absent, Conflict, Refused, ShopError, Unavailable

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
def test_an_error_belongs_to_one_family(error):
    assert sum(issubclass(error, family) for family in FAMILIES) == 1


@pytest.mark.parametrize("error", particular_errors(), ids=lambda error: error.__name__)
def test_an_error_says_itself_or_has_kinds_that_do(error):
    assert error.__str__ is not Exception.__str__ or error.__subclasses__()
