"""Tests of `adapters/cybersource/secure_acceptance`."""
