"""Tells the post what happened: reads the order, composes the letter, hands it over."""

from __future__ import annotations

import attrs

from core.dossier import dossier
from core.outbox import Event, NeverReceived
from core.post import Post
from core.unit_of_work import Begin
from entrypoints.letters.composing import Composer


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
