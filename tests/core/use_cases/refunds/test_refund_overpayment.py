"""Giving back, once more, money that was captured beyond what the order needed."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.orders.line import Fulfilment
from core.orders.order_state import OrderState
from core.payments.account import AccountNotConfigured
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import Captured, NotCarriedOut, RefundFailed, Unknown
from core.payments.refund import RefundId, RefundState
from core.use_cases.payments.apply_dispute import apply_dispute
from core.use_cases.refunds.issue_refund import (
    NoOverpayment,
    PaymentIsDisputed,
    RefundSelection,
    issue_refund,
    plan_refund,
)
from coursetill_testing.makers import CLERK, OTHER_ACCOUNT, usd

SKU = "6.86x-1T2027"
OVERPAYMENT = RefundSelection(overpayment=True)


@pytest.fixture
def order(till):
    """An order that was paid twice, by one attempt."""
    order = till.buys(SKU)
    pays_again(till, order, "g-twice", "39.33")
    return till.order(order.reference)


def pays_again(till, order, gateway_id, amount):
    """Capture more than the order needs; the refund of it is decided and not sent."""
    [attempt, *_] = till.attempts_of(order)
    till.hears(attempt, Captured(gateway_id, usd(amount)))


def gives_back(till, order, answer):
    """Send the refunds that are decided; the gateway answers as said."""
    till.gateway.refunds_next(answer)
    till.keeps_up()


def opens_dispute(till, order):
    [attempt] = till.attempts_of(order)
    dispute = Dispute(DisputeStage.OPENED, till.now, "not recognised")
    apply_dispute(attempt.id, dispute, begin=till.begin, now=till.now)


def foresees(till, order):
    with till.read() as work:
        return plan_refund(work, order.reference, OVERPAYMENT)


def gives_back_again(till, order):
    return issue_refund(
        order.reference,
        OVERPAYMENT,
        "the card was replaced",
        refund_id=RefundId(f"R{till.number()}"),
        staff=CLERK,
        begin=till.begin,
        gateway=till.gateway,
        now=till.now,
    )


def test_an_overpayment_that_failed_to_go_back_is_given_back_again(till, order):
    gives_back(till, order, RefundFailed("the card has expired"))
    foreseen = foresees(till, order)
    assert (foreseen.amount, foreseen.left) == (usd("39.33"), usd("0"))
    assert (foreseen.lines, foreseen.revoked) == ((), ())
    assert (foreseen.captured_as, foreseen.overpayment) == ("g-twice", True)
    [attempt] = till.attempts_of(order)
    till.gateway.ends_elsewhere(attempt, Captured("g-twice", usd("39.33")))
    again = gives_back_again(till, order)
    assert (again.captured_as, again.amount) == ("g-twice", usd("39.33"))
    assert again.accepted
    assert again.overpayment
    after = till.order(order.reference)
    assert (after.state, after.lines) == (OrderState.PAID, order.lines)


def test_an_overpayment_goes_back_once(till, order):
    gives_back(till, order, RefundFailed("the card has expired"))
    [attempt] = till.attempts_of(order)
    till.gateway.ends_elsewhere(attempt, Captured("g-twice", usd("39.33")))
    assert gives_back_again(till, order).accepted
    with pytest.raises(NoOverpayment):
        gives_back_again(till, order)
    assert till.gateway.refunded() == usd("39.33")


def test_an_overpayment_that_may_have_gone_back_is_not_given_back_again(till, order):
    with pytest.raises(NoOverpayment):
        gives_back_again(till, order)
    gives_back(till, order, Unknown("connection lost"))
    with pytest.raises(NoOverpayment):
        gives_back_again(till, order)
    assert [refund.state for refund in till.refunds_of(order)] == [RefundState.UNKNOWN]


def test_of_two_overpayments_the_one_that_failed_to_go_back_is_given_back(till, order):
    pays_again(till, order, "g-thrice", "39.33")
    till.gateway.refunds_next(Unknown("connection lost"), RefundFailed("the card has expired"))
    till.keeps_up()
    states = {refund.captured_as: refund.state for refund in till.refunds_of(order)}
    assert states == {"g-twice": RefundState.UNKNOWN, "g-thrice": RefundState.FAILED}
    assert foresees(till, order).captured_as == "g-thrice"


def test_an_order_that_was_paid_once_has_no_overpayment(till):
    order = till.buys(SKU)
    with pytest.raises(NoOverpayment):
        gives_back_again(till, order)
    till.refunds(order)
    with pytest.raises(NoOverpayment):
        gives_back_again(till, order)


def test_a_refund_of_the_price_that_failed_is_no_overpayment(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(RefundFailed("the card has expired"))
    till.refunds(order)
    with pytest.raises(NoOverpayment):
        gives_back_again(till, order)


def test_an_overpayment_is_not_given_back_again_while_the_payment_is_disputed(till, order):
    gives_back(till, order, RefundFailed("the card has expired"))
    opens_dispute(till, order)
    with pytest.raises(PaymentIsDisputed):
        gives_back_again(till, order)


def test_a_free_line_is_taken_back_while_the_payment_is_disputed(till):
    order = till.buys(SKU, "free-1T2027")
    opens_dispute(till, order)
    assert till.refunds(order, None, 2) is None
    assert till.order(order.reference).line(2).fulfilment is Fulfilment.REVOKED


def test_an_overpayment_whose_account_is_gone_is_not_given_back_elsewhere(till, order):
    gives_back(till, order, RefundFailed("the card has expired"))
    till.gateway = MemoryGateway(
        now=lambda: till.now, new_id=lambda: f"n-{till.number()}", account=OTHER_ACCOUNT
    )
    with pytest.raises(AccountNotConfigured):
        gives_back_again(till, order)
    assert len(till.refunds_of(order)) == 1


def test_the_price_goes_back_from_the_payment_that_paid_the_order(till):
    order = till.checks_out(SKU)
    till.pays(order, NotCarriedOut("down"))
    [first] = till.attempts_of(order)
    till.hears(first, Captured("g-odd", usd("1.01")))
    till.pays(order)
    overpaid, paid = till.transactions_of(order)
    assert overpaid.gateway_id == "g-odd"
    foreseen = till.foresees(order)
    assert (foreseen.captured_as, foreseen.attempt.id) == (paid.gateway_id, paid.attempt)
    till.refunds(order)
    assert till.gateway.refunded() == order.total
