"""How each payment gateway is composed from its settings."""
