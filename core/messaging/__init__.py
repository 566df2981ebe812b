"""Messages in and out: the outbox of events, the inbox of gateway notices, and mail."""
