"""What a message is worth about a payment that may be tried again, in whatever order it comes."""

from __future__ import annotations

from core.payments.attempt import UNPAID, Attempt, AttemptState
from core.payments.gateway import Answer, Captured, InReview, Unknown


def merge_result(attempt: Attempt, answer: Answer) -> Answer | None:
    """What a message is worth after what is known of its attempt; None where it is nothing new.

    Where the form takes the payment by itself, one card may be declined and another be good, and
    one tab may cancel what another pays. So a no says nothing about money that was taken, is held
    or is looked for, whichever is told first; and whatever else follows a no is asked about.
    """
    if not attempt.form_takes_payment or isinstance(answer, Captured):
        return answer
    if attempt.state in (AttemptState.OPEN, AttemptState.SENT):
        return answer
    if attempt.state in UNPAID and isinstance(answer, InReview | Unknown):
        return Unknown("its form was used again")
    return None
