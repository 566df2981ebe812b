"""The world that a feature is told in; its sentences stand in steps/, by what they are about."""

from typing import Any

import pytest

from tests.features.world import World


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """Tags say which ways a feature is told; they are no marks of pytest's."""
    return True


@pytest.fixture
def world() -> World:
    """Each way of telling the features has its own."""
    raise NotImplementedError
