"""Paying on the gateway's own page: the way there, and every message from there, true or forged."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import attrs
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import Unavailable
from core.money import Money
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import Captured, Declined
from core.use_cases.jobs.maintenance import run_maintenance
from coursetill_testing.running_gateways import pages_of, with_parts
from coursetill_testing.town import town as usual_town
from entrypoints.settings.gateways.secure_acceptance import CANCELLED, RETURN, TOLD
from entrypoints.web.app import create_app
from tests.entrypoints.web.hosted_town import (
    KEY,
    OLD_KEY,
    PAGE,
    Away,
    bring,
    goes_there,
    hosted_town,
    signed,
)


@attrs.define
class AppOf:
    """As much of a town as a browser needs."""

    app: Flask


MINUTE = timedelta(minutes=1)
DUE = Money(3933)


@pytest.fixture
def town():
    return hosted_town()


@pytest.fixture
def order(ada):
    return ada.orders("STATS-1")


@pytest.fixture
def away(ada, order):
    return goes_there(ada, order)


def states(town, order):
    return town.order(order).state, [attempt.state for attempt in town.attempts(order)]


# The way there


def test_opening_the_page_does_not_redirect(town, ada, order):
    for _ in range(2):
        page = ada.visit(f"/orders/{order}/pay")
    assert "You pay on the payment service's own page" in page.text
    assert town.attempts(order) == ()
    assert page.policy["form-action"] == ["'self'"]


def test_the_redirect_is_a_signed_form_and_the_policy_allows_no_other_target(
    town, ada, order, away
):
    page = ada.page
    assert page.policy["form-action"] == ["'self'", PAGE]
    assert page.policy["script-src"][0].startswith("'nonce-")
    assert "'unsafe-inline'" not in str(page.policy)
    assert page.response.headers["Cache-Control"] == "no-store"
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    assert away.form["amount"] == "39.33"
    assert away.form["reference_number"] == order
    assert away.form["item_0_unit_price"] == "39.33"
    assert "lovelace" not in urlencode(away.form).lower()
    (attempt,) = town.attempts(order)
    assert (attempt.id, attempt.state) == (away.attempt, AttemptState.OPEN)


def test_the_redirect_is_reused_while_valid_and_renewed_for_the_same_attempt(town, ada, order):
    first = goes_there(ada, order).form
    town.clock.advance(9 * MINUTE)
    assert ada.visit(f"/orders/{order}/pay").form(f"{PAGE}/pay").fields == first
    town.clock.advance(2 * MINUTE)
    assert not ada.visit(f"/orders/{order}/pay").offers(f"{PAGE}/pay")
    again = goes_there(ada, order)
    assert again.attempt == first["transaction_uuid"]
    assert again.form["signed_date_time"] > first["signed_date_time"]
    assert len(town.attempts(order)) == 1


def test_the_redirect_is_not_shown_again_after_the_gateway_confirmed_a_payment(
    town, ada, order, away
):
    away.knows(Captured("7001", DUE))
    town.clock.advance(11 * MINUTE)
    ada.visit(f"/orders/{order}/pay")
    ada.press(f"/orders/{order}/attempts")
    assert ada.page.location == f"/orders/{order}"
    assert ada.follow().h1 == "You have paid $39.33"


def test_a_return_without_a_reply_finds_the_order_unpaid_and_lets_the_learner_check_it(
    town, ada, order, away
):
    page = ada.visit(f"/orders/{order}")
    assert page.h1 == "This order is not paid yet"
    assert "If you have just paid, we hear of it in a minute at most" in page.text
    assert page.all("meta")[-1]["http-equiv"] == "refresh"
    away.knows(Captured("7001", DUE))
    ada.press(f"/orders/{order}/ask")
    assert ada.follow().h1 == "You have paid $39.33"


def test_an_order_can_be_cancelled_after_the_gateway_reports_it_unpaid(town, ada, order, away):
    town.gateway.goes_away()
    page = ada.send(f"/orders/{order}/cancel")
    assert page.status == 409
    assert "We are still checking" in page.text
    town.gateway.comes_back()
    ada.send(f"/orders/{order}/cancel")
    assert ada.follow().h1 == "This order is cancelled"


def test_an_order_paid_on_the_hosted_page_is_not_cancelled(town, ada, order, away):
    away.knows(Captured("7001", DUE))
    ada.send(f"/orders/{order}/cancel")
    assert ada.follow().h1 == "You have paid $39.33"


def test_an_unreported_capture_is_found_even_after_a_decline(town, ada, order, away):
    bring(ada, away.reply("DECLINE", "203"), TOLD)
    away.knows(Captured("7002", DUE))
    town.clock.advance(6 * MINUTE)
    run_maintenance(begin=town.shop.begin, gateway=town.gateway, now=town.clock())
    assert states(town, order) == (OrderState.PAID, [AttemptState.CAPTURED])


def test_no_hosted_page_exists_if_the_card_form_is_used():
    ada = usual_town().person("Ada Lovelace")
    for address in (RETURN, CANCELLED, TOLD):
        assert bring(ada, b"decision=ACCEPT", address).status in (400, 404)


def test_another_learner_gets_no_redirect(town, ada, order, away):
    bob = town.person("Bob")
    assert bob.visit(f"/orders/{order}/pay").status == 404
    assert bob.send(f"/orders/{order}/attempts").status == 404
    assert len(town.attempts(order)) == 1


# Back again


def test_a_return_without_cookies_redirects_to_the_order(town, ada, order, away):
    page = bring(ada, away.reply("ACCEPT", "100"))
    assert (page.status, page.location) == (303, f"/orders/{order}")
    assert ada.visit(f"/orders/{order}").h1 == "You have paid $39.33"
    assert "Visa ending in 1111" in ada.page.text


def test_every_copy_of_a_reply_is_acknowledged(town, ada, order, away):
    for _ in range(3):
        page = bring(ada, away.reply("ACCEPT", "100"), TOLD)
        assert (page.status, page.response.text) == (200, "")
    bring(ada, away.reply("ACCEPT", "100"))
    assert states(town, order) == (OrderState.PAID, [AttemptState.CAPTURED])


def test_a_decline_is_shown_and_another_try_is_another_attempt(town, ada, order, away):
    bring(ada, away.reply("DECLINE", "204"))
    assert ada.visit(f"/orders/{order}").h1 == "Your card was declined. Nothing was charged."
    town.clock.advance(MINUTE)
    second = goes_there(ada, order)
    assert second.attempt != away.attempt
    bring(ada, second.reply("ACCEPT", "100", 2))
    assert states(town, order) == (OrderState.PAID, [AttemptState.DECLINED, AttemptState.CAPTURED])


NO, OK = AttemptState.DECLINED, AttemptState.CAPTURED
PAID, PENDING = OrderState.PAID, OrderState.PENDING


@pytest.mark.parametrize(
    ("said", "order_is", "attempt_is"),
    [
        ("ACCEPT", PAID, OK),
        ("DECLINE ACCEPT", PAID, OK),
        ("ACCEPT DECLINE", PAID, OK),
        ("CANCEL ACCEPT", PAID, OK),
        ("ACCEPT CANCEL", PAID, OK),
        ("REVIEW ACCEPT", PAID, OK),
        ("ERROR ACCEPT", PAID, OK),
        ("ACCEPT ERROR", PAID, OK),
        ("DECLINE CANCEL", PENDING, NO),
        ("CANCEL DECLINE", PENDING, AttemptState.CANCELLED),
        ("DECLINE DECLINE DECLINE", PENDING, NO),
        ("REVIEW DECLINE", OrderState.REVIEW, AttemptState.REVIEW),
        ("REVIEW CANCEL", OrderState.REVIEW, AttemptState.REVIEW),
        ("DECLINE REVIEW", PENDING, AttemptState.UNKNOWN),
        ("DECLINE ERROR", PENDING, AttemptState.UNKNOWN),
        ("ERROR CANCEL", PENDING, AttemptState.UNKNOWN),
        ("ERROR DECLINE", PENDING, AttemptState.UNKNOWN),
        ("ERROR", PENDING, AttemptState.UNKNOWN),
    ],
)
@pytest.mark.parametrize("to", [RETURN, TOLD])
def test_replies_in_any_order_have_one_outcome_and_flag_nothing(
    town, ada, order, away, said, order_is, attempt_is, to
):
    codes = {"ACCEPT": "100", "DECLINE": "203", "REVIEW": "230", "ERROR": "104", "CANCEL": ""}
    for number, decision in enumerate(said.split()):
        for _ in range(2):
            assert bring(ada, away.reply(decision, codes[decision], number), to).status < 400
    assert states(town, order) == (order_is, [attempt_is])
    assert town.order(order).attention is None


def test_two_captures_of_one_order_make_one_refund(town, ada, order, away):
    bring(ada, away.reply("ACCEPT", "100", 1))
    bring(ada, away.reply("ACCEPT", "100", 2), TOLD)
    with town.records.read() as work:
        refunds = work.refunds.of(order)
    assert [(refund.overpayment, refund.captured_as) for refund in refunds] == [
        (True, f"{7002:022}")
    ]
    assert town.order(order).state is OrderState.PAID


def test_a_capture_reported_after_the_order_ended_is_applied(town, ada, order, away):
    ada.send(f"/orders/{order}/cancel")
    bring(ada, away.reply("ACCEPT", "100"), TOLD)
    assert states(town, order) == (OrderState.PAID, [AttemptState.CAPTURED])


def test_a_partial_payment_does_not_count_as_the_whole(town, ada, order, away):
    bring(ada, away.reply("ACCEPT", "110", auth_amount="20.00"))
    assert states(town, order) == (OrderState.PENDING, [AttemptState.UNKNOWN])


def test_an_unclear_result_stays_unknown_until_long_after_the_page_ended(town, ada, order, away):
    bring(ada, away.reply("ERROR", "104"))
    for minutes, state in [(31, AttemptState.UNKNOWN), (23, AttemptState.UNKNOWN)]:
        town.clock.advance(minutes * MINUTE)
        run_maintenance(begin=town.shop.begin, gateway=town.gateway, now=town.clock())
        assert states(town, order) == (OrderState.PENDING, [state])
    town.clock.advance(31 * MINUTE)
    run_maintenance(begin=town.shop.begin, gateway=town.gateway, now=town.clock())
    assert states(town, order)[1] == [AttemptState.ERROR]


def test_a_reply_signed_with_an_older_key_is_accepted(town, ada, order, away):
    reply = away.reply("ACCEPT", "100", req_access_key=OLD_KEY.access_key)
    assert bring(ada, signed(reply, OLD_KEY.secret)).status == 303
    assert town.order(order).state is OrderState.PAID


def test_reloading_the_return_address_leads_to_the_orders(ada):
    for address in (RETURN, CANCELLED):
        assert ada.visit(address).location == "/orders"


def test_a_return_by_get_counts_like_one_by_post(town, ada, order, away):
    reply = away.reply("ACCEPT", "100")
    stranger = town.app.test_client()
    response = stranger.get(f"{RETURN}?{urlencode(reply)}", base_url=ada.base)
    assert (response.status_code, response.location) == (303, f"/orders/{order}")
    assert states(town, order) == (OrderState.PAID, [AttemptState.CAPTURED])
    forged = stranger.get(
        f"{RETURN}?{urlencode({**reply, 'auth_amount': '1.00'})}", base_url=ada.base
    )
    assert forged.status_code == 400


def test_the_return_addresses_have_the_security_headers_of_every_page(ada, away):
    for to in (RETURN, CANCELLED, TOLD):
        for post in (b"", urlencode(away.reply("DECLINE", "203")).encode()):
            answer = bring(ada, post, to).response
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_only_a_database_outage_is_reported_to_the_gateway_as_an_error(town, ada, order, away):
    def begin():
        raise Unavailable("the database does not answer")

    reply = away.reply("ACCEPT", "100")
    shop = attrs.evolve(town.shop, begin=begin)
    silent = attrs.evolve(ada, town=AppOf(create_app(shop)))
    assert bring(silent, reply, TOLD).status == 503
    assert bring(silent, b"nothing", TOLD).status == 400
    assert bring(ada, reply, TOLD).status == 200
    assert town.order(order).state is OrderState.PAID


# One shop, both ways of paying


def test_a_shop_that_returns_to_the_card_form_still_processes_replies_of_the_page(
    town, ada, order, away
):
    back = hosted_town(PAY_AT="card-form")
    shop = attrs.evolve(town.shop, settings=back.settings)
    turned = attrs.evolve(ada, town=AppOf(create_app(shop)))
    turned.client = turned.town.app.test_client()
    turned.signs_in("Ada Lovelace")
    turned.visit(f"/orders/{order}/pay")
    turned.press(f"/orders/{order}/attempts")
    assert turned.follow().all("div"), "the card form is shown"
    assert bring(turned, away.reply("ACCEPT", "100")).status == 303
    # Its page and the card form are two attempts: a payment by each would be seen as two.
    state, attempts = states(town, order)
    assert state is OrderState.PAID
    assert set(attempts) == {AttemptState.CAPTURED, AttemptState.OPEN}
    assert len(attempts) == 2


def test_a_shop_that_switches_to_the_page_serves_orders_with_an_open_card_form(town):
    usual = usual_town()
    ada = usual.person("Ada Lovelace")
    order = ada.orders("STATS-1")
    ada.opens_form(order)
    turning = attrs.evolve(usual.shop, settings=town.settings)
    shop = with_parts(turning, pages=pages_of(town.shop))
    turned = attrs.evolve(ada, town=AppOf(create_app(shop)))
    turned.client = turned.town.app.test_client()
    turned.signs_in("Ada Lovelace")
    assert "You pay on the payment service" in turned.visit(f"/orders/{order}/pay").text
    turned.press(f"/orders/{order}/attempts")
    assert turned.follow().offers(f"{PAGE}/pay")


# Forgeries


def forgeries(away: Away) -> dict[str, bytes]:
    """What is not to be believed, or not of this payment."""
    genuine = away.reply("ACCEPT", "100")
    wrong = {
        "another amount": away.reply("ACCEPT", "100", req_amount="0.01"),
        "another currency": away.reply("ACCEPT", "100", req_currency="EUR"),
        "another order": away.reply("ACCEPT", "100", req_reference_number="CT-2"),
        "another profile": away.reply("ACCEPT", "100", req_profile_id="0"),
        "another kind": away.reply("ACCEPT", "100", req_transaction_type="authorization"),
        "an unknown attempt": away.reply("ACCEPT", "100", req_transaction_uuid="A-1"),
        "no attempt of ours": away.reply("ACCEPT", "100", req_transaction_uuid="a\0b"),
        "another key's secret": signed(genuine, OLD_KEY.secret),
        "nobody's secret": signed(genuine, "guessed"),
        "a decision of its own": {**genuine, "decision": "REVIEW"},
        "no signature": {n: v for n, v in genuine.items() if n != "signature"},
        "an empty signature": {**genuine, "signature": ""},
        "no names": {n: v for n, v in genuine.items() if n != "signed_field_names"},
        "an unknown decision": away.reply("YES", "100"),
        "no amount that was approved": away.reply("ACCEPT", "100", auth_amount="left out"),
        "our own form, sent back": {**away.form, "decision": "ACCEPT", "auth_amount": "39.33"},
        "our own form with a reply around it": {
            **genuine,
            "signed_field_names": away.form["signed_field_names"],
            "signature": away.form["signature"],
            **away.form,
        },
    }
    bodies = {name: urlencode(post).encode() for name, post in wrong.items()}
    whole = urlencode(genuine).encode()
    return bodies | {
        "a field twice": whole + b"&decision=ACCEPT",
        "a field twice, first": b"auth_amount=0.01&" + whole,
        "not UTF-8": whole + b"&name=%E9",
        "raw bytes": whole + b"&name=\xe9",
        "null": b"\0" + whole,
        "nothing": b"",
        "JSON": b'{"decision": "ACCEPT"}',
        "much": b"x=" + b"9" * 100_000,
        "many": b"&".join(b"f%d=1" % number for number in range(5000)),
    }


def test_a_forged_reply_changes_nothing(town, ada, order, away):
    for name, body in forgeries(away).items():
        for to in (RETURN, CANCELLED, TOLD):
            page = bring(ada, body, to)
            assert 400 <= page.status < 500, (name, to, page.status)
            assert KEY.secret not in page.response.text
    assert states(town, order) == (OrderState.PENDING, [AttemptState.OPEN])


def test_the_reason_a_forgery_is_refused_is_only_in_the_log(town, ada, order, away, caplog):
    page = bring(ada, signed(away.reply("ACCEPT", "100"), "guessed"))
    assert "It does not come from the payment service" in page.text
    assert "signature" not in page.text
    assert "its signature is wrong" in caplog.text
    assert KEY.secret not in caplog.text
    assert "1111" not in caplog.text


@pytest.fixture(scope="module")
def attacked():
    """A learner who is away, and whatever is posted to their shop meanwhile."""
    ada = hosted_town().person("Ada Lovelace")
    return ada, goes_there(ada, ada.orders("STATS-1"))


FIELD = st.sampled_from(
    ["decision", "signature", "signed_field_names", "req_amount", "req_transaction_uuid", "x"]
)
PAIRS = st.lists(st.tuples(FIELD, st.text(max_size=30)), max_size=8)
BODIES = st.one_of(st.binary(max_size=300), PAIRS.map(lambda pairs: urlencode(pairs).encode()))


@hypothesis_settings(max_examples=60, deadline=None)
@given(body=BODIES, cut=st.integers(0, 400), tail=st.binary(max_size=20))
def test_any_posted_body_changes_nothing_and_causes_no_error(attacked, body, cut, tail):
    ada, away = attacked
    genuine = urlencode(away.reply("ACCEPT", "100")).encode()
    for sent in (body, genuine[:cut] + tail, genuine + b"&" + body):
        if sent.rstrip(b"&") == genuine:
            continue
        for to in (RETURN, TOLD):
            assert bring(ada, sent, to).status < 500
    order = away.form["reference_number"]
    assert states(ada.town, order) in (
        (OrderState.PENDING, [AttemptState.OPEN]),
        # What is added behind a genuine message, unsigned, is no part of it.
        (OrderState.PAID, [AttemptState.CAPTURED]),
    )


@hypothesis_settings(max_examples=60, deadline=None)
@given(pairs=st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(), max_size=4))
def test_any_body_signed_by_the_gateway_causes_no_error(attacked, pairs):
    ada, away = attacked
    try:
        post = away.reply("DECLINE", "203", **{f"x{n}": v for n, v in pairs.items()})
    except UnicodeEncodeError:
        return
    assert bring(ada, urlencode(post).encode(), TOLD).status < 500


def test_an_enquiry_finds_a_decline_known_only_to_the_gateway(town, ada, order, away):
    away.knows(Declined("There is not enough money"))
    ada.visit(f"/orders/{order}")
    ada.press(f"/orders/{order}/ask")
    assert ada.follow().h1 == "Your card was declined. Nothing was charged."
