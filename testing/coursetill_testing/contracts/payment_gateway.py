"""The contract of a payment gateway. The suite needs a fixture `world`: a GatewayWorld."""

import contextlib
from datetime import timedelta

import attrs
import pytest

from core.money import Currency, Money
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Captured,
    CardForm,
    Declined,
    GatewayUnavailable,
    InReview,
    NotCarriedOut,
    NotFound,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Token,
    TokenRefused,
    Unknown,
)
from coursetill_testing.contracts.gateway_world import (
    DUE,
    START,
    GatewayWorld,
    a_refund,
    an_attempt,
    opened,
    sent,
)

PART = Money.of("100.01")
CENT = Money(1)


def ready(world: GatewayWorld, attempt: Attempt) -> tuple[Attempt, Token]:
    """The attempt with a good card, marked as sent."""
    form = world.gateway.open(attempt)
    attempt = attempt.with_form(form.remember, form.expires_at)
    token = world.gateway.verify(attempt, world.type_good_card(form))
    return sent(attempt, token, world.clock.now), token


def paid(world: GatewayWorld, attempt: Attempt) -> Captured:
    answer = world.gateway.charge(*ready(world, attempt))
    assert isinstance(answer, Captured)
    world.later()
    return answer


# The account


def test_a_gateway_serves_only_its_own_account(world):
    account = world.gateway.account
    assert world.gateway.serves(account)
    for other in (
        attrs.evolve(account, gateway="another"),
        attrs.evolve(account, account=f"{account.account}-2"),
        attrs.evolve(account, environment="elsewhere"),
    ):
        assert not world.gateway.serves(other)


def test_the_account_is_available_while_the_gateway_is_unreachable(world):
    assert world.out_of_reach().account.gateway == world.gateway.account.gateway


# The card form


def test_a_form_lasts_for_a_while_and_stores_only_plain_text(world):
    form = world.gateway.open(an_attempt())
    assert form.expires_at > world.clock.now + timedelta(minutes=5)
    assert all(isinstance(text, str) for pair in form.remember.items() for text in pair)


def test_an_open_form_is_shown_again(world):
    form = world.gateway.open(an_attempt())
    assert world.gateway.form(an_attempt().with_form(form.remember, form.expires_at)) == form


def test_each_attempt_has_a_form_of_its_own(world):
    assert world.gateway.open(an_attempt(1)).session != world.gateway.open(an_attempt(2)).session


def test_each_card_typed_into_a_form_gives_a_token_with_its_own_id(world):
    form = world.gateway.open(an_attempt())
    attempt = an_attempt().with_form(form.remember, form.expires_at)
    tokens = [world.gateway.verify(attempt, world.type_good_card(form)) for _ in range(2)]
    assert len({token.id for token in tokens}) == 2


def test_a_token_from_another_attempts_form_is_refused(world):
    mine, theirs = (opened(an_attempt(n), world.gateway) for n in (1, 2))
    text = world.type_good_card(world.gateway.form(theirs))
    assert world.gateway.verify(theirs, text)
    with pytest.raises(TokenRefused):
        world.gateway.verify(mine, text)


@pytest.mark.parametrize("forged", ["", "{}x", "x{}", "aaa.bbb.ccc", "{}.{}"])
def test_a_token_that_was_not_issued_by_the_form_is_refused(world, forged):
    attempt = opened(an_attempt(), world.gateway)
    text = world.type_good_card(world.gateway.form(attempt))
    with pytest.raises(TokenRefused):
        world.gateway.verify(attempt, forged.replace("{}", text))


def test_an_expired_token_is_refused(world):
    attempt = opened(an_attempt(), world.gateway)
    text = world.type_good_card(world.gateway.form(attempt))
    world.clock.advance(hours=2)
    with pytest.raises(TokenRefused):
        world.gateway.verify(attempt, text)


# Charging


def test_a_charge_captures_the_exact_amount_of_the_attempt(world):
    captured = paid(world, an_attempt())
    assert captured.amount == DUE
    assert world.captured() == DUE


def test_a_capture_names_the_card_by_its_brand_and_last_four_digits(world):
    card = paid(world, an_attempt()).card
    assert str(card) == "Visa ending in 1111"


