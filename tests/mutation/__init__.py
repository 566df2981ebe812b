"""Mutation testing: small changes of the core, each of which a test of the core has to notice."""
