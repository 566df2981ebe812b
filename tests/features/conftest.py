"""Fixtures and hooks of the features; the steps are in steps/, by subject."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.features.doors import DOORS
from tests.features.world import World


def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool | None:
    """Leave the tags of doors alone: they choose the test module, and are no marks."""
    return True if tag in DOORS else None


@pytest.fixture
def world() -> World:
    """Each door has its own world."""
    raise NotImplementedError
