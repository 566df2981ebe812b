"""The promises about attempts, kept by every adapter of the records."""

from coursetill_testing.contracts.attempts import *  # noqa: F403
