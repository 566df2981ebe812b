"""Secure Acceptance Hosted Checkout: signs forms, and verifies signed replies."""
