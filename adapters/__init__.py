"""What the shop plugs into: databases, payment gateways, the learning platform."""
