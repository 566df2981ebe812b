"""Tests of `core/products`."""
