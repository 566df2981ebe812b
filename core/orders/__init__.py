"""Orders: the products sold to a learner, their prices, and each order's state and history."""
