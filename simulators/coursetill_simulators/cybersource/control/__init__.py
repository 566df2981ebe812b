"""The page and control API, which show the simulator's state and inject faults."""
