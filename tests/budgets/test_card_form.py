"""What each way of paying costs in statements: by a form or a page, and where either is lost."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from core.orders.order import Order, OrderSearch
from core.orders.order_state import OrderState
from core.payments.hosted_page import HostedPageRequest, PageReply
from core.products.product import Sku
from core.use_cases.payments.card_form import pay_with_token
from core.use_cases.payments.hosted_page import (
    OpenedHostedPage,
    open_hosted_page,
    process_page_reply,
)
from coursetill_testing.town import settings
from entrypoints.composition.clock_and_ids import new_attempt_id
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from tests.budgets.test_use_cases import ADA, NOW, CountedTill, lines, till
from tests.entrypoints.web.hosted_town import ACCOUNT, HOSTED, PlayedPage

__all__ = ["till"]


def placed(till: CountedTill, lines: int) -> Order:
    return till.place(ADA, till.fill_with_code(till.stock(lines)))


def state(till: CountedTill, order: Order) -> OrderState:
    with till.shop.read() as work:
        return work.orders.get(order.reference).state


@pytest.fixture(params=[False, True], ids=["by hand", "by itself"])
def by_itself(request: pytest.FixtureRequest, till: CountedTill) -> bool:
    """Whether the form takes the payment by itself."""
    till.gateway.forms_take_payment = request.param
    return bool(request.param)


@lines
def test_opening_a_card_form_costs_6_and_reopening_2_or_5_if_automatic(
    till: CountedTill, by_itself: bool, lines: int
) -> None:
    order = placed(till, lines)
    with till.costs_at_most(6):
        till.opens(order)
    with till.costs_at_most(5 if by_itself else 2):
        till.opens(order)


@lines
def test_paying_by_a_form_costs_6_beside_applying_the_result(
    till: CountedTill, by_itself: bool, lines: int
) -> None:
    order = placed(till, lines)
    form = till.opens(order)
    typed = (till.gateway.pay_in if by_itself else till.gateway.type_card)(form.form)
    with till.costs_at_most(14 + 6):
        pay_with_token(form.attempt.id, ADA.id, typed, **till.to_pay)
    assert state(till, order) is OrderState.PAID


@lines
def test_an_enquiry_about_an_unpaid_form_costs_11(till: CountedTill, lines: int) -> None:
    till.gateway.forms_take_payment = True
    order = placed(till, lines)
    form = till.opens(order)
    with till.costs_at_most(11):
        pay_with_token(form.attempt.id, ADA.id, "", **till.to_pay)
    assert state(till, order) is OrderState.PENDING


_HOSTED = settings(**HOSTED)
PAGES: Any = open_pages(setup_in(_HOSTED), _HOSTED.shop_url)


def goes(till: CountedTill, order: Order) -> OpenedHostedPage:
    going = HostedPageRequest(learner=ADA.id)
    return open_hosted_page(order.reference, going, new_attempt_id(), pages=PAGES, **till.to_pay)


@lines
def test_the_redirect_to_the_hosted_page_costs_6_and_again_7(till: CountedTill, lines: int) -> None:
    order = placed(till, lines)
    with till.costs_at_most(6):
        goes(till, order)
    with till.costs_at_most(7):
        goes(till, order)


@lines
def test_a_reply_of_the_hosted_page_costs_4_beside_applying_the_result_and_again_2(
    till: CountedTill, lines: int
) -> None:
    till.gateway.account = ACCOUNT
    order = placed(till, lines)
    page = PlayedPage(goes(till, order).page.fields, f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    said = bodied(page.reply("ACCEPT", "100"))
    shop: Any = {"begin": till.shop.begin, "gateway": till.gateway, "pages": PAGES, "now": NOW}
    with till.costs_at_most(14 + 4):
        process_page_reply(said, **shop)
    assert state(till, order) is OrderState.PAID
    with till.costs_at_most(2):
        process_page_reply(said, **shop)


def bodied(post: Any) -> PageReply:
    return PageReply(urlencode(post).encode())


FOUND = {
    "by e-mail": OrderSearch(email=ADA.email),
    "by product": OrderSearch(sku=Sku("sku-000")),
    "by day": OrderSearch(
        placed_from=NOW - timedelta(days=1), placed_until=NOW + timedelta(days=1)
    ),
    "by card": OrderSearch(card="1111"),
    "by transaction": OrderSearch(transaction="G-1"),
    "under review": OrderSearch(state=OrderState.REVIEW, attention=True),
}


@pytest.mark.parametrize("wanted", FOUND.values(), ids=FOUND.keys())
def test_finding_orders_costs_1(till: CountedTill, wanted: OrderSearch) -> None:
    placed(till, 10)
    with till.costs_at_most(1), till.shop.read() as work:
        work.orders.search(wanted)
