"""Tests of the sentences of the shop."""
