"""Tests of `core/orders`."""
