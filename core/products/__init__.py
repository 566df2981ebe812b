"""Products: course runs and programs, with prices, sales windows and seats."""
