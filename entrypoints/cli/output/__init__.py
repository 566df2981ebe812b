"""How commands print: tables and text for people, JSON for programs."""
