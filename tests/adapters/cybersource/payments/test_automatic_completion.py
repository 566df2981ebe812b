"""In the automatic flow the browser's result is a hint; the gateway's records decide."""

import json
from datetime import timedelta

import attrs
import pytest

from adapters.cybersource.payments.automatic_completion import AutomaticCompletion
from adapters.cybersource.payments.partial_approvals import PartialApprovals
from adapters.cybersource.payments.payments import PaymentApi
from adapters.cybersource.payments.transaction_search import TransactionSearch
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.public_keys import PublicKeys
from adapters.cybersource.rest.settings import AutoFlow, WrongSettings
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal
from adapters.cybersource.unified_checkout.card_form import UnifiedCheckout
from adapters.cybersource.unified_checkout.flow import is_automatic
from adapters.cybersource.unified_checkout.sessions import SessionRequest
from adapters.http_client import Lost
from core.money import Money
from core.payments.gateway import (
    Captured,
    Declined,
    GatewayUnavailable,
    InReview,
    Token,
    TokenRefused,
    Unknown,
)
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import DUE, START, an_attempt
from tests.adapters.cybersource.forger import (
    LONG_LIVED,
    ONE_TIME,
    STRANGERS,
    Forger,
    public,
    signed,
)
from tests.adapters.cybersource.payments.test_transaction_search import row
from tests.adapters.cybersource.unified_checkout.test_sessions import HOST, SETTINGS

AUTOMATIC = attrs.evolve(SETTINGS, auto=AutoFlow())
KEPT = {
    "kid": "one-time-key",
    "jwk": json.dumps(public(ONE_TIME, "one-time-key")),
    "flow": "auto",
}
ATTEMPT = an_attempt().with_form(KEPT, START)
RESULT = {
    "id": row(1)["id"],
    "status": "AUTHORIZED",
    "outcome": "AUTHORIZED",
    "details": {"clientReferenceInformation": {"code": ATTEMPT.reference}},
    "jti": "result-0000001",
}


def result(key=ONE_TIME, kid="one-time-key", **changed):
    return signed(RESULT | changed, key, {"alg": "RS256", "kid": kid})


class Books(Forger):
    """A CyberSource that knows these transactions, by details at once, by search if `indexed`."""

    def __init__(self, *rows, indexed=True):
        super().__init__(HOST)
        self.rows = rows
        self.indexed = indexed

    def ask(self, call: ApiCall) -> JsonFields:
        if call.operation == "public-key":
            return super().ask(call)
        self.calls.append(call)
        if call.operation == "details":
            named = [each for each in self.rows if call.path.endswith(each["id"])]
            if not named:
                raise ApiRefusal(404)
            told = dict(named[0])
            at = told.pop("submitTimeUtc")
            return JsonFields({**told, "submitTimeUTC": at})
        if call.operation == "undo":
            return JsonFields({"status": "VOIDED"})
        shown = list(self.rows) if self.indexed else []
        return JsonFields({"_embedded": {"transactionSummaries": shown}})


def completed(books):
    searches = TransactionSearch(books)
    payments = PaymentApi(books, searches, PartialApprovals(books, searches))
    return AutomaticCompletion(PublicKeys(books), searches, payments)


def answered(books, text=None, attempt=ATTEMPT):
    return completed(books).answer(attempt, Token("t", text or result()))


def test_the_session_lets_the_form_complete_a_sale():
    forger = Forger(HOST)
    checkout = UnifiedCheckout(AUTOMATIC, forger, PublicKeys(forger), now=Clock(START))
    form = checkout.open(SessionRequest(ATTEMPT.reference, DUE, "A-1"), "A-1")
    body = forger.calls[0].body
    assert body["completeMandate"] == {
        "type": "CAPTURE",
        "decisionManager": True,
        "consumerAuthentication": "3DS",
        "tms": {"tokenCreate": False},
    }
    assert body["data"]["merchantDefinedInformation"] == [{"key": "1", "value": "A-1"}]
    assert is_automatic(form.remember)


def test_a_manual_session_is_marked_as_manual():
    forger = Forger(HOST)
    checkout = UnifiedCheckout(SETTINGS, forger, PublicKeys(forger), now=Clock(START))
    form = checkout.open(SessionRequest(ATTEMPT.reference, DUE, "A-1"), "A-1")
    assert not is_automatic(form.remember)
    assert "merchantDefinedInformation" not in forger.calls[0].body["data"]
    assert not is_automatic(None)


@pytest.mark.parametrize("weaker", [{"type": "AUTH"}, {"consumerAuthentication": "NONE"}])
def test_a_session_with_fewer_features_than_requested_is_refused(weaker):
    def change(claims):
        claims["ctx"][0]["data"]["completeMandate"] |= weaker

    forger = Forger(HOST, change=change)
    checkout = UnifiedCheckout(AUTOMATIC, forger, PublicKeys(forger), now=Clock(START))
    with pytest.raises(GatewayUnavailable):
        checkout.open(SessionRequest(ATTEMPT.reference, DUE, "A-1"), "A-1")


def test_an_unknown_kind_of_authentication_is_refused():
    with pytest.raises(WrongSettings, match="PASSKEY"):
        attrs.evolve(SETTINGS, auto=AutoFlow(authentication="PASSWORD"))


