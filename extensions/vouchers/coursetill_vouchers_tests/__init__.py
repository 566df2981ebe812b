"""Tests of vouchers: rules, records, pages and commands."""
