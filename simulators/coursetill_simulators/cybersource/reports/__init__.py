"""Routes for search, transaction details and daily reports."""
