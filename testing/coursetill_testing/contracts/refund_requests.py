"""The contract of the collection of refund requests."""

from datetime import timedelta

import attrs
import pytest

from core.identity import Actor
from core.order_reference import Reference
from core.orders.refund_request import (
    RefundRequestExists,
    RefundRequestHasChanged,
    RefundRequestSearch,
    RefundRequestState,
    UnknownRefundRequest,
)
from coursetill_testing.contracts.samples import (
    NOW,
    a_plain_order,
    a_plain_request,
    a_refund_request,
    changing,
)

SECOND = timedelta(seconds=1)
EVE = Actor.staff("eve")


@pytest.fixture
def ordered(shop):
    """A shop with three orders."""
    with changing(shop.begin) as work:
        for number in (1, 2, 3):
            work.orders.add(a_plain_order(f"SHOP-{number}"))
    return shop


def kept(shop, *requests):
    with changing(shop.begin) as work:
        for request in requests:
            work.refund_requests.add(request)


def save(shop, request):
    with changing(shop.begin) as work:
        work.refund_requests.save(request)


def get(shop, id_="q-1"):
    with shop.read() as work:
        return work.refund_requests.get(id_)


def found(shop, **wanted):
    with shop.read() as work:
        return [r.id for r in work.refund_requests.search(RefundRequestSearch(**wanted))]


@pytest.mark.parametrize("request_", [a_refund_request(), a_plain_request()], ids=["full", "plain"])
def test_a_request_is_read_back_unchanged(ordered, request_):
    kept(ordered, request_)
    assert get(ordered) == request_
    with ordered.read() as work:
        assert work.refund_requests.of(Reference("SHOP-1")) == (request_,)
        assert work.refund_requests.of(Reference("SHOP-2")) == ()


def test_an_unknown_request_is_absent(ordered):
    with pytest.raises(UnknownRefundRequest):
        get(ordered)


def test_an_order_has_one_open_request_at_a_time(ordered):
    kept(ordered, a_plain_request())
    with pytest.raises(RefundRequestExists):
        kept(ordered, a_plain_request("q-2"))
    kept(ordered, a_plain_request("q-3", reference=Reference("SHOP-2")))
    save(ordered, get(ordered).denied("no", at=NOW, by=EVE))
    kept(ordered, a_plain_request("q-4"))
    assert found(ordered) == ["q-1", "q-3", "q-4"]


def test_a_request_id_is_used_once(ordered):
    kept(ordered, a_refund_request())
    with pytest.raises(RefundRequestExists):
        kept(ordered, a_plain_request(reference=Reference("SHOP-2")))


def test_a_decision_is_stored_and_the_requested_lines_never_change(ordered):
    kept(ordered, a_plain_request())
    answered = get(ordered).approved("gladly", at=NOW + SECOND, by=EVE, refund="RFD-9")
    save(ordered, attrs.evolve(answered, reason="another", positions=(1,), asked_at=NOW + SECOND))
    assert get(ordered) == attrs.evolve(answered, version=1)


def test_the_second_of_two_decisions_conflicts(ordered):
    kept(ordered, a_plain_request())
    first, second = get(ordered), get(ordered)
    save(ordered, first.denied("no", at=NOW, by=EVE))
    with pytest.raises(RefundRequestHasChanged):
        save(ordered, second.approved("yes", at=NOW, by=EVE, refund=None))
    assert get(ordered).state is RefundRequestState.DENIED


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ["early", "a", "b", "late"]),
        ({"limit": 2}, ["early", "a"]),
        ({"state": RefundRequestState.OPEN}, ["early", "a", "late"]),
        ({"state": RefundRequestState.DENIED}, ["b"]),
        ({"state": RefundRequestState.APPROVED}, []),
        ({"after": (NOW, "a")}, ["b", "late"]),
        ({"after": (NOW, "b")}, ["late"]),
        ({"after": (NOW, "a"), "state": RefundRequestState.OPEN, "limit": 1}, ["late"]),
    ],
)
def test_a_search_lists_the_longest_waiting_first(ordered, wanted, ids):
    kept(
        ordered,
        a_plain_request("late", asked_at=NOW + SECOND),
        a_plain_request("b", reference=Reference("SHOP-2"), state=RefundRequestState.DENIED),
        a_plain_request("a", reference=Reference("SHOP-2")),
        a_plain_request("early", reference=Reference("SHOP-3"), asked_at=NOW - SECOND),
    )
    assert found(ordered, **wanted) == ids


def test_a_request_requires_an_order(ordered):
    with pytest.raises(ValueError, match=r"order|FOREIGN|foreign"):
        kept(ordered, a_plain_request(reference=Reference("SHOP-404")))
