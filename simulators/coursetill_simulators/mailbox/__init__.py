"""A mail server that stores every letter and shows it on a page."""
