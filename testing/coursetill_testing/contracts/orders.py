"""The contract of the collection of orders."""

from datetime import timedelta

import attrs
import pytest

from core.discount_code import OfferCode, PaymentType
from core.identity import Actor
from core.money import Currency, Money
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.line import Fulfilment, Reduction
from core.orders.order import (
    BoughtByAnotherOrder,
    OrderExists,
    OrderHasChanged,
    OrderSearch,
    UnknownOrder,
)
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId
from core.payments.transaction import Card
from core.products.product import Sku
from coursetill_testing.contracts.samples import (
    ADA,
    BOB,
    ELSEWHERE,
    NOW,
    a_line,
    a_plain_attempt,
    a_plain_line,
    a_plain_order,
    a_transaction,
    an_order,
    changing,
    hours,
    some_news,
)

SECOND = timedelta(seconds=1)


def kept(shop, *orders):
    with changing(shop.begin) as work:
        for order in orders:
            work.orders.add(order)


def references(orders):
    return [order.reference for order in orders]


def test_an_order_is_read_back_unchanged(shop):
    kept(shop, an_order())
    with shop.read() as work:
        assert work.orders.get(an_order().reference) == attrs.evolve(an_order(), news=())
        assert work.orders.history(an_order().reference) == (some_news(),)


def test_an_order_with_only_required_fields_is_read_back_unchanged(shop):
    kept(shop, a_plain_order())
    with shop.read() as work:
        assert work.orders.get(Reference("SHOP-1")) == a_plain_order()
        assert work.orders.history(Reference("SHOP-1")) == ()


def test_an_order_in_a_currency_without_cents_is_read_back(shop):
    line = attrs.evolve(
        a_plain_line(),
        list_price=Money(12345, Currency.JPY),
        due=Money(12345, Currency.JPY),
        refunded=Money(1, Currency.JPY),
    )
    kept(shop, a_plain_order(lines=(line,)))
    with shop.read() as work:
        assert work.orders.get(Reference("SHOP-1")).lines == (line,)


def test_an_order_with_a_personal_offer_is_read_back(shop):
    offer = Reduction(
        OfferCode("aid", "dedp-75"), "price $1.00", Money(11), PaymentType.FINANCIAL_ASSISTANCE
    )
    line = attrs.evolve(a_plain_line(), list_price=Money(111), reduction=offer, due=Money(100))
    kept(shop, a_plain_order(lines=(line,)))
    with shop.read() as work:
        assert work.orders.get(Reference("SHOP-1")).lines == (line,)


def test_an_order_of_a_hundred_lines_keeps_their_order(shop):
    lines = tuple(a_plain_line(n, f"sku-{101 - n}") for n in range(1, 101))
    kept(shop, a_plain_order(lines=lines))
    with shop.read() as work:
        assert work.orders.get(Reference("SHOP-1")).lines == lines


def test_an_unknown_order_is_absent(shop):
    kept(shop, a_plain_order())
    with shop.read() as work:
        assert work.orders.history(Reference("SHOP-2")) == ()
        with pytest.raises(UnknownOrder):
            work.orders.get(Reference("SHOP-2"))


def test_the_history_lists_entries_in_the_order_they_happened(shop):
    kept(shop, a_plain_order().placed(Actor.learner(ADA.id)))
    for why in ("first", "second", "third"):
        with changing(shop.begin) as work:
            order = work.orders.get(Reference("SHOP-1"))
            # The clock of another machine may be behind. The order of writing counts.
            work.orders.save(order.noted(at=ELSEWHERE, by=Actor.staff("Zoë"), why=why))
    with shop.read() as work:
        history = work.orders.history(Reference("SHOP-1"))
    assert [entry.why for entry in history] == ["placed", "first", "second", "third"]
    assert history[0] == HistoryEntry(
        NOW, Actor.learner(ADA.id), None, OrderState.PENDING, "placed"
    )


def test_a_changed_order_is_stored(shop):
    kept(shop, an_order())
    with changing(shop.begin) as work:
        order = work.orders.get(an_order().reference)
        first = attrs.evolve(
            order.lines[0], fulfilment=Fulfilment.REVOKED, refunded=order.lines[0].due
        )
        order = attrs.evolve(order, state=OrderState.REFUNDED, attention=None)
        order = order.with_lines([first]).held(NOW + hours(7))
        work.orders.save(order)
    with shop.read() as work:
        assert work.orders.get(order.reference) == attrs.evolve(order, version=5)


