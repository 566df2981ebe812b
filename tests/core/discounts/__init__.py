"""Tests of `core/discounts`."""
