"""The promises about refund requests, kept by every adapter of the records."""

from coursetill_testing.contracts.refund_requests import *  # noqa: F403
