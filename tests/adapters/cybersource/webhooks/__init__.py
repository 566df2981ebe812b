"""Tests of `adapters/cybersource/webhooks`."""
