"""Tests of financial aid."""