@pytest.mark.parametrize(
    "amount",
    [Money(12_345, Currency.EUR), Money(12_345, Currency.JPY), Money(98_765, Currency.KWD)],
)
def test_a_charge_uses_the_currency_of_the_attempt(world, amount):
    assert paid(world, an_attempt(amount=amount)).amount == amount
    assert world.captured(amount.currency) == amount


def test_two_attempts_make_two_payments(world):
    one, two = (paid(world, an_attempt(n, order=f"CT-{n}")) for n in (1, 2))
    assert one.gateway_id != two.gateway_id
    assert world.captured() == DUE + DUE


def test_repeated_charges_of_an_attempt_capture_once(world):
    attempt, token = ready(world, an_attempt())
    first = world.gateway.charge(attempt, token)
    assert isinstance(world.gateway.charge(attempt, token), Unknown)
    assert world.captured() == DUE
    world.later()
    assert world.gateway.find(attempt).gateway_id == first.gateway_id


def test_a_card_with_insufficient_funds_is_declined_with_a_reason(world):
    form = world.gateway.open(an_attempt())
    attempt = an_attempt().with_form(form.remember, form.expires_at)
    token = world.gateway.verify(attempt, world.type_empty_card(form))
    answer = world.gateway.charge(attempt, token)
    assert isinstance(answer, Declined)
    assert "not enough money" in answer.reason
    assert world.captured() == Money(0)


# Finding out


def test_a_captured_attempt_is_found_under_the_same_id_and_amount(world):
    captured = paid(world, an_attempt())
    found = world.gateway.find(an_attempt())
    assert isinstance(found, Captured)
    assert (found.gateway_id, found.amount) == (captured.gateway_id, DUE)


@pytest.mark.parametrize(
    ("taken", "due"),
    [(DUE, Money(DUE.minor, Currency.EUR)), (Money(12_345, Currency.JPY), Money.of("12345.00"))],
)
def test_a_capture_in_another_currency_is_reported_in_that_currency(world, taken, due):
    """The shop compares the currency too, so the right number alone is not enough."""
    paid(world, an_attempt(amount=taken))
    found = world.gateway.find(an_attempt(amount=due))
    assert isinstance(found, Captured)
    assert found.amount == taken
    assert found.amount != due


def test_an_attempt_that_was_never_charged_is_not_found(world):
    attempt = opened(an_attempt(), world.gateway)
    assert world.gateway.find(attempt) == NotFound()


def test_a_declined_attempt_is_found_declined(world):
    form = world.gateway.open(an_attempt())
    attempt = an_attempt().with_form(form.remember, form.expires_at)
    token = world.gateway.verify(attempt, world.type_empty_card(form))
    world.gateway.charge(attempt, token)
    world.later()
    assert isinstance(world.gateway.find(attempt), Declined)


def test_a_charge_with_a_lost_reply_is_unknown_and_found_captured(world):
    attempt, token = ready(world, an_attempt())
    world.lose_next_answer("payments")
    assert isinstance(world.gateway.charge(attempt, token), Unknown)
    world.later()
    found = world.gateway.find(attempt)
    assert isinstance(found, Captured)
    assert found.amount == DUE
    assert world.captured() == DUE


def test_a_charge_lost_before_the_gateway_is_unknown_and_never_found(world):
    attempt, token = ready(world, an_attempt())
    world.lose_next_charge()
    assert isinstance(world.gateway.charge(attempt, token), Unknown)
    world.later()
    assert world.gateway.find(attempt) == NotFound()
    assert world.captured() == Money(0)


def test_each_attempt_of_an_order_finds_its_own_result(world):
    form = world.gateway.open(an_attempt(1))
    first = an_attempt(1).with_form(form.remember, form.expires_at)
    world.gateway.charge(first, world.gateway.verify(first, world.type_empty_card(form)))
    captured = paid(world, an_attempt(2))
    assert isinstance(world.gateway.find(an_attempt(1)), Declined)
    assert world.gateway.find(an_attempt(2)).gateway_id == captured.gateway_id


