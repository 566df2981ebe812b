"""Sends letters: reads the order, composes the letter, passes it to the mail sender."""

from __future__ import annotations

import attrs

from core.messaging.mail import MailSender
from core.messaging.outbox import Event, NeverReceived
from core.unit_of_work import Begin
from core.use_cases.order_lifecycle.order_details import order_details
from entrypoints.letters.composer import LetterComposer


@attrs.frozen
class LetterSender:
    """The EventReceiver for letters in the outbox."""

    read: Begin
    composer: LetterComposer
    post: MailSender

    def receive(self, event: Event, /) -> None:
        """Compose and send the letter of an event. Raises NotReceived."""
        with self.read() as work:
            known = order_details(work, event.reference)
        if not known.order.learner.email:
            raise NeverReceived("the learner has no e-mail address")
        self.post.send(self.composer.letter(event, known))
