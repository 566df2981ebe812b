"""Paying an order: forms, results, enquiries and notices of the gateway."""
