"""Placing an order, and cancelling or expiring one that is not paid."""
