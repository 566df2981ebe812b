"""Posts from Secure Acceptance: believed only when all that matters is signed, and is ours."""

from datetime import timedelta
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cybersource.secure_acceptance.form import (
    SecureAcceptance,
    SecureAcceptanceKey,
    SecureAcceptanceSettings,
    signature_of,
)
from adapters.cybersource.secure_acceptance.replies import REQUIRED, ReplyReader, SentForm
from adapters.cybersource.webhooks.message_keys import MessageForm
from core.money import Money
from core.payments.gateway import Cancelled, Captured, Declined, InReview, NotCarriedOut
from core.payments.notice import About, NoticeRefused
from core.payments.transaction import Card
from coursetill_testing.contracts.gateway_world import ACCOUNT, START, an_attempt
from tests.adapters.cybersource.secure_acceptance.test_form import NEW_KEY, USUAL
from tests.adapters.cybersource.vectors import SECURE_ACCEPTANCE

VECTORS = {each["name"]: each for each in SECURE_ACCEPTANCE["response_vectors"]}
ACCEPT = VECTORS["resp-1-accept"]["post"]
KEY = SecureAcceptanceKey(
    access_key=ACCEPT["req_access_key"], secret=VECTORS["resp-1-accept"]["security_key"]
)
SETTINGS = attrs.evolve(USUAL, keys=(NEW_KEY, KEY), profile_id=ACCEPT["req_profile_id"])
REPLIES = ReplyReader(SETTINGS)
SENT = SentForm(
    transaction_uuid=ACCEPT["req_transaction_uuid"],
    reference=ACCEPT["req_reference_number"],
    amount=Money.of("100.00"),
    account=ACCOUNT,
)


def read(post, sent=SENT, replies=REPLIES, now=START):
    return replies.notice(replies.verified(urlencode(post).encode()), sent, now)


def signed(post, key=KEY, leave_out=()):
    """The post with these fields signed anew, but for those that are left out."""
    names = [n for n in post if n not in ("signature", "utf8") and n not in leave_out]
    whole = {**post, "signed_field_names": ",".join(names)}
    return whole | {"signature": signature_of(whole, key.secret)}


def changed(**values):
    """A genuine post with other values; None takes a field away."""
    post = {**ACCEPT, **values}
    return signed({name: value for name, value in post.items() if value is not None})


@pytest.mark.parametrize("name", VECTORS)
def test_each_vector_verifies_as_documented(name):
    vector = VECTORS[name]
    if vector["expected"]:
        assert read(vector["post"]).attempt == SENT.transaction_uuid
    else:
        with pytest.raises(NoticeRefused):
            read(vector["post"])


def test_an_accepted_payment_is_captured():
    notice = read(ACCEPT)
    assert notice.answer == Captured(
        "7637450000006999904011",
        Money.of("100.00"),
        Card("Visa", "1111"),
        {
            "transaction_id": "7637450000006999904011",
            "decision": "ACCEPT",
            "reason_code": "100",
            "auth_code": "888888",
            "auth_response": "100",
            "auth_time": "2026-11-22T060100Z",
        },
    )
    assert (notice.about, notice.form, notice.code) == (About.PAYMENT, MessageForm.FIELDS, "shop-2")


@pytest.mark.parametrize(
    ("decision", "code", "answer"),
    [
        ("ACCEPT", "100", Captured),
        ("ACCEPT", "999", Captured),
        ("ACCEPT", "110", type(None)),
        ("REVIEW", "200", InReview),
        ("REVIEW", "520", InReview),
        ("REVIEW", "999", InReview),
        ("DECLINE", "203", Declined),
        ("DECLINE", "200", Declined),
        ("DECLINE", "999", Declined),
        ("ERROR", "102", NotCarriedOut),
        ("ERROR", "104", type(None)),
        ("ERROR", "150", type(None)),
        ("ERROR", "151", type(None)),
        ("ERROR", "152", type(None)),
        ("ERROR", "999", type(None)),
        ("CANCEL", "", Cancelled),
    ],
)
def test_each_decision_is_mapped_as_in_the_guide(decision, code, answer):
    assert isinstance(read(changed(decision=decision, reason_code=code)).answer, answer)


def test_a_decline_shows_its_reason_to_the_learner():
    answer = read(changed(decision="DECLINE", reason_code="204")).answer
    assert isinstance(answer, Declined)
    assert "not enough money" in answer.reason


def test_a_partial_payment_does_not_count_as_the_whole():
    assert read(changed(auth_amount="99.99")).answer is None
    assert read(changed(auth_amount="")).answer is None
    assert read(changed(auth_amount="100.001")).answer is None
    assert isinstance(read(changed(auth_amount="100")).answer, Captured)


def test_a_cancelled_form_requires_no_transaction():
    gone = {"transaction_id": None, "reason_code": None, "auth_amount": None}
    assert read(changed(decision="CANCEL", **gone)).answer == Cancelled()


def test_a_duplicate_refusal_requires_no_amount():
    gone = {"req_amount": None, "req_currency": None, "auth_amount": None, "transaction_id": None}
    assert read(changed(decision="ERROR", reason_code="104", **gone)).answer is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("req_amount", "1.00"),
        ("req_amount", "100.001"),
        ("req_currency", "EUR"),
        ("req_currency", "XXX"),
        ("req_profile_id", "A1B2C3D4-0000-4000-8000-00000000000B"),
        ("req_reference_number", "shop-3"),
        ("req_transaction_uuid", "another"),
        ("req_transaction_type", "authorization"),
        ("req_access_key", NEW_KEY.access_key),
        ("transaction_id", ""),
        ("transaction_id", "7 7"),
        ("decision", "accept"),
        ("decision", ""),
        ("signed_date_time", "yesterday"),
        ("signed_date_time", "2026-13-01T00:00:00Z"),
    ],
)
def test_a_genuine_reply_about_another_object_is_refused(name, value):
    with pytest.raises(NoticeRefused):
        read(changed(**{name: value}))


