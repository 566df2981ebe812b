"""Basket quotes, and the reasons why a line cannot be bought."""