def test_the_sold_lines_never_change(shop):
    kept(shop, an_order())
    other = attrs.evolve(
        an_order(),
        learner=BOB,
        placed_at=NOW,
        request_key="another",
        fingerprint="another",
        lines=tuple(
            attrs.evolve(line, title="another", list_price=line.due, reduction=None, runs=())
            for line in an_order().lines
        ),
        news=(),
    )
    with changing(shop.begin) as work:
        work.orders.save(other)
    with shop.read() as work:
        assert work.orders.get(other.reference) == attrs.evolve(an_order(), news=(), version=5)


def test_an_order_can_be_saved_twice_in_one_transaction(shop):
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order())
        order = work.orders.get(Reference("SHOP-1"))
        paid = order.moved_to(
            OrderState.PAID, at=NOW, by=Actor.learner(ADA.id), why="nothing to pay"
        )
        work.orders.save(paid)
        order = work.orders.get(Reference("SHOP-1"))
        work.orders.save(order.with_lines([order.lines[0].moved_to(Fulfilment.AWAITING)]))
    with shop.read() as work:
        order = work.orders.get(Reference("SHOP-1"))
        assert (order.state, order.version) == (OrderState.PAID, 2)
        assert order.lines[0].fulfilment is Fulfilment.AWAITING
        assert len(work.orders.history(Reference("SHOP-1"))) == 1


def test_a_stale_order_cannot_be_saved(shop):
    kept(shop, a_plain_order())
    with shop.read() as work:
        mine = work.orders.get(Reference("SHOP-1"))
    with changing(shop.begin) as work:
        work.orders.save(work.orders.get(Reference("SHOP-1")).held(NOW + hours(7)))
    with shop.begin() as work, pytest.raises(OrderHasChanged):
        work.orders.save(mine)


def test_an_order_that_was_not_added_cannot_be_saved(shop):
    with shop.begin() as work, pytest.raises(OrderHasChanged):
        work.orders.save(a_plain_order())


def test_a_reference_is_used_once(shop):
    kept(shop, a_plain_order())
    with shop.begin() as work, pytest.raises(OrderExists):
        work.orders.add(a_plain_order(request_key="another press"))


def test_a_learner_uses_a_request_key_once(shop):
    kept(shop, a_plain_order("SHOP-1", request_key="press"))
    kept(shop, a_plain_order("SHOP-2", request_key="press", learner=BOB))
    with shop.begin() as work, pytest.raises(OrderExists):
        work.orders.add(a_plain_order("SHOP-3", request_key="press"))


def test_an_unpaid_order_grants_no_ownership(shop):
    kept(shop, a_plain_order())
    with shop.read() as work:
        assert work.orders.owned(ADA.id, [Sku("plain")]) == {}


@pytest.mark.parametrize("state", [OrderState.PAID, OrderState.PARTIALLY_REFUNDED])
def test_a_learner_owns_the_products_of_a_paid_order(shop, state):
    lines = (a_plain_line(1, "plain"), a_plain_line(2, "other"))
    kept(shop, a_plain_order(state=state, lines=lines))
    asked = [Sku("plain"), Sku("nowhere"), Sku("other")]
    with shop.read() as work:
        owned = {Sku("plain"): "SHOP-1", Sku("other"): "SHOP-1"}
        assert work.orders.owned(ADA.id, asked) == owned
        assert work.orders.owned(ADA.id, [Sku("other")]) == {Sku("other"): "SHOP-1"}
        assert work.orders.owned(BOB.id, asked) == {}
        assert work.orders.owned(ADA.id, []) == {}


def test_a_run_picked_for_a_program_does_not_count_as_bought_alone(shop):
    kept(shop, a_plain_order(state=OrderState.PAID, lines=(a_line(),)))
    with shop.read() as work:
        assert set(work.orders.owned(ADA.id, [Sku("DEDP-micro"), Sku("run-a")])) == {
            Sku("DEDP-micro")
        }


def test_payment_grants_ownership_and_a_refund_removes_it(shop):
    kept(shop, a_plain_order())
    for state, owned in ((OrderState.PAID, {Sku("plain")}), (OrderState.REFUNDED, set())):
        with changing(shop.begin) as work:
            order = work.orders.get(Reference("SHOP-1"))
            work.orders.save(order.moved_to(state, at=NOW, by=Actor.staff("Zoë"), why=""))
        with shop.read() as work:
            assert set(work.orders.owned(ADA.id, [Sku("plain")])) == owned


