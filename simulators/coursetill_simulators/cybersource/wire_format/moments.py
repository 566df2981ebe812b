"""CyberSource's format of times."""

from datetime import datetime


def written(moment: datetime) -> str:
    """A time in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
