"""Tests of the long-running processes."""
