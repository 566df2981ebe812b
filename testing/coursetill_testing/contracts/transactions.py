"""The contract of the collection of transactions."""

import attrs
import pytest

from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.transaction import Card, TransactionIsRecorded
from coursetill_testing.contracts.samples import (
    ACCOUNT,
    NOW,
    OTHER_ACCOUNT,
    a_plain_attempt,
    a_plain_order,
    a_transaction,
    changing,
)


@pytest.fixture
def paid(shop):
    """A shop with two orders, and an attempt for each."""
    with changing(shop.begin) as work:
        for number in (1, 2):
            reference = Reference(f"SHOP-{number}")
            work.orders.add(a_plain_order(reference))
            work.attempts.add(a_plain_attempt(f"PAY-{number}", reference=reference))
    return shop


def record(shop, *transactions):
    with changing(shop.begin) as work:
        for transaction in transactions:
            work.transactions.add(transaction)


@pytest.mark.parametrize("card", [Card("Visa", "1111"), Card("Visa", ""), Card("", ""), None])
def test_a_transaction_is_read_back_unchanged(paid, card):
    transaction = attrs.evolve(a_transaction(), card=card)
    record(paid, transaction)
    with paid.read() as work:
        assert work.transactions.of(Reference("SHOP-1")) == (transaction,)


def test_the_transactions_of_an_order_keep_their_order(paid):
    later = attrs.evolve(a_transaction(), gateway_id="2", at=NOW, raw={})
    record(paid, later)
    record(paid, attrs.evolve(later, gateway_id="3", reference=Reference("SHOP-2")))
    record(paid, attrs.evolve(later, gateway_id="1", at=NOW.replace(year=2001)))
    with paid.read() as work:
        assert [t.gateway_id for t in work.transactions.of(Reference("SHOP-1"))] == ["2", "1"]
        assert work.transactions.of(Reference("SHOP-9")) == ()


def test_a_movement_of_money_is_recorded_once(paid):
    record(paid, a_transaction())
    other = attrs.evolve(a_transaction(), reference=Reference("SHOP-2"))
    with pytest.raises(TransactionIsRecorded):
        record(paid, other)
    with paid.read() as work:
        assert work.transactions.of(Reference("SHOP-2")) == ()


def test_one_transaction_id_in_two_accounts_is_two_transactions(paid):
    here, there = (attrs.evolve(a_transaction(), account=a) for a in (ACCOUNT, OTHER_ACCOUNT))
    record(paid, here, there)
    with paid.read() as work:
        assert work.transactions.of(Reference("SHOP-1")) == (here, there)
    for again in (here, there):
        with pytest.raises(TransactionIsRecorded):
            record(paid, again)


@pytest.mark.parametrize(
    "nowhere", [{"reference": Reference("SHOP-9")}, {"attempt": AttemptId("PAY-9")}]
)
def test_a_transaction_of_an_unknown_order_or_attempt_is_a_fault(paid, nowhere):
    with pytest.raises(ValueError):
        record(paid, attrs.evolve(a_transaction(), **nowhere))
