"""Composes letters as text and HTML, with the same wording as the receipt page."""

from __future__ import annotations

import enum
from datetime import datetime
from functools import cached_property

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from core.messaging.mail import Letter
from core.messaging.outbox import Event, EventName
from core.orders.line import Line, SoldRun
from core.use_cases.order_lifecycle.order_details import OrderDetails
from entrypoints import formatting
from entrypoints.settings.shop import Settings


class LetterForm(enum.Enum):
    """The two forms of every letter."""

    TEXT = "txt"
    HTML = "html"


TEMPLATES = {
    EventName.RECEIPT: "receipt",
    EventName.REFUND_RECEIPT: "refund",
    EventName.REQUEST_ANSWERED: "answer",
}
"""The template of each event."""


@attrs.define(slots=False)
class LetterComposer:
    """Composes letters with the settings of one shop."""

    settings: Settings

    def letter(self, event: Event, known: OrderDetails) -> Letter:
        """Compose the letter for an event, from the order's current state.

        Raises ValueError for an event without a letter.
        """
        about = self._about(event, known)
        name = TEMPLATES[event.name]
        written = {
            form: self._environment.get_template(f"{name}.{form.value}") for form in LetterForm
        }
        # The first line of the text template is the subject.
        subject, _, text = written[LetterForm.TEXT].render(about).partition("\n")
        learner = known.order.learner
        return Letter(
            id=event.id,
            name=learner.name,
            email=learner.email,
            subject=subject.strip(),
            text=text.lstrip("\n"),
            html=written[LetterForm.HTML].render(about, subject=subject.strip()),
        )

    def _about(self, event: Event, known: OrderDetails) -> dict[str, object]:
        about: dict[str, object] = {
            "known": known,
            "order": known.order,
            "settings": self.settings,
            "dates": self._dates,
            "order_url": f"{self.settings.shop_url}/orders/{known.order.reference}",
        }
        if event.name is EventName.REFUND_RECEIPT:
            named = event.body["refund"]
            about["refund"] = next(each for each in known.refunds if each.id == named)
        elif event.name is EventName.REQUEST_ANSWERED:
            named = event.body["request"]
            request = next(each for each in known.requests if each.id == named)
            about["request"] = request
            about["asked_for"] = [
                line
                for line in known.order.lines
                if not request.positions or line.position in request.positions
            ]
        return about

    @cached_property
    def _environment(self) -> Environment:
        made = Environment(
            loader=PackageLoader("entrypoints.letters"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters.update(
            day=self._day, money=str, money_with_code=formatting.money_with_code, flat=_flat
        )
        return made

    def _dates(self, runs: Line | SoldRun) -> str:
        """The run's dates, as far as they are known."""
        starts, ends = runs.starts_at, runs.ends_at
        if starts and ends:
            return f"{self._day(starts)} to {self._day(ends)}"
        return (
            f"Starts {self._day(starts)}" if starts else f"Until {self._day(ends)}" if ends else ""
        )

    def _day(self, at: datetime) -> str:
        return formatting.format_day(at.astimezone(self.settings.time_zone))


def _flat(text: str) -> str:
    """Text on one line, so that a name or title cannot fake further lines."""
    return " ".join(text.split())
