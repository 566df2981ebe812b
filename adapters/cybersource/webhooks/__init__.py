"""Webhooks: subscriptions, verification, and the meaning of each event."""
