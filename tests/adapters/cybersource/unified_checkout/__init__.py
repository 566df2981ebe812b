"""Tests of `adapters/cybersource/unified_checkout`."""
