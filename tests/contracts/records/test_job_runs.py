"""The promises about runs of recurring jobs, kept by every adapter of the records."""

from coursetill_testing.contracts.job_runs import *  # noqa: F403
