"""The whole adapter against the simulator: every way to sign, encrypt, be told and be paid."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
import requests
from joserfc.jwk import RSAKey

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.rest.endpoints import EndpointFamily
from adapters.cybersource.rest.message_encryption import Encryption, ReplyKey
from adapters.cybersource.rest.settings import AutoFlow
from adapters.cybersource.secure_acceptance.form import (
    FormItem,
    SecureAcceptance,
    SecureAcceptanceKey,
    SecureAcceptanceSettings,
)
from adapters.cybersource.secure_acceptance.replies import ReplyReader, SentForm
from adapters.cybersource.webhooks.message_keys import MessageForm
from adapters.cybersource.webhooks.subscriptions import event_types
from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from core.money import Money
from core.payments.gateway import (
    Captured,
    Declined,
    GatewayUnavailable,
    RefundAccepted,
    RefundSettled,
    Unknown,
)
from core.payments.notice import About, NotForUs, Notice
from coursetill_simulators.cybersource import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
    RunningSimulator,
    SimulatorSettings,
)
from coursetill_simulators.testing.merchant_server import MerchantServer, running_merchant_server
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import ACCOUNT, DUE, a_refund, an_attempt, new_id
from tests.adapters.cybersource.vectors import (
    CYBERSOURCE_CERTIFICATE,
    CYBERSOURCE_KEY,
    FOLDER,
    MERCHANT_ID,
    OWN_P12,
    OWN_SHARED,
    REPLY_KEY,
    REPLY_KEY_ID,
)
from tests.adapters.cybersource.worlds import Browser, CyberSourceShop, settings

NO_MONEY = "4000000000002040"
BOTH_WAYS = Encryption(
    certificate=CYBERSOURCE_CERTIFICATE,
    reply_keys=(ReplyKey(key_id=REPLY_KEY_ID, pem=REPLY_KEY),),
    replies=frozenset(EndpointFamily)
    - {EndpointFamily.SESSIONS, EndpointFamily.PUBLIC_KEYS, EndpointFamily.WEBHOOKS},
)
WAYS = {
    "JWT by shared secret": {"keys": (OWN_SHARED,)},
    "JWT by P12": {"keys": (OWN_P12,)},
    "HTTP Signature": {"keys": (OWN_SHARED,), "http_signature": True},
    "encrypted, by shared secret": {"keys": (OWN_SHARED,), "encryption": BOTH_WAYS},
    "encrypted, by P12": {
        "keys": (OWN_P12,),
        "encryption": attrs.evolve(BOTH_WAYS, certificate=b""),
    },
}


@pytest.fixture(scope="module")
def official(clock: Clock) -> Iterator[RunningSimulator]:
    """A simulator that knows the keys of the vectors."""
    told = SimulatorSettings(
        merchant_id=MERCHANT_ID,
        shared_keys={OWN_SHARED.key_id: OWN_SHARED.secret},
        p12_public_keys={"7700000000000000000001": (FOLDER / "merchant_public.pem").read_text()},
        mle_private_keys={"1701234567890123456789": CYBERSOURCE_KEY.decode()},
        reply_public_keys={
            REPLY_KEY_ID: RSAKey.import_key(REPLY_KEY).as_pem(private=False).decode()
        },
        index_lag_seconds=5,
    )
    with RunningSimulator(told, now=lambda: clock.now, rounds_every=None) as running:
        yield running


@pytest.fixture
def account(official: RunningSimulator, clock: Clock):
    """Makes a shop with other settings of the one merchant."""

    def made(**changed) -> CyberSourceShop:
        browser = Browser(official.url)
        browser.reset()
        usual = {"merchant_id": MERCHANT_ID, "key_id": "", "shared_secret": ""}
        told = settings(official.url, **usual | {"keys": (OWN_SHARED,)} | changed)
        return CyberSourceShop(CyberSourceGateway(told, now=clock, new_id=new_id), browser, clock)

    return made


@pytest.fixture
def receiver() -> Iterator[MerchantServer]:
    with running_merchant_server() as running:
        yield running


def control(shop: CyberSourceShop, path: str, content: dict[str, Any]) -> None:
    """Tell the simulator to do or be something else."""
    reply = requests.post(f"{shop.browser.url}/simulator/{path}", json=content, timeout=5)
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("way", WAYS)
def test_a_course_is_bought_found_and_refunded_in_every_way(account, way):
    shop = account(**WAYS[way])
    shop.gateway.check()
    paid = shop.paid(an_attempt())
    assert isinstance(paid, Captured)
    assert isinstance(shop.paid(an_attempt(2, order="CT-2"), NO_MONEY), Declined)
    shop.clock.advance(seconds=6)
    found = shop.gateway.find(an_attempt())
    assert isinstance(found, Captured)
    assert (found.gateway_id, found.amount, found.card) == (paid.gateway_id, DUE, paid.card)
    refund = a_refund(1, paid.gateway_id, Money.of("10.00"))
    assert isinstance(shop.gateway.refund(refund), RefundAccepted)
    assert shop.browser.moved("refunded") == "10.00"


def test_mandatory_encryption_works_only_if_it_is_configured(account):
    plain, sealed = account(), account(encryption=BOTH_WAYS)
    control(
        plain,
        "switches",
        {"mle_mandatory": ["payments", "captures", "refunds", "voids", "reversals", "searches"]},
    )
    with pytest.raises(GatewayUnavailable):
        plain.gateway.check()
    sealed.gateway.check()
    assert isinstance(sealed.paid(an_attempt()), Captured)


def test_only_jwt_works_after_http_signature_has_ended(account):
    old, new = account(http_signature=True), account()
    control(old, "switches", {"http_signature_ended": True})
    with pytest.raises(GatewayUnavailable) as refusal:
        old.gateway.check()
    assert "try JWT" in refusal.value.reason
    new.gateway.check()


@pytest.mark.parametrize("shape", ["object", "string", "jwe-payload", "jwe-body"])
@pytest.mark.parametrize("form", ["raw", "payload"])
def test_webhooks_are_subscribed_to_and_verified(account, receiver, shape, form):
    shop = account()
    control(shop, "switches", {"webhook_shape": shape, "webhook_signed_form": form})
    key = shop.gateway.subscriptions.new_key()
    events = event_types(shop.gateway.subscriptions.offered())
    made = shop.gateway.subscriptions.subscribe(f"{receiver.url}/hooks", events)
    assert [each.id for each in shop.gateway.subscriptions.all()] == [made.id]
    control(shop, "webhooks/rounds", {})
    webhooks = WebhookReader(
        WebhookSettings(
            account=ACCOUNT,
            keys=(key,),
            decryption=(ReplyKey(key_id=REPLY_KEY_ID, pem=REPLY_KEY),),
        )
    )
    paid = shop.paid(an_attempt())
    refund = a_refund(1, paid.gateway_id, Money.of("10.00"))
    shop.gateway.refund(refund)
    shop.browser.settle()
    control(shop, "webhooks/rounds", {})
    told = [webhooks.read(each.headers, each.body, shop.clock.now) for each in receiver.webhooks()]
    assert isinstance(told[0], NotForUs)
    notices = [each for each in told if isinstance(each, Notice)]
    payments = [each for each in notices if each.about is About.PAYMENT]
    refunds = [each for each in notices if each.about is About.REFUND]
    assert {each.code for each in payments} == {an_attempt().reference}
    assert {each.code for each in refunds} == {refund.id}
    assert len({each.key for each in notices}) == len(notices)
    if form == "raw" and shape != "jwe-payload":
        answers = {type(each.answer) for each in notices}
        assert {Captured, RefundAccepted, RefundSettled} <= answers
        assert next(each.answer.amount for each in payments if each.answer) == DUE
    else:
        assert {each.form for each in notices} == {MessageForm.PAYLOAD}
        assert {each.answer for each in notices} == {None}
    shop.gateway.subscriptions.delete(made.id)
    assert shop.gateway.subscriptions.all() == ()


def hosted(official, receiver):
    return SecureAcceptanceSettings(
        account=ACCOUNT,
        url=official.url,
        profile_id=DEMO_PROFILE_ID,
        keys=(SecureAcceptanceKey(access_key=DEMO_ACCESS_KEY, secret=DEMO_PROFILE_SECRET),),
        receipt_url="http://127.0.0.1:8000/receipt",
        cancel_url="http://127.0.0.1:8000/cancel",
        notify_url=f"{receiver.url}/hooks",
        simulator=True,
    )


def hidden_in(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


@pytest.mark.parametrize(("card", "answer"), [("4111111111111111", Captured), (NO_MONEY, Declined)])
def test_a_hosted_page_accepts_our_form_and_its_reply_is_verified(
    account, official, receiver, card, answer
):
    shop = account()
    told = hosted(official, receiver)
    attempt = an_attempt()
    items = [FormItem(code="waves", name="Waves [2026]", price=DUE)]
    form = SecureAcceptance(told).form(attempt, shop.clock.now, items=items, learner="ada")
    shown = requests.post(form.action, data=form.fields, timeout=5, allow_redirects=False)
    assert shown.status_code == 303, shown.text
    typed = {
        "card_number": card,
        "card_expiry_date": "12/31",
        "card_cvn": "123",
        "bill_to_forename": "Ada",
        "bill_to_surname": "Lovelace",
        "bill_to_address_postal_code": "02139",
    }
    page = requests.post(official.url + shown.headers["Location"], data=typed, timeout=5).text
    replies = ReplyReader(told)
    reply = replies.verified(urlencode(hidden_in(page)).encode())
    notice = replies.notice(reply, SentForm.of(attempt), shop.clock.now)
    assert isinstance(notice.answer, answer)
    control(shop, "webhooks/rounds", {})
    (posted,) = receiver.webhooks()
    again = replies.notice(replies.verified(posted.body), SentForm.of(attempt), shop.clock.now)
    assert again.key == notice.key
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.find(attempt), answer)


def completed(shop, attempt, card="4111111111111111"):
    """The attempt, and the result that the form brings back once it has charged the card."""
    form = shop.gateway.open(attempt)
    attempt = attempt.with_form(form.remember, form.expires_at)
    return attempt, shop.browser.type_card(form, card)


@pytest.mark.parametrize(("card", "answer"), [("4111111111111111", Captured), (NO_MONEY, Declined)])
def test_the_automatic_flow_ends_as_cybersources_records_show(account, card, answer):
    shop = account(auto=AutoFlow())
    attempt, result = completed(shop, attrs.evolve(an_attempt(), opened_at=shop.clock.now), card)
    token = shop.gateway.verify(attempt, result)
    assert isinstance(shop.gateway.charge(attempt, token), answer | Unknown)
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.charge(attempt, token), answer)
    assert isinstance(shop.gateway.find(attempt), answer)


def test_staff_see_the_gateways_records(account):
    shop = account()
    paid = shop.paid(an_attempt())
    shop.clock.advance(seconds=6)
    (transaction,) = shop.gateway.transactions(an_attempt().reference)
    assert (transaction.gateway_id, transaction.kind) == (paid.gateway_id, "payment")
