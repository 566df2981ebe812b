"""The domain of the shop in plain Python: types, rules, use cases and ports."""
