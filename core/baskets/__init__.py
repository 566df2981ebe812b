"""Baskets: the products that a shopper may buy later."""
