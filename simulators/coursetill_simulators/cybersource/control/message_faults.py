"""The control API's part for messages to the merchant: let them go wrong, and see what was sent."""

from typing import Any

from flask import Blueprint, Response

from coursetill_simulators.cybersource.control.requests import (
    WrongCommand,
    done,
    refuse_other_pages,
    told,
)
from coursetill_simulators.cybersource.faults.message_faults import POSSIBLE, Channel, Mishap, Twist
from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import here
from coursetill_simulators.cybersource.secure_acceptance.merchant_posts import MerchantPost
from coursetill_simulators.cybersource.wire_format.moments import written

mishap_control = Blueprint("mishap_control", __name__)
mishap_control.before_request(refuse_other_pages)


@mishap_control.post("/simulator/mishaps")
def put_twist() -> Response:
    """
    Let the next messages of a channel go wrong.

    `{"channel": "webhooks", "fault": "delay", "seconds": 30, "times": 1, "about": "ORDER-42"}`; the
    other channels are merchant-post and browser-return. `about` is a reference or an event's name;
    `copies`, 2 to 20, is how often a duplicate is sent.
    """
    command = told()
    try:
        channel, mishap = Channel(command.get("channel")), Mishap(command.get("fault"))
        about = str(command["about"]) if command.get("about") else None
        seconds, copies = float(command.get("seconds") or 0), int(command.get("copies") or 2)
        twist = Twist(mishap, seconds, about, copies)
        times = int(command.get("times") or 1)
    except (ValueError, TypeError) as nonsense:
        raise WrongCommand(str(nonsense)) from nonsense
    if mishap not in POSSIBLE[channel]:
        raise WrongCommand(f"{mishap.value} does not befall {channel.value}")
    here().twists.put(channel, twist, times)
    return done({"waiting": len(here().twists.waiting())})


@mishap_control.get("/simulator/merchant-posts")
def merchant_posts() -> Response:
    """Every merchant post of Secure Acceptance, with the bytes that were sent."""
    return answer([_row(each) for each in here().posts.posts()], 200)


def _row(post: MerchantPost) -> dict[str, Any]:
    return {
        "url": post.url,
        "state": post.state,
        "decision": post.fields["decision"],
        "reference_number": post.fields.get("req_reference_number"),
        "fault": post.twist.mishap.value if post.twist else None,
        "due_at": written(post.due_at),
        "answers": list(post.answers),
        "body": post.body.decode("ascii"),
    }
