"""Secure Acceptance without its pages: signed requests, decisions and signed replies."""
