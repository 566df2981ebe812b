"""Taking and giving back money through whichever gateway is plugged in."""
