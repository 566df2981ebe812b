"""The page of the payer's bank, in a frame inside the card frame: accept, fail or cancel."""

import attrs
from flask import Blueprint, Response, make_response, render_template, request

from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.challenges import Challenge, ChallengeAnswer
from coursetill_simulators.cybersource.wire_format.amounts import shown

challenge_pages = Blueprint("challenge_pages", __name__)


@challenge_pages.get("/uc/v1/challenges/<challenge_id>")
def ask(challenge_id: str) -> Response:
    """Show the challenge."""
    challenge = current_registry().challenges.find(challenge_id)
    return _page(challenge, answered=False) if challenge else _unknown()


@challenge_pages.post("/uc/v1/challenges/<challenge_id>")
def take(challenge_id: str) -> Response:
    """Record the answer and notify the card frame. A second answer changes nothing."""
    challenge = current_registry().challenges.find(challenge_id)
    if challenge is None:
        return _unknown()
    try:
        answer = ChallengeAnswer(request.form.get("answer"))
    except ValueError:
        return _page(challenge, answered=False)
    if challenge.answer is None:
        current_registry().challenges.keep(attrs.evolve(challenge, answer=answer))
    return _page(challenge, answered=True)


def _page(challenge: Challenge, *, answered: bool) -> Response:
    session = challenge.token.session
    content = render_template(
        "challenge.html",
        answered=answered,
        challenge=challenge,
        amount=shown(session.amount, session.currency),
        card=challenge.token.card.last_four,
    )
    ancestors = " ".join(("'self'", *session.target_origins))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; "
        f"frame-ancestors {ancestors}"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return make_response(content, 200, headers)


def _unknown() -> Response:
    return make_response("The bank asks nothing here.", 404)
