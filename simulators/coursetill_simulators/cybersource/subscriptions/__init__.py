"""Routes by which a merchant subscribes to webhooks and gets their keys."""
