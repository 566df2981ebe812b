"""The promises about messages of the gateway, kept by every adapter of the records."""

from coursetill_testing.contracts.inbox import *  # noqa: F403
