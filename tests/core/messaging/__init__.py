"""Tests of `core/messaging`."""
