"""Use cases of a shopper's basket."""
