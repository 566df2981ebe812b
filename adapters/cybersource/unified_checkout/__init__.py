"""Unified Checkout: sessions and the card form in the browser."""
