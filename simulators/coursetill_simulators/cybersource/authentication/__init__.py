"""Authentication of requests, and message-level encryption."""
