"""Scheduled work: maintenance, delivery of events, readers of events."""