@pytest.mark.parametrize(("good", "end"), [(True, Captured), (False, Declined)])
def test_a_decided_review_is_found_with_its_decision(world, good, end):
    form = world.gateway.open(an_attempt())
    attempt = an_attempt().with_form(form.remember, form.expires_at)
    token = world.gateway.verify(attempt, world.type_odd_card(form))
    held = world.gateway.charge(attempt, token)
    assert isinstance(held, InReview)
    assert world.captured() == Money(0)
    world.later()
    assert isinstance(world.gateway.find(attempt), InReview)
    world.decide(attempt, held, good=good)
    world.later()
    assert isinstance(world.gateway.find(attempt), end)
    assert world.captured() == (DUE if good else Money(0))


# Refunding


def test_a_refund_is_accepted_and_settles_at_the_end_of_the_day(world):
    refund = a_refund(1, paid(world, an_attempt()).gateway_id, PART)
    accepted = world.gateway.refund(refund)
    assert isinstance(accepted, RefundAccepted)
    world.later()
    assert isinstance(world.gateway.find_refund(refund), RefundAccepted)
    world.settle()
    settled = world.gateway.find_refund(refund)
    assert isinstance(settled, RefundSettled)
    assert settled.gateway_id == accepted.gateway_id
    assert world.refunded() == PART


def test_a_refund_has_an_id_of_its_own(world):
    captured = paid(world, an_attempt())
    accepted = world.gateway.refund(a_refund(1, captured.gateway_id, PART))
    assert accepted.gateway_id != captured.gateway_id


def test_a_refund_sent_several_times_is_made_once(world):
    refund = a_refund(1, paid(world, an_attempt()).gateway_id, PART)
    first = world.gateway.refund(refund)
    world.later()
    assert world.gateway.refund(refund).gateway_id == first.gateway_id
    assert world.refunded() == PART


def test_two_refunds_of_the_same_amount_are_two_refunds(world):
    captured = paid(world, an_attempt())
    for number in (1, 2):
        world.gateway.refund(a_refund(number, captured.gateway_id, PART))
    assert world.refunded() == PART + PART


@pytest.mark.parametrize("before", [Money(0), PART])
def test_refunds_never_exceed_the_capture(world, before):
    captured = paid(world, an_attempt())
    if before:
        world.gateway.refund(a_refund(1, captured.gateway_id, before))
    too_much = a_refund(2, captured.gateway_id, DUE - before + CENT)
    assert isinstance(world.gateway.refund(too_much), RefundFailed)
    assert world.refunded() == before
    rest = a_refund(3, captured.gateway_id, DUE - before)
    assert isinstance(world.gateway.refund(rest), RefundAccepted)
    assert world.refunded() == DUE


def test_an_unknown_payment_cannot_be_refunded(world):
    assert isinstance(world.gateway.refund(a_refund(1, "70000000000000000", PART)), RefundFailed)


def test_a_refund_that_was_never_sent_is_not_found(world):
    assert world.gateway.find_refund(a_refund(1, "7", PART)) == NotFound()


def test_a_refund_with_a_lost_reply_is_unknown_and_found_accepted(world):
    refund = a_refund(1, paid(world, an_attempt()).gateway_id, PART)
    world.lose_next_answer("refunds")
    assert isinstance(world.gateway.refund(refund), Unknown)
    world.later()
    assert isinstance(world.gateway.find_refund(refund), RefundAccepted)
    assert world.refunded() == PART


# Out of reach


def test_a_working_gateway_passes_its_check_and_moves_no_money(world):
    world.gateway.check()
    assert world.captured() == Money(0)


def test_an_unreachable_gateway_opens_no_form_and_fails_its_check(world):
    gateway = world.out_of_reach()
    with pytest.raises(GatewayUnavailable):
        gateway.open(an_attempt())
    with pytest.raises(GatewayUnavailable):
        gateway.check()


def test_a_charge_at_an_unreachable_gateway_is_known_not_carried_out(world):
    attempt, token = ready(world, an_attempt())
    assert isinstance(world.out_of_reach().charge(attempt, token), NotCarriedOut)
    assert world.captured() == Money(0)


