"""State: the ledger, sessions and their cards, and the outcomes of cards and amounts."""
