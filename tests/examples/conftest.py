"""Hooks of the examples that run features."""

from tests.features.conftest import pytest_bdd_apply_tag

__all__ = ["pytest_bdd_apply_tag"]
