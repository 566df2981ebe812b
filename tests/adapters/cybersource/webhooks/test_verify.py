"""Webhooks are believed when they are signed, and say no more than what was signed."""

import json
import logging
from datetime import timedelta

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.cybersource.rest.settings import WrongSettings
from adapters.cybersource.webhooks.events import EVENTS
from adapters.cybersource.webhooks.message_keys import MessageForm
from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings, signature_of
from core.money import Money
from core.payments.gateway import (
    Captured,
    Declined,
    InReview,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
)
from core.payments.notice import About, NotForUs, Notice, NoticeRefused
from core.payments.transaction import Card
from coursetill_testing.contracts.gateway_world import ACCOUNT, DUE, START
from tests.adapters.cybersource.notifier import (
    ACCEPTED,
    KEY,
    OLD_KEY,
    REFUNDED,
    a_message,
    a_payment,
    a_refund,
    compact,
    sealed,
    signed,
    written,
)
from tests.adapters.cybersource.rest.test_message_encryption import OWN_REPLY_KEY

USUAL = WebhookSettings(account=ACCOUNT, keys=(KEY, OLD_KEY), decryption=(OWN_REPLY_KEY,))
WEBHOOKS = WebhookReader(USUAL)


def read(body: bytes, headers=None, now=START, webhooks=WEBHOOKS):
    return webhooks.read(signed(body) if headers is None else headers, body, now)


def told(payload, event=ACCEPTED, **changed):
    return read(written(a_message(payload, event, **changed)))


def test_the_documented_signature_is_reproduced():
    made = signature_of(b"test_key", "1617830804768", b"this is a decrypted payload")
    assert made == "CzHY47nzJgCSD/BREtSIb+9l/vfkaaL4qf9n8MNJ4CY="


def test_a_payment_event_becomes_a_notice():
    assert told(a_payment()) == Notice(
        key=told(a_payment()).key,
        about=About.PAYMENT,
        account=ACCOUNT,
        code="CT-7K3M-Q9XD-2FVT",
        attempt="A-1",
        answer=Captured(
            "7637450000006999904011",
            DUE,
            Card("Visa", "1111"),
            {
                "id": "7637450000006999904011",
                "status": "AUTHORIZED",
                "code": "CT-7K3M-Q9XD-2FVT",
                "transaction_id": "A-1",
            },
        ),
        at=START,
        heard_at=START,
        form=MessageForm.RAW,
        event=ACCEPTED,
        raw={
            "webhookId": "wh-1",
            "transactionTraceId": "trace-1",
            "eventDate": "2026-11-22T12:00:00",
            "id": "7637450000006999904011",
            "status": "AUTHORIZED",
            "code": "CT-7K3M-Q9XD-2FVT",
            "transaction_id": "A-1",
        },
    )


@pytest.mark.parametrize(
    ("event", "changed", "answer"),
    [
        ("payments.payments.accept", {}, Captured),
        ("payments.authorization.status.reviewed", {"status": "PENDING_REVIEW"}, InReview),
        ("payments.payments.review", {"status": "AUTHORIZED_PENDING_REVIEW"}, InReview),
        ("payments.authorization.status.rejected", {"status": "DECLINED"}, Declined),
        ("payments.payments.reject", {"status": "DECLINED"}, Declined),
    ],
)
def test_both_event_families_give_the_same_notice(event, changed, answer):
    assert isinstance(told(a_payment(**changed), event).answer, answer)


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (ACCEPTED, {"status": "DECLINED"}),
        (ACCEPTED, {"status": "PARTIAL_AUTHORIZED"}),
        (ACCEPTED, {"status": "WONDERFUL"}),
        (ACCEPTED, {"status": None}),
        (ACCEPTED, {"id": None}),
        (ACCEPTED, {"id": "7 or 8"}),
        (ACCEPTED, {"orderInformation": {}}),
        (ACCEPTED, {"orderInformation": {"amountDetails": {"authorizedAmount": "247.51"}}}),
        (
            ACCEPTED,
            {"orderInformation": {"amountDetails": {"totalAmount": "2.515", "currency": "USD"}}},
        ),
        (ACCEPTED, {"clientReferenceInformation": {"code": "CT-7K3M-Q9XD-2FVT"}}),
        ("payments.authorization.status.rejected", {}),
        ("payments.authorization.status.partiallyApproved", {"status": "PARTIAL_AUTHORIZED"}),
        ("payments.capture.status.accepted", {"status": "PENDING"}),
        ("payments.void.status.accepted", {"status": "VOIDED"}),
        ("uc.orders.transactionresults", {}),
        ("payments.payments.updated", {}),
    ],
)
def test_an_inconclusive_event_needs_an_enquiry(event, changed):
    notice = told(a_payment(**changed), event)
    assert notice.answer is None
    assert notice.code == "CT-7K3M-Q9XD-2FVT"


