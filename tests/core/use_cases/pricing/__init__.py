"""Tests of `core/use_cases/pricing`."""
