"""Tests of `core/use_cases/shopping`."""
