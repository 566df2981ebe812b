"""Tests of `core/payments`."""
