"""The simulators of payment gateways, for the demo."""
