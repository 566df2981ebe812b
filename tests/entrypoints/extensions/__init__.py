"""What extensions bring, and what becomes of one that is broken."""
