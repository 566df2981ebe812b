"""Tests of `adapters/cybersource/payments`."""
