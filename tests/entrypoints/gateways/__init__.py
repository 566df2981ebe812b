"""Payment gateways as plug-ins."""
