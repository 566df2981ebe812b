"""The learning platform, and how it is told."""
