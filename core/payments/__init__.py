"""Payments: attempts, the money that moved, refunds, and the port to a gateway."""
