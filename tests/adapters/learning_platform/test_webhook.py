"""An event counts as received only when the platform says so, and is sent once at a time."""

import base64
import hashlib
import hmac
import json

import pytest

from adapters.http_client import Timeouts
from adapters.learning_platform.signing import key_of, signature_headers
from adapters.learning_platform.webhook import WebhookReceiver
from core.messaging.outbox import Event, EventName, NotReceived, ReceiverIsDown
from core.order_reference import Reference
from tests.adapters.http_client.stubs import Stub, free_port, http
from tests.adapters.learning_platform.events import AT, ORDER, line_event

SECRET = "a-long-random-text-that-nobody-knows"
QUICK = Timeouts(connect=2, read=0.3)


def told(url: str, event: Event | None = None, secret: str = SECRET) -> None:
    WebhookReceiver(url, secret, timeouts=QUICK, now=lambda: AT).receive(event or line_event())


def sent_to(stub: Stub) -> tuple[dict[str, str], bytes]:
    head, _, body = stub.requests[0].partition(b"\r\n\r\n")
    lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
    return {name.decode().lower(): value.decode() for name, _, value in lines}, body


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Taken", "204 Nothing"])
def test_any_2xx_status_means_received(status):
    with Stub(http(status, b"")) as stub:
        told(stub.url)
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (http("500 Oh", b""), "HTTP 500"),
        (http("503 Busy", b"later"), "HTTP 503"),
        (http("404 Where", b""), "HTTP 404"),
        (http("400 What", b""), "HTTP 400"),
        (http("301 Moved", b"", "Location: /elsewhere\r\n"), "HTTP 301"),
        (http("304 Same", b""), "HTTP 304"),
        (b"", "no answer"),
        (http("200 OK", b"x" * 100_000), "longer"),
    ],
)
def test_any_other_reply_means_not_received_and_carries_the_reason(reply, why):
    with Stub(reply) as stub, pytest.raises(NotReceived) as refusal:
        told(stub.url)
    assert why in refusal.value.why
    assert len(stub.requests) == 1


def test_an_unreachable_platform_is_down():
    with pytest.raises(ReceiverIsDown, match="no connection"):
        told(f"http://127.0.0.1:{free_port()}")


def test_a_hanging_platform_is_down():
    with Stub(holds=True) as stub, pytest.raises(ReceiverIsDown, match="no answer"):
        told(stub.url)


def test_a_platform_that_refuses_one_event_is_not_down():
    with Stub(http("503 Busy", b"")) as stub, pytest.raises(NotReceived) as refusal:
        told(stub.url)
    assert not isinstance(refusal.value, ReceiverIsDown)


def test_the_whole_event_is_sent():
    event = line_event(runs=("course-v1:MITxT+14.310x+1T2027",))
    with Stub(http("200 OK", b"")) as stub:
        told(stub.url, event)
    headers, body = sent_to(stub)
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "id": "CT-7K3M-Q9XD-2FVT/1/line.fulfilment_requested",
        "name": "line.fulfilment_requested",
        "reference": ORDER,
        "at": "2026-11-22T12:00:00+00:00",
        "position": 1,
        "body": {
            "reference": ORDER,
            "learner": {"id": "ada", "email": "ada@example.org", "name": "Ada <b>"},
            "title": "Data Analysis",
            "readable_id": "course-v1:MITxT+14.310x+1T2027",
            "runs": [{"sku": "run", "readable_id": "course-v1:MITxT+14.310x+1T2027"}],
        },
    }


def test_an_event_about_a_whole_order_has_no_line():
    with Stub(http("200 OK", b"")) as stub:
        told(stub.url, Event("CT-1/order.paid", EventName.ORDER_PAID, Reference("CT-1"), AT, {}))
    assert json.loads(sent_to(stub)[1])["position"] is None


def test_a_message_is_signed_by_standard_webhooks():
    secret = "whsec_" + base64.b64encode(b"24-bytes-or-more-are-good").decode()
    with Stub(http("200 OK", b"")) as stub:
        told(stub.url, secret=secret)
    headers, body = sent_to(stub)
    event = line_event()
    assert headers["webhook-id"] == event.id
    assert headers["webhook-timestamp"] == str(int(AT.timestamp()))
    message = f"{event.id}.{int(AT.timestamp())}.".encode() + body
    right = hmac.new(b"24-bytes-or-more-are-good", message, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(right).decode()}"


def test_the_worked_example_of_standard_webhooks_is_reproduced():
    # The example of the specification's own libraries.
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = AT.fromtimestamp(1_614_265_330, AT.tzinfo)
    headers = signature_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', key=key, at=at
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["whsec_not base64!", "whsec_é"])
def test_an_invalid_secret_is_refused(secret):
    with pytest.raises(ValueError, match="not base64"):
        WebhookReceiver("http://127.0.0.1", secret)
