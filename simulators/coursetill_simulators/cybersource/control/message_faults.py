"""The control API for messages to the merchant: inject faults, and show what was sent."""

from typing import Any

from flask import Blueprint, Response

from coursetill_simulators.cybersource.control.requests import (
    WrongCommand,
    command_sent,
    done,
    refuse_other_pages,
)
from coursetill_simulators.cybersource.faults.message_faults import (
    POSSIBLE,
    Channel,
    MessageFault,
    MessageFaultKind,
)
from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.secure_acceptance.merchant_posts import MerchantPost
from coursetill_simulators.cybersource.wire_format.moments import written

message_fault_control = Blueprint("message_fault_control", __name__)
message_fault_control.before_request(refuse_other_pages)


@message_fault_control.post("/simulator/mishaps")
def put_message_fault() -> Response:
    """
    Inject a fault into the next messages of a channel.

    `{"channel": "webhooks", "fault": "delay", "seconds": 30, "times": 1, "about": "ORDER-42"}`; the
    other channels are merchant-post and browser-return. `about` is a reference or an event name;
    `copies` (2 to 20) is the number of copies of a duplicate.
    """
    command = command_sent()
    try:
        channel, kind = Channel(command.get("channel")), MessageFaultKind(command.get("fault"))
        about = str(command["about"]) if command.get("about") else None
        seconds, copies = float(command.get("seconds") or 0), int(command.get("copies") or 2)
        message_fault = MessageFault(kind, seconds, about, copies)
        times = int(command.get("times") or 1)
    except (ValueError, TypeError) as nonsense:
        raise WrongCommand(str(nonsense)) from nonsense
    if kind not in POSSIBLE[channel]:
        raise WrongCommand(f"{kind.value} does not befall {channel.value}")
    current_registry().message_faults.put(channel, message_fault, times)
    return done({"waiting": len(current_registry().message_faults.waiting())})


@message_fault_control.get("/simulator/merchant-posts")
def merchant_posts() -> Response:
    """All merchant posts of Secure Acceptance, with the bytes sent."""
    return answer([_row(each) for each in current_registry().posts.posts()], 200)


def _row(post: MerchantPost) -> dict[str, Any]:
    return {
        "url": post.url,
        "state": post.state,
        "decision": post.fields["decision"],
        "reference_number": post.fields.get("req_reference_number"),
        "fault": post.message_fault.kind.value if post.message_fault else None,
        "due_at": written(post.due_at),
        "answers": list(post.answers),
        "body": post.body.decode("ascii"),
    }
