"""The promises about the audit log, kept by every adapter of the records."""

from coursetill_testing.contracts.journal import *  # noqa: F403
