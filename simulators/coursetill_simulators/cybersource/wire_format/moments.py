"""How CyberSource writes a moment."""

from datetime import datetime


def written(moment: datetime) -> str:
    """In UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
