"""The promises of the records."""
