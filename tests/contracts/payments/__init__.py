"""The promises of the ports to a gateway."""
