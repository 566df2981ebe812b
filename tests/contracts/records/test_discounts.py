"""The promises about discounts, kept by every adapter of the records."""

from coursetill_testing.contracts.discounts import *  # noqa: F403
