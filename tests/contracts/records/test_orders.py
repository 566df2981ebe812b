"""The promises about orders, kept by every adapter of the records."""

from coursetill_testing.contracts.orders import *  # noqa: F403
