"""Tests of the CSV files."""
