"""What a basket costs, and why a line cannot be bought."""
