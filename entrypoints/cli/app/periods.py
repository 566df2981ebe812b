"""Calendar periods in the shop's time zone: days, weeks, months, quarters, years."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs


class Per(enum.Enum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@attrs.frozen
class Period:
    """[start, end)."""

    start: datetime
    end: datetime


def start_of(per: Per, at: datetime, zone: ZoneInfo) -> datetime:
    """The start of the period that contains this moment, in this zone."""
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match per:
        case Per.DAY:
            return midnight
        case Per.WEEK:
            return midnight - timedelta(days=midnight.weekday())
        case Per.MONTH:
            return midnight.replace(day=1)
        case Per.QUARTER:
            return midnight.replace(day=1, month=(midnight.month - 1) // 3 * 3 + 1)
        case Per.YEAR:
            return midnight.replace(day=1, month=1)


_LONGER = {Per.DAY: 1, Per.WEEK: 7, Per.MONTH: 32, Per.QUARTER: 93, Per.YEAR: 367}
"""Days from the start of a period that certainly reach into the next one."""


def periods(whole: Period, per: Per, zone: ZoneInfo) -> Iterator[Period]:
    """The periods within `whole`. The first and the last may be shorter."""
    start = whole.start
    while start < whole.end:
        begun = start_of(per, start, zone)
        # Calendar days. On clock changes a day has 23 or 25 hours.
        following = start_of(per, begun + timedelta(days=_LONGER[per]), zone)
        yield Period(start, min(following, whole.end))
        start = following
