"""Composes letters: one set of templates for text and HTML, with the receipt's own words."""

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
    """In which forms every letter is written."""

    TEXT = "txt"
    HTML = "html"


TEMPLATES = {
    EventName.RECEIPT: "receipt",
    EventName.REFUND_RECEIPT: "refund",
    EventName.REQUEST_ANSWERED: "answer",
}
"""Which template says which fact."""


@attrs.define(slots=False)
class LetterComposer:
    """Writes letters in the shop's name."""

    settings: Settings

    def letter(self, event: Event, known: OrderDetails) -> Letter:
        """The letter that tells this event, as its order stands now.

        Raises ValueError for an event that no letter is about.
        """
        about = self._about(event, known)
        name = TEMPLATES[event.name]
        written = {
            form: self._environment.get_template(f"{name}.{form.value}") for form in LetterForm
        }
        # The subject is the first line of the text: said once, where it can be read beside it.
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
        """From when until when, as far as it is known."""
        starts, ends = runs.starts_at, runs.ends_at
        if starts and ends:
            return f"{self._day(starts)} to {self._day(ends)}"
        return (
            f"Starts {self._day(starts)}" if starts else f"Until {self._day(ends)}" if ends else ""
        )

    def _day(self, at: datetime) -> str:
        return formatting.day_told(at.astimezone(self.settings.time_zone))


def _flat(text: str) -> str:
    """On one line: what a learner is called, and what a course is, cannot look like more."""
    return " ".join(text.split())
