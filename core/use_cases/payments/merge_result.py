"""Merge gateway messages about a payment that can be tried again, in any order."""

from __future__ import annotations

from core.payments.attempt import UNPAID, Attempt, AttemptState
from core.payments.gateway import Answer, Captured, InReview, Unknown


def merge_result(attempt: Attempt, answer: Answer) -> Answer | None:
    """Merge a gateway message into the attempt's known state; None if it adds nothing.

    With a form that takes the payment itself, one card may be declined and the next accepted, and
    one tab may cancel while another pays. So a refusal says nothing about a payment that is
    captured, in review or in doubt. After a refusal, a review or an unknown result means that the
    gateway must be asked.
    """
    if not attempt.form_takes_payment or isinstance(answer, Captured):
        return answer
    if attempt.state in (AttemptState.OPEN, AttemptState.SENT):
        return answer
    if attempt.state in UNPAID and isinstance(answer, InReview | Unknown):
        return Unknown("its form was used again")
    return None
