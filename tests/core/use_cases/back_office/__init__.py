"""What staff do to one order, on a shop in memory."""
