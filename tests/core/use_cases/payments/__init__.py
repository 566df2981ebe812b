"""Tests of `core/use_cases/payments`."""
