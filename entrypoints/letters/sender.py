"""Tells the post what happened: reads the order, composes the letter, hands it over."""

from __future__ import annotations

import attrs

from core.messaging.mail import MailSender
from core.messaging.outbox import Event, NeverReceived
from core.unit_of_work import Begin
from core.use_cases.order_lifecycle.order_details import order_details
from entrypoints.letters.composer import LetterComposer


@attrs.frozen
class LetterSender:
    """The receiver of letters in the outbox: an EventReceiver."""

    read: Begin
    composer: LetterComposer
    post: MailSender

    def receive(self, event: Event, /) -> None:
        """Write and send the letter of this event. Raises NotReceived."""
        with self.read() as work:
            known = order_details(work, event.reference)
        if not known.order.learner.email:
            raise NeverReceived("the learner has no e-mail address")
        self.post.send(self.composer.letter(event, known))