def test_an_unreachable_gateway_finds_nothing_and_a_refund_stays_unknown(world):
    captured = paid(world, an_attempt())
    gateway = world.out_of_reach()
    refund = a_refund(1, captured.gateway_id, PART)
    assert isinstance(gateway.find(an_attempt()), Unknown)
    assert isinstance(gateway.refund(refund), Unknown)
    assert isinstance(gateway.find_refund(refund), Unknown)
    assert world.refunded() == Money(0)


def test_tokens_and_open_forms_need_no_call_to_the_gateway(world):
    attempt = opened(an_attempt(), world.gateway)
    text = world.type_good_card(world.gateway.form(attempt))
    gateway = world.out_of_reach()
    assert gateway.verify(attempt, text).id
    assert gateway.form(attempt).session == attempt.session["session"]


def formed(world: GatewayWorld, attempt: Attempt) -> tuple[Attempt, CardForm]:
    """The attempt with a form that takes the payment itself."""
    world.let_forms_pay()
    form = world.gateway.open(attempt)
    return attempt.with_form(form.remember, form.expires_at).form_issued(START), form


def test_a_form_shows_whether_it_takes_the_payment_itself(world: GatewayWorld) -> None:
    assert not world.gateway.open(an_attempt()).takes_payment
    attempt, form = formed(world, an_attempt())
    assert form.takes_payment
    assert world.gateway.form(attempt) == form


def test_a_payment_taken_by_the_form_is_found_and_its_result_is_understood(
    world: GatewayWorld,
) -> None:
    attempt, form = formed(world, an_attempt())
    assert isinstance(world.gateway.find(attempt), NotFound)
    result = world.type_good_card(form)
    world.later()
    found = world.gateway.find(attempt)
    assert isinstance(found, Captured)
    told = world.gateway.charge(attempt, world.gateway.verify(attempt, result))
    assert isinstance(told, Captured)
    assert (told.gateway_id, told.amount) == (found.gateway_id, DUE)
    assert world.captured() == DUE


def test_a_result_from_another_form_pays_no_attempt(
    world: GatewayWorld,
) -> None:
    attempt, _ = formed(world, an_attempt(1))
    another = world.type_good_card(world.gateway.open(an_attempt(2, order="CT-OTHER")))
    world.later()
    with pytest.raises(TokenRefused):
        world.gateway.verify(attempt, another)
    assert isinstance(world.gateway.find(attempt), NotFound)


def test_a_card_declined_in_the_form_is_reported_as_declined(world: GatewayWorld) -> None:
    attempt, form = formed(world, an_attempt())
    result = world.type_empty_card(form)
    world.later()
    assert isinstance(world.gateway.find(attempt), Declined)
    token = world.gateway.verify(attempt, result)
    assert isinstance(world.gateway.charge(attempt, token), Declined)
    assert world.captured() == Money(0)


# Closing a form


def tried_to_pay(world: GatewayWorld, form: CardForm) -> None:
    """Type a card into a form that may be closed."""
    with contextlib.suppress(Exception):  # Any refusal will do; the ledger is checked.
        world.type_good_card(form)
    world.later()


def test_a_closed_form_takes_no_payment_and_others_still_do(
    world: GatewayWorld,
) -> None:
    attempt, form = formed(world, an_attempt())
    closed = world.gateway.close(attempt)
    tried_to_pay(world, form)
    assert world.captured() == (Money(0) if closed else DUE)
    assert isinstance(world.gateway.find(attempt), NotFound if closed else Captured)


def test_a_payment_made_before_its_form_was_closed_is_found(world: GatewayWorld) -> None:
    attempt, form = formed(world, an_attempt())
    world.type_good_card(form)
    closed = world.gateway.close(attempt)
    if not closed:
        world.later()
    assert isinstance(world.gateway.find(attempt), Captured)


def test_closing_a_form_twice_gives_the_same_answer(world: GatewayWorld) -> None:
    attempt, _ = formed(world, an_attempt())
    assert world.gateway.close(attempt) is world.gateway.close(attempt)


def test_an_unreachable_gateway_closes_no_form(world: GatewayWorld) -> None:
    attempt, _ = formed(world, an_attempt())
    assert not world.out_of_reach().close(attempt)
