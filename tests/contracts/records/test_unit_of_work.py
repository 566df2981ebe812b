"""The promises about a unit of work, kept by every adapter of the records."""

from coursetill_testing.contracts.unit_of_work import *  # noqa: F403
