"""The ways into the shop (web, command line), and the composition of its parts."""
