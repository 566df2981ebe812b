"""Secure Acceptance without its pages: signed requests in, decisions, signed replies out."""
