"""Tests of `core/use_cases/catalogue`."""
