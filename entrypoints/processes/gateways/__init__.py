"""The simulators of payment gateways, as the demo runs them."""
