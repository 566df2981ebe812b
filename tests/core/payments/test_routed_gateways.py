"""Several gateways as one: each payment stays at the account that it was made with."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.payments.account import AccountNotConfigured
from core.payments.gateway import Captured, NotFound, RefundAccepted
from core.payments.routed_gateways import RoutedGateways
from coursetill_testing.makers import ACCOUNT, NOW, OTHER_ACCOUNT, attempt, refund


def memory(account):
    numbers = iter(range(1000))
    return MemoryGateway(
        now=lambda: NOW, new_id=lambda: f"{account.account}-{next(numbers)}", account=account
    )


@pytest.fixture
def new():
    return memory(ACCOUNT)


@pytest.fixture
def old():
    return memory(OTHER_ACCOUNT)


def test_new_payments_go_to_the_chosen_account(new, old):
    routed = RoutedGateways(new, [old])
    assert routed.account == ACCOUNT
    assert routed.open(attempt()).session.startswith("shop-")


def test_an_attempt_is_routed_to_its_own_account(new, old):
    routed = RoutedGateways(new, [old])
    earlier = attempt(account=OTHER_ACCOUNT)
    form = routed.open(earlier)
    earlier = earlier.with_form(form.remember, form.expires_at)
    assert routed.form(earlier) == form
    token = routed.verify(earlier, old.type_card(form))
    captured = routed.charge(earlier, token)
    assert isinstance(captured, Captured)
    assert (old.captured(), new.captured().minor) == (earlier.amount, 0)
    assert routed.find(earlier) == captured
    assert routed.find(attempt()) == NotFound()
    given = refund(account=OTHER_ACCOUNT, captured_as=captured.gateway_id)
    assert isinstance(routed.refund(given), RefundAccepted)
    assert isinstance(routed.find_refund(given), RefundAccepted)
    assert (old.refunded(), new.refunded().minor) == (earlier.amount, 0)


def test_an_unconfigured_account_has_no_gateway(new):
    routed = RoutedGateways(new)
    gone, given = attempt(account=OTHER_ACCOUNT), refund(account=OTHER_ACCOUNT)
    assert not routed.serves(OTHER_ACCOUNT)
    for ask in (
        lambda: routed.open(gone),
        lambda: routed.form(gone),
        lambda: routed.verify(gone, "t"),
        lambda: routed.charge(gone, None),
        lambda: routed.find(gone),
        lambda: routed.refund(given),
        lambda: routed.find_refund(given),
    ):
        with pytest.raises(AccountNotConfigured, match="account older at memory"):
            ask()


def test_two_gateways_of_one_account_are_refused(new, old):
    for earlier in ([memory(ACCOUNT)], [old, memory(OTHER_ACCOUNT)]):
        with pytest.raises(ValueError, match="for one account"):
            RoutedGateways(new, earlier)