@pytest.mark.parametrize(
    ("decision", "name"),
    [(decision, name) for decision, names in REQUIRED.items() for name in sorted(names)],
)
def test_a_reply_with_an_unsigned_decision_is_refused(decision, name):
    post = signed({**ACCEPT, "decision": decision}, leave_out=(name,))
    with pytest.raises(NoticeRefused):
        read(post)


def test_our_own_form_posted_back_as_accepted_is_refused():
    home = attrs.evolve(SETTINGS, keys=(KEY,))
    own = SecureAcceptance(home).form(an_attempt(), START).fields
    for forged in (
        {**own, "decision": "ACCEPT", "transaction_id": "7"},
        {**own, **{f"req_{name}": value for name, value in own.items()}, "decision": "ACCEPT"},
    ):
        with pytest.raises(NoticeRefused, match="decision"):
            read(forged)


def test_a_repeated_field_is_refused():
    body = urlencode(ACCEPT)
    for second in ("decision=ACCEPT", "req_amount=1.00", "utf8=1&utf8=2"):
        with pytest.raises(NoticeRefused, match="twice"):
            REPLIES.verified(f"{body}&{second}".encode())


def test_a_repeated_signed_name_is_refused():
    names = ACCEPT["signed_field_names"] + ",decision"
    post = {**ACCEPT, "signed_field_names": names}
    with pytest.raises(NoticeRefused):
        read(post | {"signature": signature_of(post, KEY.secret)})


def test_a_missing_signed_field_is_refused_without_a_crash():
    post = {name: value for name, value in ACCEPT.items() if name != "req_locale"}
    with pytest.raises(NoticeRefused):
        read(post)


@pytest.mark.parametrize("missing", ["signature", "signed_field_names"])
def test_an_unsigned_post_is_refused(missing):
    with pytest.raises(NoticeRefused, match="not signed"):
        read({name: value for name, value in ACCEPT.items() if name != missing})


@pytest.mark.parametrize("signature", ["", "é", "AAAA", ACCEPT["signature"].lower()])
def test_a_wrong_signature_is_refused(signature):
    with pytest.raises(NoticeRefused):
        read({**ACCEPT, "signature": signature})


def test_a_removed_key_is_not_accepted():
    with pytest.raises(NoticeRefused, match="signature"):
        read(ACCEPT, replies=ReplyReader(attrs.evolve(SETTINGS, keys=(NEW_KEY,))))


def test_unsigned_fields_are_ignored():
    forged = {**ACCEPT, "req_card_number": "xxxxxxxxxxxx9999"}
    plain = signed(forged, leave_out=("req_card_number", "req_card_type"))
    assert read(plain).answer.card is None


def test_every_copy_of_a_reply_has_the_same_key():
    by_browser, by_server = read(ACCEPT), read(changed(signed_date_time="2026-11-22T06:01:09Z"))
    assert by_browser.key == by_server.key
    assert by_browser.key != read(changed(transaction_id="8")).key
    assert by_browser.key != read(changed(decision="DECLINE")).key


def test_a_late_post_is_marked_as_late_and_accepted():
    assert read(ACCEPT, now=START + timedelta(days=9)).age > timedelta(days=9)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"decision",
        b"decision=ACCEPT;a=b",
        urlencode(ACCEPT, encoding="latin-1", errors="replace").encode() + b"&name=%E9",
        b"name=\xe9",
        b"&".join(b"f%d=1" % n for n in range(1001)),
        b"a=" + b"x" * 200_001,
    ],
)
def test_a_malformed_form_is_refused(body):
    with pytest.raises(NoticeRefused):
        REPLIES.verified(body)


def test_no_secret_and_no_field_is_printed():
    shown = repr(REPLIES) + repr(REPLIES.verified(urlencode(ACCEPT).encode()))
    assert KEY.secret not in shown
    assert "Main St" not in shown


NAMES = st.sampled_from(sorted(ACCEPT)) | st.text(max_size=8)


def outcome(post):
    try:
        return read(post)
    except NoticeRefused as refused:
        return refused


@given(st.dictionaries(NAMES, st.text(max_size=30), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_signed_post_is_a_notice_about_our_payment_or_refused(values):
    post = {name: value for name, value in (ACCEPT | values).items() if "," not in name}
    told = outcome(signed(post))
    assert isinstance(told, NoticeRefused) or told.attempt == SENT.transaction_uuid


@given(st.dictionaries(NAMES, st.text(max_size=30), max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_change_after_signing_never_changes_the_result(values):
    told = outcome(ACCEPT | values)
    assert isinstance(told, NoticeRefused) or told == read(ACCEPT)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_unsigned_bytes_are_refused(body):
    with pytest.raises(NoticeRefused):
        REPLIES.verified(body)


def test_settings_of_another_profile_refuse_the_reply():
    other: SecureAcceptanceSettings = attrs.evolve(SETTINGS, profile_id="B")
    with pytest.raises(NoticeRefused, match="profile"):
        read(ACCEPT, replies=ReplyReader(other))
