"""The promises about transactions, kept by every adapter of the records."""

from coursetill_testing.contracts.transactions import *  # noqa: F403