@pytest.mark.parametrize(("key", "kid"), [(ONE_TIME, "one-time-key"), (LONG_LIVED, "zu")])
def test_a_result_has_the_same_id_whichever_key_signed_it(key, kid):
    text = result(key, kid)
    assert completed(Books()).verify(ATTEMPT, text) == Token("result-0000001", text)


@pytest.mark.parametrize("kid", ["one-time-key", "zu"])
def test_an_unsigned_result_is_a_hint_with_its_own_id(kid):
    text = result(STRANGERS, kid)
    token = completed(Books()).verify(ATTEMPT, text)
    assert token.id != "result-0000001"
    assert len(token.id) == 64


@pytest.mark.parametrize("level", ["details", "data", "content"])
@pytest.mark.parametrize("key", [ONE_TIME, STRANGERS])
def test_a_result_for_another_order_is_refused(level, key):
    other = {level: {"clientReferenceInformation": {"code": "CT-ANOTHER"}}}
    text = result(key, **{"details": {}} | other)
    with pytest.raises(TokenRefused, match="did not come"):
        completed(Books()).verify(ATTEMPT, text)


@pytest.mark.parametrize("text", ["", "a.b", "<html>", "a.b.c.d", "é.b.c"])
def test_a_malformed_result_is_refused(text):
    with pytest.raises(TokenRefused, match="nothing that can be used"):
        completed(Books()).verify(ATTEMPT, text)


def test_the_transaction_named_in_the_result_is_fetched():
    books = Books(row(1), indexed=False)
    answer = answered(books)
    assert isinstance(answer, Captured)
    assert answer.amount == DUE
    assert [call.operation for call in books.calls] == ["details"]


@pytest.mark.parametrize(
    ("code", "services", "kind"),
    [
        ("204", ("ics_auth",), Declined),
        ("481", ("ics_auth",), Declined),
        ("480", ("ics_auth", "ics_bill"), InReview),
        ("150", ("ics_auth",), Unknown),
    ],
)
def test_cybersources_records_override_the_result(code, services, kind):
    assert isinstance(answered(Books(row(1, code, services))), kind)


def test_a_result_naming_another_learners_transaction_pays_nothing():
    theirs = row(1, order="CT-ANOTHER", mark="A-9")
    assert isinstance(answered(Books(theirs)), Unknown)
    another_attempts = row(1, mark="A-9")
    assert isinstance(answered(Books(another_attempts)), Unknown)


def test_a_payment_without_a_usable_hint_is_searched_for():
    for text in (result(id="no id at all"), result(id=None), "a.b.c"):
        assert isinstance(answered(Books(row(1)), text), Captured)


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        ("2026-11-22T11:59:51Z", Captured),
        ("2026-11-22T12:29:59Z", Captured),
        ("2026-11-22T11:59:49Z", Unknown),
        ("2026-11-22T12:30:01Z", Unknown),
    ],
)
def test_an_unmarked_row_counts_from_the_opening_of_the_form(at, kind):
    """The card was charged before the shop heard of it."""
    heard = attrs.evolve(ATTEMPT, sent_at=START + timedelta(minutes=20))
    assert isinstance(answered(Books(row(1, mark="", at=at)), attempt=heard), kind)


@pytest.mark.parametrize(
    "at, kind",
    [
        ("2026-11-22T12:00:00Z", Declined),
        ("2026-11-22T11:59:59Z", Unknown),
    ],
)
def test_an_unmarked_decline_before_the_form_opened_belongs_to_the_earlier_form(at, kind):
    assert isinstance(answered(Books(row(1, code="204", mark="", at=at))), kind)


def test_a_hint_to_a_wrong_transaction_does_not_hide_the_right_one():
    answer = answered(Books(row(1, mark="A-9"), row(2)))
    assert isinstance(answer, Captured)
    assert answer.gateway_id == row(2)["id"]


@pytest.mark.parametrize("hint", ["../../pts/v2/payments", "", "7?a=1", "7" * 65])
def test_a_hint_cannot_change_the_request_address(hint):
    books = Books(row(1))
    answered(books, result(id=hint))
    assert [call.operation for call in books.calls] == ["search"]


def test_a_payment_is_unknown_until_cybersources_records_show_it():
    assert isinstance(answered(Books(indexed=False)), Unknown)


def test_a_partial_payment_by_the_form_is_reversed():
    books = Books(row(1, "110"))
    assert isinstance(answered(books), Declined)
    assert "undo" in [call.operation for call in books.calls]


def test_a_payment_is_unknown_while_cybersource_does_not_answer():
    class Down(Books):
        def ask(self, call: ApiCall) -> JsonFields:
            raise Lost("HTTP 502")

    assert isinstance(answered(Down()), Unknown)


def test_another_captured_amount_is_reported_unchanged():
    answer = answered(Books(row(1, amount="1.00")))
    assert isinstance(answer, Captured)
    assert answer.amount == Money.of("1.00")


def test_a_payment_taken_by_the_form_is_never_charged_again(shop):
    attempt = attrs.evolve(ATTEMPT, session=KEPT | {"session": "s"})
    token = shop.gateway.verify(attempt, f" {result()}\n")
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
    assert shop.browser.ledger()["payments"] == []