def test_a_decline_shows_its_reason_to_the_learner():
    reason = {"status": "DECLINED", "errorInformation": {"reason": "INSUFFICIENT_FUND"}}
    answer = told(a_payment(**reason), "payments.payments.reject").answer
    assert isinstance(answer, Declined)
    assert "not enough money" in answer.reason


@pytest.mark.parametrize(
    ("event", "status", "answer"),
    [
        ("payments.refund.status.accepted", "PENDING", RefundAccepted),
        (REFUNDED, "BATCHED", RefundSettled),
        (REFUNDED, "TRANSMITTED", RefundSettled),
        ("payments.refunds.accept", "PENDING", RefundAccepted),
        ("payments.refunds.reject", "DECLINED", RefundFailed),
        (REFUNDED, "FAILED", type(None)),
        ("payments.refunds.reject", "PENDING", type(None)),
        (REFUNDED, "WHATEVER", type(None)),
        (REFUNDED, None, type(None)),
    ],
)
def test_a_refund_is_reported_under_its_own_id(event, status, answer):
    notice = told(a_refund(status=status), event)
    assert (notice.about, notice.code, notice.attempt) == (About.REFUND, "R-1", "")
    assert isinstance(notice.answer, answer)


def test_unified_checkout_nests_the_same_fields_one_level_deeper():
    deeper = {k: a_payment()[k] for k in ("clientReferenceInformation", "orderInformation")}
    payload = {"id": "7", "status": "AUTHORIZED", "outcome": "AUTHORIZED", "details": deeper}
    notice = told(payload, "uc.orders.transactionresults")
    assert (notice.code, notice.answer) == ("CT-7K3M-Q9XD-2FVT", None)
    assert told(payload, ACCEPTED).answer.amount == DUE


def test_the_attempt_is_found_if_the_processor_keeps_no_transaction_id():
    marked = a_payment(
        clientReferenceInformation={"code": "CT-7K3M-Q9XD-2FVT"},
        merchantDefinedInformation=[{"key": "2", "value": "B-2"}, {"key": "1", "value": "A-7"}],
    )
    assert told(marked).attempt == "A-7"


PAYLOADS = {
    "object": lambda payload: payload,
    "text": json.dumps,
    "jwe": lambda payload: sealed(compact(payload)),
    "jwe in an object": lambda payload: {"encryptedPayload": sealed(compact(payload))},
}


@pytest.mark.parametrize("shape", PAYLOADS)
def test_every_shape_of_payload_is_parsed(shape):
    assert told(PAYLOADS[shape](a_payment())).answer == told(a_payment()).answer


def test_a_fully_encrypted_body_is_decrypted():
    plain = written(a_message(a_payment()))
    body = json.dumps({"encryptedPayload": sealed(plain)}).encode()
    notice = read(body, signed(plain))
    assert notice.form is MessageForm.DECRYPTED
    assert notice.answer == told(a_payment()).answer
    assert read(body).form is MessageForm.RAW


def test_a_body_with_only_its_payload_encrypted_is_a_hint():
    body = json.dumps({"encryptedPayload": sealed(compact(a_payment()))}).encode()
    notice = read(body, signed(compact(a_payment())) | {"v-c-event-type": ACCEPTED})
    assert (notice.code, notice.answer, notice.form) == (
        "CT-7K3M-Q9XD-2FVT",
        None,
        MessageForm.DECRYPTED,
    )


