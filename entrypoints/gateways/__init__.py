"""Payment gateways as plug-ins: what one brings, and how it is found."""
