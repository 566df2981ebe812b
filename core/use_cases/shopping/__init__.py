"""What a shopper does with a basket."""
