"""Webhooks: recipients, payload formats and signatures."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from coursetill_simulators.cybersource import DEMO_MERCHANT_ID, RunningSimulator, SimulatorSettings
from coursetill_simulators.cybersource.webhooks.messages import signature
from coursetill_simulators.cybersource.webhooks.subscription_store import SignatureKey
from coursetill_simulators.testing.merchant_server import MerchantServer
from coursetill_simulators_tests.cybersource.merchant import CardForm, Clock, Merchant
from coursetill_simulators_tests.cybersource.subscriber import Subscriber

VECTORS = Path(__file__).parents[3] / "tests" / "vectors" / "cybersource"
REVIEWED = "4000000000004806"
DECLINED = "4000000000002040"


def test_the_guides_example_has_the_documented_signature() -> None:
    key = SignatureKey(id="k", secret="dGVzdF9rZXk=", expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    at = datetime.fromtimestamp(1617830804.768, UTC)
    made = signature(b"this is a decrypted payload", key=key, message_fault=None, now=at)
    assert made == "t=1617830804768;keyId=k;sig=CzHY47nzJgCSD/BREtSIb+9l/vfkaaL4qf9n8MNJ4CY="


def test_a_sale_is_sent_and_signed_over_the_raw_body(subscriber: Subscriber) -> None:
    webhook = subscriber.subscribes()
    paid = subscriber.merchant.pays(code="ORDER-Ö", transaction_id="t-1").json()
    assert subscriber.round() == 2
    first, second = subscriber.told()
    assert first["eventType"] == "payments.authorization.status.accepted"
    assert second["eventType"] == "payments.capture.status.accepted"
    assert (first["webhookId"], first["organizationId"]) == (webhook, DEMO_MERCHANT_ID)
    assert (first["requestType"], first["retryNumber"]) == ("NEW", 0)
    assert first["payload"]["id"] == paid["id"]
    assert first["payload"]["status"] == "AUTHORIZED"
    assert first["payload"]["clientReferenceInformation"] == {
        "code": "ORDER-Ö",
        "transactionId": "t-1",
    }
    assert first["transactionTraceId"] != second["transactionTraceId"]
    received = subscriber.receiver.webhooks()[0]
    assert subscriber.verified(received)
    assert received.headers["v-c-event-type"] == first["eventType"]
    assert received.headers["v-c-request-type"] == "NEW"
    assert received.headers["v-c-webhook-id"] == webhook
    assert b"4111111111111111" not in received.body
    assert subscriber.round() == 0


def test_an_event_without_subscription_is_not_sent(subscriber: Subscriber) -> None:
    wanted = [{"productId": "payments", "eventTypes": ["payments.refund.status.accepted"]}]
    subscriber.subscribes(products=wanted)
    subscriber.merchant.pays()
    assert subscriber.round() == 0


def test_both_event_families_report_the_same_payment(subscriber: Subscriber) -> None:
    wanted = [
        {"productId": "payments", "eventTypes": ["payments.authorization.status.accepted"]},
        {"productId": "cardProcessing", "eventTypes": ["payments.payments.accept"]},
    ]
    subscriber.subscribes(products=wanted)
    subscriber.merchant.pays()
    subscriber.round()
    assert [each["eventType"] for each in subscriber.told()] == [
        "payments.authorization.status.accepted",
        "payments.payments.accept",
    ]


def test_each_movement_of_money_is_sent_with_its_status(subscriber: Subscriber) -> None:
    subscriber.subscribes()
    merchant = subscriber.merchant
    sale = merchant.pays().json()["id"]
    refund = merchant.refunds(sale, "1.00").json()["id"]
    merchant.commands("settlements")
    merchant.commands(f"refunds/{refund}", fails="now")
    merchant.pays(DECLINED)
    held = merchant.pays(REVIEWED).json()["id"]
    merchant.commands(f"reviews/{held}", decision="reject")
    other = merchant.pays().json()["id"]
    merchant.post(f"/pts/v2/payments/{other}/voids", {})
    subscriber.round()
    seen = [
        (each["eventType"].removeprefix("payments."), each["payload"]["status"])
        for each in subscriber.told()
    ]
    assert seen == [
        ("authorization.status.accepted", "AUTHORIZED"),
        ("capture.status.accepted", "PENDING"),
        ("refund.status.accepted", "PENDING"),
        ("capture.status.updated", "BATCHED"),
        ("refund.status.updated", "BATCHED"),
        ("refund.status.updated", "FAILED"),
        ("authorization.status.rejected", "DECLINED"),
        ("authorization.status.reviewed", "AUTHORIZED_PENDING_REVIEW"),
        ("reversal.status.accepted", "REVERSED"),
        ("authorization.status.rejected", "AUTHORIZED_RISK_DECLINED"),
        ("authorization.status.accepted", "AUTHORIZED"),
        ("capture.status.accepted", "PENDING"),
        ("void.status.accepted", "VOIDED"),
    ]


def test_an_automatic_checkout_is_sent_under_its_own_event_name(
    subscriber: Subscriber, card_form: CardForm
) -> None:
    event = "uc.orders.transactionresults"
    subscriber.subscribes(products=[{"productId": "unifiedCheckout", "eventTypes": [event]}])
    session = subscriber.merchant.session(completeMandate={"type": "CAPTURE"})
    card_form.completes(session, card_form.token(session))
    subscriber.merchant.pays()
    assert subscriber.round() == 1
    (told,) = subscriber.told()
    assert (told["eventType"], told["payload"]["status"]) == (event, "AUTHORIZED")
    reference = told["payload"]["details"]["clientReferenceInformation"]
    assert reference == {"code": "ORDER-42"}


def test_a_payment_with_a_lost_reply_is_sent_too(subscriber: Subscriber) -> None:
    subscriber.subscribes()
    subscriber.merchant.commands("faults", operation="payments", fault="html", committed=True)
    subscriber.merchant.pays()
    assert subscriber.round() == 2


@pytest.mark.parametrize("signed_form", ["raw", "payload"])
@pytest.mark.parametrize("shape", ["object", "string"])
def test_a_payload_is_signed_as_object_or_as_text(
    subscriber: Subscriber, shape: str, signed_form: str
) -> None:
    subscriber.merchant.commands("switches", webhook_shape=shape, webhook_signed_form=signed_form)
    subscriber.subscribes()
    subscriber.merchant.pays(code="ORDER-Ö")
    subscriber.round()
    received, told = subscriber.receiver.webhooks()[0], subscriber.told()[0]
    if shape == "string":
        payload = told["payload"]
        assert json.loads(payload)["status"] == "AUTHORIZED"
    else:
        payload = json.dumps(told["payload"], ensure_ascii=False, separators=(",", ":"))
    signed = payload.encode() if signed_form == "payload" else None
    assert subscriber.verified(received, signed)
    assert not subscriber.verified(received, b"another")


@pytest.mark.parametrize("shape", ["jwe-body", "jwe-payload"])
def test_the_signature_of_an_encrypted_payload_covers_the_plain_text(
    receiver: MerchantServer, clock: Clock, shape: str
) -> None:
    private = RSAKey.import_key((VECTORS / "response_mle_private.pem").read_text())
    settings = SimulatorSettings(
        reply_public_keys={"9": private.as_pem(private=False).decode()}, webhook_shape=shape
    )
    with RunningSimulator(settings, now=clock, rounds_every=None) as running:
        subscriber = Subscriber(Merchant(running.url, clock), receiver)
        subscriber.subscribes()
        subscriber.merchant.pays()
        subscriber.round()
    received, told = receiver.webhooks()[0], json.loads(receiver.webhooks()[0].body)
    envelope = told["payload"] if shape == "jwe-payload" else told["encryptedPayload"]
    registry = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM"], strict_check_header=False)
    plain = jwe.decrypt_compact(envelope, private, registry=registry).plaintext or b""
    assert subscriber.verified(received, plain)
    content = json.loads(plain)
    payload = content if shape == "jwe-payload" else content["payload"]
    assert payload["status"] == "AUTHORIZED"


def test_an_encrypted_message_without_certificate_is_not_sent(subscriber: Subscriber) -> None:
    subscriber.subscribes()
    subscriber.merchant.commands("switches", webhook_shape="jwe-body")
    subscriber.merchant.pays()
    subscriber.round()
    assert subscriber.told() == []
    assert {each["state"] for each in subscriber.deliveries()} == {"failed"}


def test_a_sample_can_be_requested(subscriber: Subscriber) -> None:
    webhook = subscriber.subscribes()
    reply = subscriber.merchant.post(f"/notification-subscriptions/v1/webhooks/{webhook}", {})
    assert reply.status_code == 201
    assert subscriber.round() == 1
    (told,) = subscriber.told()
    assert told["transactionTraceId"] == reply.json()["transactionTraceId"]
    assert "test" in told["payload"]["testPayload"]["message"]
    assert subscriber.verified(subscriber.receiver.webhooks()[0])
    unknown = subscriber.merchant.post("/notification-subscriptions/v1/webhooks/1", {})
    assert unknown.status_code == 404
