"""Orders: what was sold to whom, for how much, and what became of it."""
