"""The promises about products, kept by every adapter of the records."""

from coursetill_testing.contracts.products import *  # noqa: F403
