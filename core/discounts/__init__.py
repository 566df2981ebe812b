"""Discounts: kinds, scope, windows, limits and the redemption ledger."""
