"""The webhook address: only signed messages have an effect."""

import json
import logging
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from adapters.memory.payment_gateway import ACCOUNT
from core.errors import Unavailable
from core.messaging.inbox import InboxSearch, MessageState
from core.orders.order_state import OrderState
from core.payments.gateway import Captured
from coursetill_testing.running_gateways import with_parts
from coursetill_testing.town import Town
from coursetill_testing.town import settings as shop_settings
from entrypoints.web.app import create_app
from entrypoints.web.webhooks import LARGEST_BODY
from tests.adapters.cybersource.notifier import (
    ACCEPTED,
    KEY,
    OLD_KEY,
    a_message,
    a_payment,
    a_refund,
    compact,
    signed,
    written,
)

DOOR = "/webhooks/cybersource"
READER = WebhookReader(WebhookSettings(account=ACCOUNT, keys=(KEY, OLD_KEY)))
RUN = "STATS-1"


class OpenTown(Town):
    """A town whose shop has a door for the gateway."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.shop = with_parts(self.shop, doors={"cybersource": READER})
        self.app = create_app(self.shop)

    def signs(self, body: bytes, key: Any = KEY) -> dict[str, str]:
        return signed(body, key, int(self.clock.now.timestamp() * 1000))

    def tells(self, body: bytes, headers: Any = None, address: str = DOOR, **how: Any) -> Any:
        """What a post to the door is answered; signed, unless headers are given."""
        sent = self.signs(body) if headers is None else headers
        base = self.settings.shop_url
        return self.app.test_client().post(address, data=body, headers=sent, base_url=base, **how)

    def inbox(self) -> tuple[Any, ...]:
        with self.records.read() as work:
            return work.inbox.search(InboxSearch())

    def everything(self) -> Any:
        """All the records, to see that nothing moved."""
        return self.records._records


@pytest.fixture(name="town")
def an_open_town() -> OpenTown:
    return OpenTown(shop_settings())


@pytest.fixture
def lost(town: OpenTown) -> str:
    """The reference of an order whose payment was captured, and whose reply was lost."""
    ada = town.person("Ada Lovelace")
    reference = ada.orders(RUN)
    town.gateway.loses_next_answer()
    ada.pays(reference)
    assert town.order(reference).state is OrderState.PENDING
    return reference


def payment_of(town: OpenTown, reference: str, **changed: Any) -> dict[str, Any]:
    [attempt] = town.attempts(reference)
    return a_payment(
        clientReferenceInformation={"code": reference, "transactionId": attempt.id},
        orderInformation={
            "amountDetails": {
                "authorizedAmount": attempt.amount.plain,
                "currency": attempt.amount.currency.code,
            }
        },
        **changed,
    )


def test_a_signed_message_pays_the_order_without_cookie_or_csrf_token(
    town: OpenTown, lost: str
) -> None:
    answer = town.tells(written(a_message(payment_of(town, lost))))
    assert (answer.status_code, answer.json) == (200, {"status": "acted"})
    assert "Set-Cookie" not in answer.headers
    assert town.order(lost).state is OrderState.PAID
    [message] = town.inbox()
    assert isinstance(message.notice.answer, Captured)
    assert message.notice.event == ACCEPTED


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_the_raw_body_is_used_whatever_its_content_type(
    town: OpenTown, lost: str, kind: str
) -> None:
    body = written(a_message(payment_of(town, lost)))
    assert town.tells(body, content_type=kind).json == {"status": "acted"}
    assert town.order(lost).state is OrderState.PAID


def test_each_of_several_keys_is_accepted(town: OpenTown, lost: str) -> None:
    body = written(a_message(payment_of(town, lost)))
    assert town.tells(body, town.signs(body, OLD_KEY)).json == {"status": "acted"}


def test_a_repeated_message_changes_nothing(town: OpenTown, lost: str) -> None:
    body = written(a_message(payment_of(town, lost)))
    town.tells(body)
    before = town.everything()
    again = town.tells(body)
    assert (again.status_code, again.json) == (200, {"status": "heard before"})
    retried = written(a_message(payment_of(town, lost), retryNumber=2, requestType="RETRY"))
    assert town.tells(retried).json == {"status": "heard before"}
    assert town.everything() is before


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_health_check_is_answered(town: OpenTown, body: bytes) -> None:
    assert town.tells(body, {}).status_code == 200
    assert town.app.test_client().get(DOOR).json == {"status": "ready"}
    assert town.inbox() == ()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("door", ["elsewhere", "cybersource/more", ""])
def test_a_disabled_webhook_address_is_404(town: OpenTown, method: str, door: str) -> None:
    client = town.app.test_client()
    assert getattr(client, method)(f"/webhooks/{door}").status_code == 404


def test_a_shop_without_webhook_keys_has_no_webhook_address() -> None:
    assert Town(shop_settings()).app.test_client().post(DOOR).status_code == 404


def test_the_reason_a_message_is_refused_is_only_in_the_log(
    town: OpenTown, lost: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = written(a_message(payment_of(town, lost)))
    before = town.everything()
    with caplog.at_level(logging.INFO):
        answer = town.tells(body, town.signs(body + b" "))
    assert (answer.status_code, answer.json) == (
        400,
        {"status": "refused", "reason": "not a message that this shop believes"},
    )
    assert "its signature is wrong" in caplog.text
    assert town.everything() is before


def test_a_body_that_is_too_large_is_refused(town: OpenTown) -> None:
    body = b" " * (LARGEST_BODY + 1)
    answer = town.tells(body)
    assert (answer.status_code, answer.json["reason"]) == (413, "too large")


def test_a_message_larger_than_a_form_is_accepted(town: OpenTown, lost: str) -> None:
    body = written(a_message(payment_of(town, lost, more="x" * 500_000)))
    assert town.tells(body).json == {"status": "acted"}


def test_an_old_message_is_logged_as_old(
    town: OpenTown, lost: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = written(a_message(payment_of(town, lost)))
    headers = town.signs(body)
    town.clock.advance(hours=5)
    with caplog.at_level(logging.INFO):
        assert town.tells(body, headers).status_code == 200
    assert "age 18000 s" in caplog.text


def test_an_old_message_is_refused_if_a_limit_is_set(town: OpenTown, lost: str) -> None:
    strict = WebhookReader(WebhookSettings(account=ACCOUNT, keys=(KEY,), oldest=timedelta(hours=1)))
    town.app = create_app(with_parts(town.shop, doors={"cybersource": strict}))
    body = written(a_message(payment_of(town, lost)))
    headers = town.signs(body)
    town.clock.advance(hours=2)
    assert town.tells(body, headers).status_code == 400
    assert town.order(lost).state is OrderState.PENDING


def test_a_message_that_cannot_be_stored_is_requested_again(town: OpenTown, lost: str) -> None:
    def away() -> Any:
        raise Unavailable("the records cannot be reached")

    town.app = create_app(attrs.evolve(town.shop, begin=away))
    answer = town.tells(written(a_message(payment_of(town, lost))))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.json == {"status": "unavailable"}


def test_a_message_that_cannot_be_processed_yet_is_stored_and_acknowledged(
    town: OpenTown, lost: str
) -> None:
    town.gateway.goes_away()
    vague = payment_of(town, lost, status=None)
    answer = town.tells(written(a_message(vague, "payments.capture.status.accepted")))
    assert (answer.status_code, answer.json) == (200, {"status": "received"})
    assert town.inbox()[0].state is MessageState.RECEIVED


def test_a_payload_signed_alone_causes_an_enquiry(town: OpenTown, lost: str) -> None:
    payload = payment_of(town, lost)
    body = written(a_message(payload))
    town.tells(body, town.signs(compact(payload)))
    [message] = town.inbox()
    assert (message.notice.answer, message.state) == (None, MessageState.ACTED)
    assert town.order(lost).state is OrderState.PAID


def test_no_card_data_is_stored(town: OpenTown, lost: str) -> None:
    payload = payment_of(town, lost)
    payload["paymentInformation"]["card"] |= {"number": "4111111111111111", "suffix": "1111"}
    payload["tokenInformation"] = {"jti": "secret-token"}
    town.tells(written(a_message(payload)))
    [message] = town.inbox()
    assert "4111" not in repr(message)
    assert "secret-token" not in repr(message)
    assert message.notice.answer.card.last_four == "1111"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
EVENTS = st.sampled_from([ACCEPTED, "payments.refund.status.updated", "tms.token.created"])
ODD = st.builds(lambda path, value: {path: value}, st.sampled_from(sorted(a_payment())), JSON)
BODIES = (
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: text.encode("latin-1", "replace"))
    | st.builds(lambda text: f"<html>{text}</html>".encode(), st.text(max_size=50))
    | st.builds(lambda deep: b'{"payload":' * deep + b"1" + b"}" * deep, st.integers(1, 30_000))
    | st.builds(
        lambda odd, event, end: json.dumps(a_message(a_payment(**odd), event)).encode()[:end],
        ODD,
        EVENTS,
        st.none() | st.integers(1, 400),
    )
    | st.builds(lambda odd: json.dumps(a_message(a_refund(**odd))).encode(), ODD)
)
HEADERS = st.dictionaries(
    st.sampled_from(["v-c-signature", "v-c-event-type", "content-type", "x-anything"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120),
    max_size=4,
)
KEPT_TOWN = OpenTown(shop_settings())
GOOD = signed(written(a_message(a_payment())))["V-C-Signature"]

thorough = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@given(body=BODIES, headers=HEADERS)
@example(body=written(a_message(a_payment())) + b" ", headers={"v-c-signature": GOOD})
@example(body=b"[" * 200_000, headers={"v-c-signature": GOOD})
@example(body=b"a=1&b=%00", headers={"content-type": "application/x-www-form-urlencoded"})
@thorough
def test_any_unsigned_body_changes_nothing_and_causes_no_error(
    body: bytes, headers: dict[str, str]
) -> None:
    before = KEPT_TOWN.everything()
    answer = KEPT_TOWN.tells(body, headers)
    assert answer.status_code in (200, 400, 413)
    assert answer.is_json
    assert KEPT_TOWN.everything() is before


@given(body=BODIES)
@example(body=b'{"payload": "\\ud800", "eventType": "tms.token.created"}')
@example(body=written(a_message(a_payment(id="7\u0000"))))
@thorough
def test_any_signed_body_is_answered_without_an_error(body: bytes) -> None:
    answer = KEPT_TOWN.tells(body)
    assert answer.status_code in (200, 400)
    assert answer.is_json
