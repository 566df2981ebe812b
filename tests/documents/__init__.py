"""What is written about the product, and drawn of it."""
