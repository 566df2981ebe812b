"""A mail server that keeps every letter and shows it on a page."""
