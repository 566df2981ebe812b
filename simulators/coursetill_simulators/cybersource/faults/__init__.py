"""What can go wrong on the way: with a reply, and with a message to the merchant."""
