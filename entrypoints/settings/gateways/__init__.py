"""The settings of each payment gateway."""
