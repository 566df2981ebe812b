"""Tests of `core/use_cases/jobs`."""
