"""The visitor or learner of the current request, and the shop.

A session holds a visitor id or the signed-in learner, the CSRF token, and the card form that was
opened a moment ago; nothing else.
"""

from __future__ import annotations

from flask import current_app, request, session

from core.identity import Learner, LearnerId, Shopper, Visitor
from core.payments.attempt import Attempt
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.composition.shop import Shop
from entrypoints.wording.sentences import Wording

EXTENSION = "coursetill"
WORDING = "coursetill.wording"


class SignInFirst(Exception):
    """The page needs a signed-in learner. After sign-in they go on to `onward`."""

    def __init__(self, onward: str):
        super().__init__(onward)
        self.onward = onward


def shop() -> Shop:
    """The shop of this request."""
    found: Shop = current_app.extensions[EXTENSION]
    return found


def wording() -> Wording:
    """What this shop says to learners, in its time zone."""
    found: Wording = current_app.extensions[WORDING]
    return found


def learner() -> Learner | None:
    """The signed-in learner, or None."""
    known = session.get("learner")
    if not known:
        return None
    vouched = known.get("email_verified", False)
    return Learner(LearnerId(known["id"]), known["email"], known["name"], email_verified=vouched)


def signed_in(onward: str | None = None) -> Learner:
    """The signed-in learner. Raises SignInFirst, which leads back to onward or here."""
    known = learner()
    if known is None:
        raise SignInFirst(onward or request.full_path.rstrip("?"))
    return known


def visitor() -> Visitor | None:
    """The visitor of this browser, if they filled a basket without signing in."""
    known = session.get("visitor")
    return Visitor(known) if known else None


def shopper() -> Shopper:
    """The shopper for reading a basket. A new visitor gets no session for that."""
    return learner() or visitor() or Visitor(new_key())


def remembered_shopper() -> Shopper:
    """The shopper for changing a basket. A new visitor gets a session."""
    known = learner() or visitor()
    if known is None:
        known = Visitor(new_key())
    if isinstance(known, Visitor):
        session["visitor"] = known.id
        session.permanent = True
    return known


def opened(attempt: Attempt) -> None:
    """Remember that this attempt's card form was opened just now."""
    if attempt.form_takes_payment:
        session["opened"] = attempt.id


def just_opened(attempt: Attempt) -> bool:
    """Whether this attempt's card form was opened just now. True only once."""
    return bool(session.pop("opened", None) == attempt.id)


def begin_session(who: Learner) -> None:
    """Start a new session for a learner. Nothing of the old session is kept."""
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
