"""Faults of replies, and of messages to the merchant."""
