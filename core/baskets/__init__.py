"""Baskets: what a shopper may yet buy."""
