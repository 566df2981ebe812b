"""Export and erase personal data."""
