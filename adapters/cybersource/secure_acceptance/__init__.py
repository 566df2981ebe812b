"""Secure Acceptance Hosted Checkout: signed forms out, signed replies in."""
