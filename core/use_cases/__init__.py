"""Use cases: what people and the clock do with the domain, grouped by purpose."""
