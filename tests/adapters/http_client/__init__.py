"""One request, sent once."""
