"""Tells the post what happened: reads the order, composes the letter, hands it over."""

from __future__ import annotations

import attrs

from core.messaging.mail import Post
from core.messaging.outbox import Event, NeverReceived
from core.unit_of_work import Begin
from core.use_cases.order_lifecycle.order_details import dossier
from entrypoints.letters.composer import Composer


@attrs.frozen
class LetterWriter:
    """The receiver of letters in the outbox: an EventReceiver."""

    look: Begin
    composer: Composer
    post: Post

    def receive(self, event: Event, /) -> None:
        """Write and send the letter of this event. Raises NotReceived."""
        with self.look() as work:
            known = dossier(work, event.reference)
        if not known.order.learner.email:
            raise NeverReceived("the learner has no e-mail address")
        self.post.send(self.composer.letter(event, known))
