"""What follows when an order changes state, and everything known about one order."""
