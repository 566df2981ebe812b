"""The shop's way of being paid is changed while orders are open: no attempt has two ways."""

import pytest

from adapters.memory.gateway_messages import MemoryHostedPages
from adapters.memory.payment_gateway import MemoryGateway
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import Captured, Declined, InReview
from core.payments.hosted_page import HostedPageRequest
from core.use_cases.payments.card_form import NotPayable
from core.use_cases.payments.hosted_page import open_hosted_page, process_page_reply
from coursetill_testing.makers import MINUTE, usd
from coursetill_testing.till import Till, stocked

SKU = "6.86x-1T2027"


class Ways(Till):
    """A till whose learners can pay on a page of the gateway's own as well."""

    def __init__(self, gateway):
        super().__init__(gateway)
        self.pages = MemoryHostedPages(self.gateway, new_id=lambda: f"S{self.number()}")

    def shows_the_way(self, order):
        return open_hosted_page(
            order.reference,
            HostedPageRequest(learner=order.learner.id),
            AttemptId(f"P{self.number()}"),
            begin=self.begin,
            gateway=self.gateway,
            pages=self.pages,
            now=self.now,
            hold=self.hold,
        )

    def is_paid_there(self, opened):
        """Somebody pays on the page, and it says so."""
        captured = Captured(f"g-{self.number()}", opened.attempt.amount)
        self.gateway.ends_elsewhere(opened.attempt, captured)
        message = self.pages.says(opened.attempt, captured)
        process_page_reply(
            message, begin=self.begin, gateway=self.gateway, pages=self.pages, now=self.now
        )


class AutomaticGateway(MemoryGateway):
    forms_take_payment = True


@pytest.fixture(params=[MemoryGateway, AutomaticGateway])
def till(request):
    stock = stocked()
    till = Ways(request.param)
    till.records, till.begin, till.read = stock.records, stock.begin, stock.read
    return till


def states(till, order):
    return [attempt.state.value for attempt in till.attempts_of(order)]


def pays_in(till, opened):
    by_itself = opened.form.takes_payment
    text = till.gateway.pay_in(opened.form) if by_itself else None
    return till.sends(opened, text)


def test_a_card_form_after_the_hosted_page_has_its_own_attempt_and_the_page_is_polled(till):
    order = till.checks_out(SKU)
    page = till.shows_the_way(order)
    till.passes(MINUTE)
    opened = till.opens(order)
    assert opened.attempt.id != page.attempt.id
    first, second = till.attempts_of(order)
    assert (first.state, first.unattended) == (AttemptState.CANCELLED, True)
    assert first.session_expires_at == page.page.expires_at
    assert second.form_takes_payment is opened.form.takes_payment


def test_the_hosted_page_after_a_card_form_has_its_own_attempt(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.passes(MINUTE)
    page = till.shows_the_way(order)
    assert opened.attempt.id != page.attempt.id
    assert states(till, order) == ["cancelled", "open"]
    if not opened.form.takes_payment:
        assert pays_in(till, opened).state is OrderState.PENDING
        assert till.gateway.captured() == usd("0.00")


def test_a_learner_who_paid_on_the_hosted_page_gets_no_card_form(till):
    order = till.checks_out(SKU)
    page = till.shows_the_way(order)
    captured = Captured("g-there", order.total)
    till.gateway.ends_elsewhere(page.attempt, captured)
    with pytest.raises(NotPayable):
        till.opens(order)
    assert till.order(order.reference).state is OrderState.PAID


@pytest.mark.parametrize("first", ["page", "form"])
def test_one_of_two_captures_by_two_methods_is_refunded(till, first):
    order = till.checks_out(SKU)
    page, form = till.shows_the_way(order), till.opens(order)
    acts = [lambda: till.is_paid_there(page), lambda: pays_in(till, form)]
    for act in acts if first == "page" else reversed(acts):
        act()
    for _ in range(3):
        till.passes(10 * MINUTE)
        till.keeps_up()
    taken, back = till.gateway.captured(), till.gateway.refunded()
    assert taken - back == order.total
    assert till.order(order.reference).state is OrderState.PAID


def test_each_change_of_method_makes_a_new_attempt(till):
    order = till.checks_out(SKU)
    opened = []
    for show in (till.shows_the_way, till.opens) * 2:
        opened.append(show(order).attempt.id)
        till.passes(MINUTE)
    assert [attempt.id for attempt in till.attempts_of(order)] == opened
    assert states(till, order) == ["cancelled", "cancelled", "cancelled", "open"]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_review_in_a_replaced_form_is_polled_until_it_is_decided(till, accepted):
    order = till.checks_out(SKU)
    page = till.shows_the_way(order)
    till.passes(MINUTE)
    till.opens(order)
    till.gateway.ends_elsewhere(page.attempt, InReview("g-held", "fraud rules"))
    till.passes(400 * MINUTE)
    till.keeps_up()
    till.passes(MINUTE)
    till.keeps_up()
    assert AttemptState.REVIEW in {attempt.state for attempt in till.attempts_of(order)}
    ended = Captured("g-held", order.total) if accepted else Declined("rejected")
    till.gateway.decides(page.attempt, ended)
    till.passes(45 * MINUTE)
    till.keeps_up()
    assert till.order(order.reference).state is (
        OrderState.PAID if accepted else OrderState.CANCELLED
    )
    paid = sum((t.amount.minor for t in till.transactions_of(order)), 0)
    assert paid == (order.total.minor if accepted else 0)
