"""The promises about the log of events, kept by every adapter of the records."""

from coursetill_testing.contracts.event_log import *  # noqa: F403
