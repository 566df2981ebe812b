"""Jinja filters for money, moments, numbers and states."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup

from core.discounts.discount import Discount, Source
from core.discounts.personal_offers import PersonalOffer
from core.orders.order_state import OrderState
from core.products.product import CourseId, DeadlineHasPassed, NotOpenYet, NotSellable, SoldOut
from entrypoints.formatting import format_day, format_moment, money_with_code
from entrypoints.wording.sentences import Wording

FEW_SEATS = 10
"""The catalogue shows the number of seats left from this number down."""

STATES = {
    OrderState.PENDING: "Not paid yet",
    OrderState.REVIEW: "Held for review",
    OrderState.PAID: "Paid",
    OrderState.PARTIALLY_REFUNDED: "Partly refunded",
    OrderState.REFUNDED: "Refunded",
    OrderState.DECLINED: "Declined",
    OrderState.CANCELLED: "Cancelled",
    OrderState.EXPIRED: "Expired",
}


def plural(count: int, one: str, many: str) -> str:
    """1 seat, 2 seats, 1,234 seats."""
    return f"{count:,} {one if count == 1 else many}"


def with_full_stop(text: str) -> str:
    """The text, with a full stop at its end."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def course_number(course: CourseId) -> str:
    """14.310x of course-v1:MITxT+14.310x."""
    return course.rpartition("+")[2] or course


def number_in(readable_id: str) -> str:
    """14.310x of course-v1:MITxT+14.310x+1T2027."""
    parts = readable_id.split("+")
    return parts[1] if len(parts) > 1 else readable_id


def seats_text(left: int | None) -> str:
    """The number of seats left if they are few; otherwise empty."""
    if left is None or not 0 < left <= FEW_SEATS:
        return ""
    return f"{plural(left, 'seat', 'seats')} left"


def reason_text(discount: Discount | PersonalOffer, saving: str) -> str:
    """Why a line costs less, in words for the buyer; `saving` is in words already."""
    if isinstance(discount, PersonalOffer):
        return f"{saving}: {discount.why} ({discount.code})"
    match discount.source:
        case Source.ASSIGNED:
            return f"{saving}: your own discount {discount.code}"
        case Source.AUTOMATIC:
            return f"{saving}: {discount.code}, for everybody"
        case Source.TYPED:
            return f"{saving}: code {discount.code}"


class Times:
    """Moments as <time> elements, in the shop's zone until a script shows the browser's."""

    def __init__(self, zone: ZoneInfo):
        self._zone = zone

    def day(self, at: datetime) -> Markup:
        return self._element(at, "day", format_day(at.astimezone(self._zone)))

    def moment(self, at: datetime) -> Markup:
        return self._element(at, "moment", format_moment(at.astimezone(self._zone)))

    def fixed_day(self, at: datetime) -> Markup:
        """A day that no script changes, for receipts."""
        return self._element(at, "", format_day(at.astimezone(self._zone)))

    def closed(self, why_not: NotSellable) -> Markup:
        """Why a product cannot be bought, short enough for a table."""
        match why_not:
            case NotOpenYet(opens_at=at):
                return Markup("Opens {}").format(self.day(at))
            case DeadlineHasPassed(deadline_at=at):
                return Markup("Closed {}").format(self.day(at))
            case SoldOut():
                return Markup("Sold out")
            case _:
                return Markup("No longer sold")

    @staticmethod
    def _element(at: datetime, shown_as: str, text: str) -> Markup:
        iso = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        if not shown_as:
            return Markup('<time datetime="{}">{}</time>').format(iso, text)
        return Markup('<time datetime="{}" data-shown="{}">{}</time>').format(iso, shown_as, text)


def teach(app: Flask, zone: ZoneInfo, words: Wording) -> None:
    """Register all filters with app."""
    times = Times(zone)

    def sentence(fact: object) -> str:
        """An error in words, or a text, with its full stop."""
        return with_full_stop(words.sentence(fact))

    def reason(discount: Discount | PersonalOffer) -> str:
        return reason_text(discount, words.sentence(discount.saving))

    app.jinja_env.filters.update(
        closed=times.closed,
        course_number=course_number,
        day=times.day,
        fixed_day=times.fixed_day,
        moment=times.moment,
        money=str,
        money_with_code=money_with_code,
        number=number_in,
        plural=plural,
        phrase=words.sentence,
        reason=reason,
        seats=seats_text,
        sentence=sentence,
        state=STATES.__getitem__,
    )