@pytest.mark.parametrize("shape", PAYLOADS)
def test_a_signature_over_the_payload_only_is_a_hint(shape):
    payload = a_payment(amount=10.0, name="Zoë")
    body = written(a_message(PAYLOADS[shape](payload)))
    over = {
        "object": compact(payload | {"amount": 10}),
        "text": json.dumps(payload).encode(),
    }.get(shape, compact(payload))
    notice = read(body, signed(over))
    assert (notice.form, notice.answer) == (MessageForm.PAYLOAD, None)
    assert notice.code == "CT-7K3M-Q9XD-2FVT"


def test_a_genuine_payload_in_a_forged_event_changes_nothing():
    declined = a_payment(status="DECLINED")
    body = written(a_message(declined, ACCEPTED))
    assert read(body, signed(compact(declined))).answer is None


def test_a_disabled_signature_form_is_refused():
    raw_alone = WebhookReader(attrs.evolve(USUAL, forms=frozenset({MessageForm.RAW})))
    body = written(a_message(a_payment()))
    assert read(body, webhooks=raw_alone).form is MessageForm.RAW
    with pytest.raises(NoticeRefused):
        read(body, signed(compact(a_payment())), webhooks=raw_alone)


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_each_of_several_keys_is_accepted(key):
    body = written(a_message(a_payment()))
    assert isinstance(read(body, signed(body, key)), Notice)


BODY = written(a_message(a_payment()))
GOOD = signed(BODY)["V-C-Signature"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"v-c-signature": ""},
        {"v-c-signature": GOOD.replace("t=1", "t=2")},
        {"v-c-signature": GOOD[:-4] + "AAA="},
        {"v-c-signature": GOOD.rpartition("sig=")[0] + "sig="},
        {"v-c-signature": GOOD.rpartition("sig=")[2]},
        {"v-c-signature": "é" + GOOD},
        {"v-c-signature": GOOD.replace("t=", "t=٣")},
        {"v-c-signature": f"{GOOD};{GOOD}"},
        {"signature": GOOD},
        signed(BODY, attrs.evolve(KEY, secret="c29tZWJvZHktZWxzZXMta2V5LTEy")),
        signed(BODY + b" "),
        signed(b""),
    ],
)
def test_a_body_not_signed_by_our_key_is_refused(headers):
    with pytest.raises(NoticeRefused):
        read(BODY, headers)


def test_a_changed_amount_is_refused():
    with pytest.raises(NoticeRefused):
        read(BODY.replace(b"247.51", b"2.51"), {"v-c-signature": GOOD})


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b"null"])
def test_a_health_check_requires_no_signature_and_is_ignored(body):
    assert isinstance(read(body, {}), NotForUs)


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        (a_payment(clientReferenceInformation={"code": "somebody's order"}), ACCEPTED),
        (a_payment(clientReferenceInformation={}), ACCEPTED),
        (a_payment(), ""),
        (a_payment(), "new\nline"),
    ],
)
def test_an_event_about_another_subject_is_ignored(payload, event):
    assert isinstance(told(payload, event), NotForUs)


def test_a_repeated_message_has_the_same_key_and_another_message_another():
    first = told(a_payment())
    again = told(a_payment(), retryNumber=2, requestType="RETRY")
    assert again.key == first.key
    others = [
        told(a_payment(), transactionTraceId="trace-2"),
        told(a_payment(status="DECLINED")),
        told(a_payment(id="8")),
        told(a_payment(), "payments.payments.accept"),
        told(a_payment(clientReferenceInformation={"code": "CT-1", "transactionId": "A-1"})),
    ]
    assert len({first.key, *(other.key for other in others)}) == 6


@pytest.mark.parametrize("late", [timedelta(days=3), timedelta(minutes=-10)])
def test_an_old_message_is_marked_as_old_and_accepted(late):
    assert read(BODY, now=START + late).age == late


@pytest.mark.parametrize(("late", "refused"), [(60, False), (61, True), (-60, False), (-61, True)])
def test_an_old_message_is_refused_if_the_settings_require_it(late, refused):
    strict = WebhookReader(attrs.evolve(USUAL, oldest=timedelta(seconds=60)))
    now = START + timedelta(seconds=late)
    if refused:
        with pytest.raises(NoticeRefused, match="too far"):
            read(BODY, now=now, webhooks=strict)
    else:
        assert isinstance(read(BODY, now=now, webhooks=strict), Notice)


