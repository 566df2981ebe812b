"""The records in a database. The same code serves SQLite and PostgreSQL."""
