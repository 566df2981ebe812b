"""A letter to a learner, and the port to the mail system."""

from __future__ import annotations

from typing import Protocol

import attrs


@attrs.frozen
class Letter:
    """One letter to one person, as plain text and as HTML.

    `id` is the same for every repetition, so that a repetition can be recognised.
    """

    id: str
    name: str
    email: str
    subject: str
    text: str
    html: str


class MailSender(Protocol):
    """The port to the mail system."""

    def send(self, letter: Letter, /) -> None:
        """Send a letter once; the caller retries.

        Raises ReceiverIsDown if no letter can be sent now, NeverReceived if this letter can never
        be sent, and NotReceived for other failures.
        """
        ...

    def check(self) -> None:
        """Check that letters can be sent, without sending one. Raises ReceiverIsDown."""
        ...
