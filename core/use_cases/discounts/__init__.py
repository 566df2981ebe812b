"""What staff do with discounts: create, import, change in bulk, diagnose."""
