"""The promises about redemptions, kept by every adapter of the records."""

from coursetill_testing.contracts.redemptions import *  # noqa: F403
