"""Routes of Secure Acceptance: the pages that a buyer is sent to."""