def test_a_revoked_line_is_not_owned_and_can_be_bought_again(shop):
    lines = (
        attrs.evolve(a_plain_line(1, "gone"), fulfilment=Fulfilment.FULFILLED),
        attrs.evolve(a_plain_line(2, "kept"), fulfilment=Fulfilment.FULFILLED),
    )
    kept(shop, a_plain_order(state=OrderState.PAID, lines=lines))
    with changing(shop.begin) as work:
        order = work.orders.get(Reference("SHOP-1"))
        work.orders.save(order.with_lines([order.lines[0].moved_to(Fulfilment.REVOKED)]))
    kept(shop, a_plain_order("SHOP-2", state=OrderState.PAID, lines=(a_plain_line(1, "gone"),)))
    with shop.read() as work:
        owned = work.orders.owned(ADA.id, [Sku("gone"), Sku("kept")])
    assert owned == {Sku("gone"): "SHOP-2", Sku("kept"): "SHOP-1"}


def test_a_learner_cannot_buy_a_product_twice(shop):
    kept(shop, a_plain_order("SHOP-1", state=OrderState.PAID))
    kept(shop, a_plain_order("SHOP-2", state=OrderState.PAID, learner=BOB))
    with shop.begin() as work, pytest.raises(BoughtByAnotherOrder):
        work.orders.add(a_plain_order("SHOP-3", state=OrderState.PAID))
    kept(shop, a_plain_order("SHOP-4"))
    with shop.begin() as work:
        order = work.orders.get(Reference("SHOP-4"))
        paid = order.moved_to(OrderState.PAID, at=NOW, by=Actor.staff("Zoë"), why="")
        with pytest.raises(BoughtByAnotherOrder):
            work.orders.save(paid)
    with shop.read() as work:
        assert work.orders.get(Reference("SHOP-4")).state is OrderState.PENDING


def test_standing_orders_are_the_pending_ones_and_the_one_under_the_request_key(shop):
    kept(
        shop,
        a_plain_order("SHOP-1", placed_at=NOW),
        a_plain_order(
            "SHOP-2", placed_at=NOW + SECOND, state=OrderState.DECLINED, request_key="key"
        ),
        a_plain_order("SHOP-3", placed_at=NOW + 2 * SECOND, state=OrderState.EXPIRED),
        a_plain_order("SHOP-4", placed_at=NOW + 3 * SECOND, learner=BOB, request_key="key"),
        a_plain_order("SHOP-5", placed_at=NOW - SECOND, lines=(a_plain_line(), a_line(2))),
    )
    with shop.read() as work:
        found = work.orders.standing(ADA.id, "key")
        assert references(found) == ["SHOP-2", "SHOP-1", "SHOP-5"]
        assert len(found[-1].lines) == 2
        assert references(work.orders.standing(BOB.id, "none")) == ["SHOP-4"]
        assert work.orders.standing("nobody", "key") == ()


def test_overdue_orders_are_pending_and_sorted_by_end_of_hold(shop):
    kept(
        shop,
        a_plain_order("SHOP-1", held_until=NOW),
        a_plain_order("SHOP-2", held_until=NOW + SECOND),
        a_plain_order("SHOP-3", held_until=ELSEWHERE),
        a_plain_order("SHOP-4", held_until=ELSEWHERE, state=OrderState.PAID),
        a_plain_order("SHOP-0", held_until=NOW),
    )
    with shop.read() as work:
        assert work.orders.overdue(NOW, 10) == ("SHOP-3", "SHOP-0", "SHOP-1")
        assert work.orders.overdue(NOW, 2) == ("SHOP-3", "SHOP-0")
        assert work.orders.overdue(ELSEWHERE - SECOND, 10) == ()


def test_seats_are_reserved_by_orders_that_can_still_be_paid(shop):
    program = attrs.evolve(a_line(2), fulfilment=Fulfilment.NOT_DUE)
    kept(
        shop,
        a_plain_order("SHOP-1", lines=(a_plain_line(1, "run-a"), program)),
        a_plain_order("SHOP-2", lines=(a_plain_line(1, "run-a"),), state=OrderState.REVIEW),
        a_plain_order(
            "SHOP-3", lines=(a_plain_line(1, "run-a"),), state=OrderState.PAID, learner=BOB
        ),
        a_plain_order("SHOP-4", lines=(a_plain_line(1, "run-a"),), state=OrderState.EXPIRED),
    )
    with shop.read() as work:
        reserved = {sku: work.orders.reserved(Sku(sku)) for sku in ("run-a", "run-b", "run")}
    assert reserved == {"run-a": 3, "run-b": 1, "run": 0}


