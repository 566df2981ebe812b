"""The page and the API that look into the simulator and let things go wrong."""
