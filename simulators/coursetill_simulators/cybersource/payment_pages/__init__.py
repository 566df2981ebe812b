"""Routes of Secure Acceptance: the payment pages for buyers."""
