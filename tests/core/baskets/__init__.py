"""Tests of `core/baskets`."""
