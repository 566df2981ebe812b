"""Webhooks: events, signed messages and deliveries."""