@pytest.mark.parametrize(
    "body",
    [
        written(a_message(7)),
        written(a_message([a_payment()])),
        written(a_message("no JSON")),
        written(a_message("a.b.c.d.e")),
        written({"encryptedPayload": "a.b.c.d.e"}),
        b"[1]",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 1_000_001 + b"1",
    ],
)
def test_an_unreadable_signed_body_is_refused(body):
    with pytest.raises(NoticeRefused):
        read(body)


@pytest.mark.parametrize(
    "keys", [(), (attrs.evolve(KEY, secret="c2hvcnQ="),), (KEY, attrs.evolve(KEY, secret="?"))]
)
def test_settings_without_a_valid_key_are_refused(keys):
    with pytest.raises(WrongSettings):
        WebhookSettings(account=ACCOUNT, keys=keys)


def test_no_secret_and_no_payload_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        read(BODY)
    seen = caplog.text + repr(USUAL) + repr(WEBHOOKS)
    assert KEY.secret not in seen
    assert "247.51" not in seen
    assert "form=raw" in seen


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
PATHS = st.sampled_from(sorted(a_payment()))
ODD_PAYLOADS = st.builds(lambda path, value: a_payment(**{path: value}), PATHS, JSON) | JSON
ODD_BODIES = st.binary(max_size=200) | st.builds(
    lambda payload, event: json.dumps(a_message(payload, event)).encode(),
    ODD_PAYLOADS,
    st.sampled_from(sorted(EVENTS)) | st.text(max_size=20),
)


def outcome(body, headers):
    try:
        return read(body, headers)
    except NoticeRefused as refused:
        return refused


@given(body=ODD_BODIES)
@example(body=b'{"payload": "\\ud800"}')
@example(body=b'{"payload": {"a": 1e999}}')
@settings(max_examples=300, deadline=None)
def test_any_signed_body_is_a_notice_or_ignored_or_refused(body):
    assert isinstance(outcome(body, signed(body)), Notice | NotForUs | NoticeRefused)


@given(body=ODD_BODIES, header=st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_an_unsigned_body_never_becomes_a_notice(body, header):
    assert not isinstance(outcome(body, {"v-c-signature": header}), Notice)
    assert not isinstance(outcome(body, {"v-c-signature": GOOD}), Notice)


def test_amounts_are_exact():
    odd = {"amountDetails": {"authorizedAmount": 0.1, "currency": "USD"}}
    assert told(a_payment(orderInformation=odd)).answer.amount == Money.of("0.10")


@pytest.mark.parametrize(
    ("event", "status", "about"),
    [
        ("payments.capture.status.accepted", "PENDING", About.CAPTURE),
        ("payments.capture.status.updated", "TRANSMITTED", About.CAPTURE),
        ("payments.capture.status.updated", "FAILED", About.PAYMENT),
        ("payments.captures.reject", "PENDING", About.PAYMENT),
        ("uc.orders.transactionresults", "AUTHORIZED", About.CAPTURE),
        ("uc.orders.transactionresults", "DECLINED", About.PAYMENT),
        ("payments.void.status.accepted", "VOIDED", About.UNDOING),
        ("payments.void.status.rejected", "FAILED", About.PAYMENT),
        ("payments.reversal.status.accepted", "REVERSED", About.UNDOING),
        ("tms.token.created", "AUTHORIZED", About.OTHER),
    ],
)
def test_the_subject_of_an_event_depends_on_its_name_and_status(event, status, about):
    notice = told(a_payment(status=status), event)
    assert (notice.about, notice.answer, notice.event) == (about, None, event)


@pytest.mark.parametrize("event", ["payments.capture.status.accepted", "payments.voids.accept"])
def test_an_unsigned_event_only_causes_an_enquiry(event):
    payload = a_payment(status="PENDING")
    body = written(a_message(payload, event))
    assert read(body, signed(compact(payload))).about is About.PAYMENT
    other = written(a_message(payload, "tms.token.created"))
    assert isinstance(read(other, signed(compact(payload))), NotForUs)
