"""Exporting and erasing what is held about a person."""
