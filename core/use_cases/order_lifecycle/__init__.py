"""The consequences of each order state, and the details of one order."""
