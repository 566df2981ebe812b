"""Payments: attempts, transactions, refunds, disputes, and the port to a gateway."""
