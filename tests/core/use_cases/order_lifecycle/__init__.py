"""Tests of `core/use_cases/order_lifecycle`."""
