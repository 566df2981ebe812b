"""The promises about baskets, kept by every adapter of the records."""

from coursetill_testing.contracts.baskets import *  # noqa: F403
