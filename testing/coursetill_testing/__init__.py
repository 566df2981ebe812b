"""Test support for Coursetill, its extensions and its adapters."""
