"""The REST API: transport, authentication, keys and encryption."""
