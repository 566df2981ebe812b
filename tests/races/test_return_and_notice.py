"""The browser and the gateway tell of one payment at once, while the learner asks for the way."""

from datetime import timedelta
from urllib.parse import urlencode

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Conflict
from core.messaging.outbox import OutboxSearch
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState
from core.payments.hosted_page import HostedPageRequest, PageReply
from core.products.product import Sku
from core.use_cases.payments.card_form import FormWithdrawn, NotPayable
from core.use_cases.payments.hosted_page import open_hosted_page, process_page_reply
from coursetill_testing.contracts.samples import NOW, a_plain_run
from coursetill_testing.town import settings
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from tests.entrypoints.web.hosted_town import ACCOUNT, HOSTED, PlayedPage
from tests.races.conftest import all_at_once
from tests.races.test_checkout import learner, open_shop, place

ORDERS, SIDES = 8, 4
HOLD = timedelta(minutes=30)


def gateway():
    return MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1", account=ACCOUNT)


def way(shop, pages, number, attempt):
    return open_hosted_page(
        Reference(f"SHOP-{number}"),
        HostedPageRequest(learner=learner(number).id),
        AttemptId(attempt),
        begin=shop.begin,
        gateway=gateway(),
        pages=pages,
        now=NOW,
        hold=HOLD,
    )


def test_concurrent_results_from_every_source_have_one_outcome(shop):
    told = settings(**HOSTED)
    pages = open_pages(setup_in(told), told.shop_url)
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    told = []
    for number in range(ORDERS):
        place(shop, number)
        page = PlayedPage(way(shop, pages, number, f"PAY-{number}").page.fields)
        accepted = urlencode(page.reply("ACCEPT", "100", number)).encode()
        declined = urlencode(page.reply("DECLINE", "203", ORDERS + number)).encode()
        cancelled = urlencode(page.reply("CANCEL")).encode()
        told.append((accepted, accepted, declined, cancelled))

    def tell(number):
        number, side = divmod(number, SIDES)
        message = told[number][side]
        reply = PageReply(message)
        process_page_reply(reply, begin=shop.begin, gateway=gateway(), pages=pages, now=NOW)

    _, refusals = all_at_once(tell, ORDERS * SIDES)
    assert refusals == []
    with shop.read() as work:
        for number in range(ORDERS):
            reference = Reference(f"SHOP-{number}")
            order = work.orders.get(reference)
            assert (order.state, order.attention) == (OrderState.PAID, None)
            assert len(work.transactions.of(reference)) == 1
            assert [a.state for a in work.attempts.of(reference)] == [AttemptState.CAPTURED]
            names = [e.event.name.value for e in work.outbox.search(OutboxSearch(reference))]
            assert names.count("order.paid") == 1
        assert work.products.get(Sku("wanted")).seats_taken == ORDERS


def test_concurrent_redirects_share_one_attempt(shop):
    told = settings(**HOSTED)
    pages = open_pages(setup_in(told), told.shop_url)
    open_shop(shop, a_plain_run("wanted", seats=1))
    place(shop, 0)
    found, refusals = all_at_once(lambda tab: way(shop, pages, 0, f"PAY-{tab}"), 8)
    assert all(isinstance(each, Conflict | FormWithdrawn | NotPayable) for each in refusals)
    with shop.read() as work:
        attempts = work.attempts.of(Reference("SHOP-0"))
    open_ones = {attempt.id for attempt in attempts if attempt.state is AttemptState.OPEN}
    shown = {each.attempt.id for each in found}
    # Whoever was shown the way was shown the way that is watched.
    assert len(open_ones) == 1
    assert all(a.unattended for a in attempts if a.id in shown)
