"""The learning platform: events are sent to it as signed webhooks."""
