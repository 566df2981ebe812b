"""What a shopper is thinking of buying."""
