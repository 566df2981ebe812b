"""Tests of `adapters/cybersource/rest`."""
