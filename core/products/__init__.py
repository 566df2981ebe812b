"""What the shop sells: course runs and programs, their prices, windows and seats."""
