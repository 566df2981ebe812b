"""Who is visiting, and the shop they visit.

A session holds a visitor's id, or who is signed in, the token of our own forms, and which card form
was opened a moment ago; nothing else.
"""

from __future__ import annotations

from flask import current_app, request, session

from core.identity import Learner, LearnerId, Shopper, Visitor
from core.payments.attempt import Attempt
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.composition.shop import Shop

EXTENSION = "coursetill"


class SignInFirst(Exception):
    """The page is for learners; once signed in, they go on to `onward`."""

    def __init__(self, onward: str):
        super().__init__(onward)
        self.onward = onward


def shop() -> Shop:
    """The shop that this request is for."""
    found: Shop = current_app.extensions[EXTENSION]
    return found


def learner() -> Learner | None:
    """Who is signed in."""
    known = session.get("learner")
    if not known:
        return None
    vouched = known.get("email_verified", False)
    return Learner(LearnerId(known["id"]), known["email"], known["name"], email_verified=vouched)


def signed_in(onward: str | None = None) -> Learner:
    """Who is signed in. Raises SignInFirst; they come back to onward, or to this page."""
    known = learner()
    if known is None:
        raise SignInFirst(onward or request.full_path.rstrip("?"))
    return known


def visitor() -> Visitor | None:
    """Who filled a basket in this browser without signing in."""
    known = session.get("visitor")
    return Visitor(known) if known else None


def shopper() -> Shopper:
    """Whose basket to look into; somebody new has an empty one, and is not remembered for that."""
    return learner() or visitor() or Visitor(new_key())


def remembered_shopper() -> Shopper:
    """Whose basket to change; somebody new is remembered from now on."""
    known = learner() or visitor()
    if known is None:
        known = Visitor(new_key())
    if isinstance(known, Visitor):
        session["visitor"] = known.id
        session.permanent = True
    return known


def opened(attempt: Attempt) -> None:
    """Remember that the card form of this attempt was opened just now."""
    if attempt.form_takes_payment:
        session["opened"] = attempt.id


def just_opened(attempt: Attempt) -> bool:
    """Whether it was this attempt's card form that was opened just now; true once."""
    return bool(session.pop("opened", None) == attempt.id)


def begin_session(who: Learner) -> None:
    """Start a new session for who: nothing of the one before it is kept."""
    session.clear()
    session["learner"] = {
        "id": who.id,
        "email": who.email,
        "name": who.name,
        "email_verified": who.email_verified,
    }
    session.permanent = True


def end_session() -> None:
    session.clear()
