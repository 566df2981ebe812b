"""The shop's records in a database: SQLite or PostgreSQL, the same code for both."""
