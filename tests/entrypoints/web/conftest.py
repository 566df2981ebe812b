"""A town with one shop in it, and Ada, who is signed in."""

import pytest

from coursetill_testing.town import Person, Town, town


@pytest.fixture(name="town")
def a_town() -> Town:
    return town()


@pytest.fixture
def visitor(town: Town) -> Person:
    return town.person()


@pytest.fixture
def ada(town: Town) -> Person:
    return town.person("Ada Lovelace")
