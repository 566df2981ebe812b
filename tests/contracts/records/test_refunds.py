"""The promises about refunds, kept by every adapter of the records."""

from coursetill_testing.contracts.refunds import *  # noqa: F403