@pytest.fixture
def full(shop):
    """A shop with orders of two learners. SHOP-4 and SHOP-3 have the same time."""
    by_aid, by_another = (
        attrs.evolve(
            a_plain_line(),
            reduction=Reduction(OfferCode(source, "x"), "$0.99 off", Money(99)),
            due=Money(1900),
        )
        for source in ("aid", "aid-too")
    )
    kept(
        shop,
        a_plain_order("SHOP-1", placed_at=ELSEWHERE, state=OrderState.EXPIRED),
        a_plain_order(
            "SHOP-2",
            placed_at=NOW,
            learner=BOB,
            attention="look",
            state=OrderState.PAID,
            lines=(by_another,),
        ),
        a_plain_order("SHOP-4", placed_at=NOW + SECOND, lines=(a_plain_line(), a_line(2))),
        a_plain_order("SHOP-3", placed_at=NOW + SECOND, attention="look"),
        a_plain_order("SHOP-5", placed_at=NOW + 2 * SECOND, learner=BOB, lines=(by_aid,)),
    )
    visa, other = attrs.evolve(a_transaction(), card=Card("Visa", "1111")), a_transaction()
    with changing(shop.begin) as work:
        for number, moved in ((2, visa), (5, visa), (4, attrs.evolve(other, card=None))):
            of = Reference(f"SHOP-{number}")
            work.attempts.add(a_plain_attempt(f"PAY-{number}", reference=of))
            ids = {"gateway_id": f"G-{number}", "attempt": AttemptId(f"PAY-{number}")}
            work.transactions.add(attrs.evolve(moved, reference=of, **ids))
    return shop


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"limit": 2}, [5, 4]),
        ({"learner": ADA.id}, [4, 3, 1]),
        ({"learner": "nobody"}, []),
        ({"state": OrderState.PENDING}, [5, 4, 3]),
        ({"attention": True}, [3, 2]),
        ({"attention": True, "learner": BOB.id, "state": OrderState.PAID}, [2]),
        ({"before": (NOW + SECOND, Reference("SHOP-4"))}, [3, 2, 1]),
        ({"before": (NOW, Reference("SHOP-2"))}, [1]),
        ({"before": (ELSEWHERE, Reference("SHOP-1"))}, []),
        ({"reference": Reference("SHOP-2")}, [2]),
        ({"reference": Reference("SHOP-9")}, []),
        ({"email": " BOB@Example.org"}, [5, 2]),
        ({"email": "ADA@EXÄMPLE.ORG"}, [4, 3, 1]),
        ({"email": "bob@example"}, []),
        ({"sku": a_plain_line().sku}, [5, 4, 3, 2, 1]),
        ({"sku": a_line(2).sku}, [4]),
        ({"lowered_by": "aid"}, [5]),
        ({"lowered_by": "aid-too"}, [2]),
        ({"lowered_by": "spring"}, []),
        ({"placed_from": NOW}, [5, 4, 3, 2]),
        ({"placed_until": NOW}, [1]),
        ({"placed_from": NOW, "placed_until": NOW + SECOND}, [2]),
        ({"card": "1111"}, [5, 2]),
        ({"card": "1112"}, []),
        ({"transaction": "G-4"}, [4]),
        ({"transaction": "G-2", "card": "1111", "email": "bob@example.org"}, [2]),
        ({"transaction": "G-2", "sku": a_line(2).sku}, []),
        ({"card": "1111", "before": (NOW + 2 * SECOND, Reference("SHOP-5"))}, [2]),
    ],
)
def test_a_search_lists_the_newest_first(full, wanted, found):
    with full.read() as work:
        orders = work.orders.search(OrderSearch(**wanted))
    assert references(orders) == [f"SHOP-{n}" for n in found]


def test_pages_of_orders_have_no_gap_or_overlap(full):
    seen, before = [], None
    with full.read() as work:
        while page := work.orders.search(OrderSearch(before=before, limit=2)):
            seen += references(page)
            before = (page[-1].placed_at, page[-1].reference)
    assert seen == ["SHOP-5", "SHOP-4", "SHOP-3", "SHOP-2", "SHOP-1"]


def test_a_search_returns_complete_orders(full):
    with full.read() as work:
        found = work.orders.search(OrderSearch(learner=ADA.id))
        assert found == tuple(work.orders.get(order.reference) for order in found)
        assert len(found[0].lines) == 2
