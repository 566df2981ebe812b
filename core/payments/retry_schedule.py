"""The schedule of enquiries about payments and refunds in doubt."""

from __future__ import annotations

from datetime import datetime, timedelta

WAITS = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60, 120, 300, 600))


LONGEST_WAIT = timedelta(minutes=30)


def next_enquiry_at(now: datetime, enquiries: int) -> datetime:
    """The time of the next enquiry, after this number of enquiries."""
    return now + (WAITS[enquiries] if enquiries < len(WAITS) else LONGEST_WAIT)
