"""What is remembered: the ledger, sessions and their cards; and what a card or an amount gets."""
