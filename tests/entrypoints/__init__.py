"""Tests of the entrypoints."""
