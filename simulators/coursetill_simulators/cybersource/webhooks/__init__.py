"""What is sent to subscribers: the events, their signed messages, and their deliveries."""
