"""Routes for webhook subscriptions and their keys."""
