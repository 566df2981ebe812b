"""Tests of `core/use_cases/checkout`."""
