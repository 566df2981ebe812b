"""Routes that tell what happened: search, details and the daily reports."""
