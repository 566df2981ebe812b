"""Settings: read from the environment, checked together, each error named."""
