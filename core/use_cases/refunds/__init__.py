"""Refunds: requested by learners, issued by staff, executed at the gateway."""
