"""What staff do to one order."""
