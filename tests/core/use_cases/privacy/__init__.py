"""Tests of `core/use_cases/privacy`."""
