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
def test_a_vector_is_believed_as_it_should_be(name):
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
def test_each_decision_means_what_the_guide_says(decision, code, answer):
    assert isinstance(read(changed(decision=decision, reason_code=code)).answer, answer)


def test_a_decline_says_why_in_the_learners_words():
    answer = read(changed(decision="DECLINE", reason_code="204")).answer
    assert isinstance(answer, Declined)
    assert "not enough money" in answer.reason


def test_a_part_is_never_taken_for_the_whole():
    assert read(changed(auth_amount="99.99")).answer is None
    assert read(changed(auth_amount="")).answer is None
    assert read(changed(auth_amount="100.001")).answer is None
    assert isinstance(read(changed(auth_amount="100")).answer, Captured)


def test_a_cancelled_form_needs_no_transaction():
    gone = {"transaction_id": None, "reason_code": None, "auth_amount": None}
    assert read(changed(decision="CANCEL", **gone)).answer == Cancelled()


def test_a_refused_repetition_needs_no_amount():
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
def test_a_genuine_reply_about_something_else_is_refused(name, value):
    with pytest.raises(NoticeRefused):
        read(changed(**{name: value}))


@pytest.mark.parametrize(
    ("decision", "name"),
    [(decision, name) for decision, names in REQUIRED.items() for name in sorted(names)],
)
def test_what_decides_is_signed_or_the_reply_is_refused(decision, name):
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


def test_a_field_that_is_there_twice_is_refused():
    body = urlencode(ACCEPT)
    for second in ("decision=ACCEPT", "req_amount=1.00", "utf8=1&utf8=2"):
        with pytest.raises(NoticeRefused, match="twice"):
            REPLIES.verified(f"{body}&{second}".encode())


def test_a_name_that_is_signed_twice_is_refused():
    names = ACCEPT["signed_field_names"] + ",decision"
    post = {**ACCEPT, "signed_field_names": names}
    with pytest.raises(NoticeRefused):
        read(post | {"signature": signature_of(post, KEY.secret)})


def test_a_signed_field_that_is_not_there_is_refused_and_no_crash():
    post = {name: value for name, value in ACCEPT.items() if name != "req_locale"}
    with pytest.raises(NoticeRefused):
        read(post)


@pytest.mark.parametrize("missing", ["signature", "signed_field_names"])
def test_a_post_that_is_not_signed_is_refused(missing):
    with pytest.raises(NoticeRefused, match="not signed"):
        read({name: value for name, value in ACCEPT.items() if name != missing})


@pytest.mark.parametrize("signature", ["", "é", "AAAA", ACCEPT["signature"].lower()])
def test_another_signature_is_refused(signature):
    with pytest.raises(NoticeRefused):
        read({**ACCEPT, "signature": signature})


def test_a_key_that_went_is_believed_no_more():
    with pytest.raises(NoticeRefused, match="signature"):
        read(ACCEPT, replies=ReplyReader(attrs.evolve(SETTINGS, keys=(NEW_KEY,))))


def test_unsigned_fields_are_never_read():
    forged = {**ACCEPT, "req_card_number": "xxxxxxxxxxxx9999"}
    plain = signed(forged, leave_out=("req_card_number", "req_card_type"))
    assert read(plain).answer.card is None


def test_both_doors_and_every_repetition_have_one_key():
    by_browser, by_server = read(ACCEPT), read(changed(signed_date_time="2026-11-22T06:01:09Z"))
    assert by_browser.key == by_server.key
    assert by_browser.key != read(changed(transaction_id="8")).key
    assert by_browser.key != read(changed(decision="DECLINE")).key


def test_a_late_post_is_told_as_late_and_not_refused():
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
def test_what_is_no_form_is_refused(body):
    with pytest.raises(NoticeRefused):
        REPLIES.verified(body)


def test_neither_secret_nor_field_is_shown():
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
def test_whatever_is_signed_is_a_notice_about_our_payment_or_refused(values):
    post = {name: value for name, value in (ACCEPT | values).items() if "," not in name}
    told = outcome(signed(post))
    assert isinstance(told, NoticeRefused) or told.attempt == SENT.transaction_uuid


@given(st.dictionaries(NAMES, st.text(max_size=30), max_size=5))
@settings(max_examples=200, deadline=None)
def test_whatever_is_changed_after_signing_changes_nothing(values):
    told = outcome(ACCEPT | values)
    assert isinstance(told, NoticeRefused) or told == read(ACCEPT)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_bytes_that_nobody_signed_are_refused(body):
    with pytest.raises(NoticeRefused):
        REPLIES.verified(body)


def test_settings_of_another_profile_refuse_the_reply():
    other: SecureAcceptanceSettings = attrs.evolve(SETTINGS, profile_id="B")
    with pytest.raises(NoticeRefused, match="profile"):
        read(ACCEPT, replies=ReplyReader(other))
