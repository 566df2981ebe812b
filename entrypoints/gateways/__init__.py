"""Payment gateways as plug-ins: their API, and how the shop finds them."""
