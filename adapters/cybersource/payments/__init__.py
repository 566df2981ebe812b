"""Payments, refunds, captures and searches over the REST API."""
