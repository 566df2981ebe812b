"""The promises about events to deliver, kept by every adapter of the records."""

from coursetill_testing.contracts.outbox import *  # noqa: F403
