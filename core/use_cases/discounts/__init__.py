"""Create, import, change in bulk and diagnose discounts."""
