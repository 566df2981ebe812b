"""How people reach the shop: the web, the command line, and where it is plugged together."""
