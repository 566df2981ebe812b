"""A letter to a learner, and the port to whoever carries letters."""

from __future__ import annotations

from typing import Protocol

import attrs


@attrs.frozen
class Letter:
    """One letter to one person, said twice: as plain text and as HTML.

    `id` is the same however often it is sent, so that a repetition can be told.
    """

    id: str
    name: str
    email: str
    subject: str
    text: str
    html: str


class MailSender(Protocol):
    """Whoever carries letters: a mail server, and what stands before it."""

    def send(self, letter: Letter, /) -> None:
        """Hand it over, once: whoever calls tries again.

        Raises ReceiverIsDown where no letter could be handed over now, NeverReceived where this
        one never will be, and NotReceived otherwise.
        """
        ...

    def check(self) -> None:
        """Prove that letters could be handed over, without sending any. Raises ReceiverIsDown."""
        ...
