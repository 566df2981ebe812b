"""One order may be paid by every way there is, in any order, late, twice, and across crashes.

However the setting changes, messages are lost and processes die: all money is known of, no more
than one payment of an order is kept, and everything comes to an end.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from adapters.memory.gateway_messages import MemoryHostedPages
from adapters.memory.payment_gateway import Charge, MemoryGateway
from core.discounts.discount import Limits
from core.errors import ShopError
from core.identity import Learner, LearnerId
from core.messaging.inbox import MessageState
from core.money import Currency, Money, total
from core.orders.line import Fulfilment
from core.orders.order import OrderSearch
from core.orders.order_state import STANDING, OrderState
from core.orders.refund_policy import RefundPolicy
from core.orders.refund_request import RefundRequestId
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import Captured, Declined, InReview, NotFound, Unknown
from core.payments.hosted_page import HostedPageRequest
from core.payments.notice import About, Notice
from core.payments.refund import RefundId
from core.payments.transaction import TransactionKind
from core.use_cases.back_office.order_actions import cancel_by_staff
from core.use_cases.payments.hosted_page import open_hosted_page, process_page_reply
from core.use_cases.payments.process_notices import process_notice
from core.use_cases.refunds.refund_requests import RefundApplication, approve_request, file_request
from coursetill_testing.makers import CLERK, MINUTE, discount, run
from coursetill_testing.till import Till
from tests.core.lost_race import lost_a_race

LEARNERS = [Learner(LearnerId(name), f"{name}@example.org", name) for name in ("ada", "bob")]
SKUS = ["last-1T2027", "two-1T2027"]
LONGEST_LAG = timedelta(minutes=20)

numbers = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
ways = st.sampled_from(["card form", "automatic", "page"])
outcomes = st.sampled_from(["good", "good", "declined", "review"])


class Crash(BaseException):
    """The process dies: nobody in it is left to catch anything."""


@attrs.define
class Fuse:
    """Lets the process die at one of the next commits, before or after it."""

    left: int | None = None
    after: bool = False

    def commit(self, work):
        if self.left is None:
            return work.commit()
        self.left -= 1
        if self.left >= 0:
            return work.commit()
        self.left = None
        if self.after:
            work.commit()
        raise Crash


class Mortal:
    """A unit of work of a process that may die."""

    def __init__(self, work, fuse):
        self._work, self._fuse = work, fuse

    def __getattr__(self, name):
        return getattr(self._work, name)

    def commit(self):
        self._fuse.commit(self._work)


class SlowGateway(MemoryGateway):
    """A gateway that takes an attempt's money once, whatever the way, and may show it late."""

    forms_take_payment = False
    blind_since = None

    def __init__(self, **how):
        super().__init__(**how)
        self.taken_at = {}

    def charge(self, attempt, token, /):
        self.taken_at[attempt.id] = self._now()
        return super().charge(attempt, token)

    def takes(self, attempt, outcome):
        """Somebody pays where the shop does not look: how it ended, for the gateway's own books."""
        with self._lock:
            before = self._charges.get(attempt.id)
            if before is None or isinstance(before.ended, Declined):
                self.taken_at[attempt.id] = self._now()
                self._charges[attempt.id] = Charge(attempt, self.ending(attempt, outcome))
            return self._charges[attempt.id].ended

    def ending(self, attempt, outcome):
        match outcome:
            case "good":
                return Captured(self._new_id(), attempt.amount)
            case "review":
                return InReview(self._new_id(), "fraud rules")
        return Declined("no money")

    def find(self, attempt, /):
        finding = super().find(attempt)
        if self.blind_since is not None and self._now() >= self.blind_since + LONGEST_LAG:
            self.blind_since = None
        # What it showed once it goes on showing: only what is newer is late.
        taken_at = self.taken_at.get(attempt.id)
        blind = self.blind_since is not None and taken_at and taken_at >= self.blind_since
        return NotFound() if blind and not isinstance(finding, Unknown) else finding


class EveryWay(RuleBasedStateMachine):
    """A refusal is as good an outcome as any, and so is a crash."""

    def __init__(self):
        super().__init__()
        self.till = Till(SlowGateway)
        self.gateway, self.fuse = self.till.gateway, Fuse()
        self.pages = MemoryHostedPages(self.gateway, new_id=lambda: f"S{self.till.number()}")
        safe = self.till.begin

        @contextmanager
        def begin():
            with safe() as work:
                yield Mortal(work, self.fuse)

        self.till.begin = begin
        self.at_page = False
        self.tabs, self.post = [], []

    @initialize(
        currency=st.sampled_from([Currency.USD, Currency.JPY]),
        first=st.sampled_from(SKUS),
        second=st.sampled_from(SKUS),
        tabs=st.lists(ways, max_size=3),
    )
    def opens_and_sells(self, currency, first, second, tabs):
        self.currency = currency
        self.till.sells(
            run(SKUS[0], "1001", seats=1, currency=currency),
            run(SKUS[1], "333", seats=2, currency=currency),
        )
        self.till.offers(discount("TWICE", "percent-off", "33", limits=Limits(max_redemptions=2)))
        for by, sku in zip(LEARNERS, (first, second), strict=True):
            self.orders_something(by, sku, code=True)
        for way in tabs:
            self.changes_the_way_of_paying(way)
            self.opens_a_tab(0)

    @contextmanager
    def whatever_happens(self):
        try:
            yield
        except ShopError as refused:
            # Nobody else is here, so nobody can have come first.
            if lost_a_race(refused):
                raise
        except Crash:
            pass

    @property
    def orders(self):
        with self.till.read() as work:
            return work.orders.search(OrderSearch(limit=1000))

    @property
    def attempts(self):
        return [attempt for order in self.orders for attempt in self.till.attempts_of(order)]

    def an_order(self, number):
        return self.orders[number % len(self.orders)]

    # The machines and the settings.

    @rule(commits=st.integers(0, 3), after=st.booleans())
    def is_about_to_crash(self, commits, after):
        self.fuse.left, self.fuse.after = commits, after

    @rule(way=ways)
    def changes_the_way_of_paying(self, way):
        self.at_page = way == "page"
        self.gateway.forms_take_payment = way == "automatic"

    @rule(away=st.booleans(), blind=st.booleans())
    def gateway_is_away_or_slow(self, away, blind):
        if away:
            self.gateway.goes_away()
        else:
            self.gateway.comes_back()
        self.gateway.blind_since = self.till.now if blind else None

    @rule(minutes=st.sampled_from([1, 4, 16, 26, 45, 400]))
    def time_passes(self, minutes):
        self.till.passes(minutes * MINUTE)

    @rule()
    def keeps_up(self):
        with self.whatever_happens():
            self.till.keeps_up()

    # Learners.

    @rule(by=st.sampled_from(LEARNERS), sku=st.sampled_from(SKUS), code=st.booleans())
    def orders_something(self, by, sku, code):
        with self.whatever_happens():
            self.till.puts(sku, by=by)
            if code:
                self.till.enters("TWICE", by=by)
        with self.whatever_happens():
            self.till.checks_out(by=by)

    @rule(number=numbers, way=ways, outcome=outcomes, lost=st.booleans())
    @precondition(lambda self: self.orders)
    def opens_a_tab_and_pays(self, number, way, outcome, lost):
        self.changes_the_way_of_paying(way)
        before = len(self.tabs)
        self.opens_a_tab(number)
        if len(self.tabs) > before:
            self.pays_in_a_tab(0, outcome, lost)

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def opens_a_tab(self, number):
        order = self.an_order(number)
        with self.whatever_happens():
            self.tabs.append(
                self.page(order) if self.at_page else self.till.opens(order, by=order.learner)
            )

    def page(self, order):
        return open_hosted_page(
            order.reference,
            HostedPageRequest(learner=order.learner.id),
            AttemptId(f"P{self.till.number()}"),
            begin=self.till.begin,
            gateway=self.gateway,
            pages=self.pages,
            now=self.till.now,
            hold=self.till.hold,
        )

    @rule(number=numbers, outcome=outcomes, lost=st.booleans())
    @precondition(lambda self: self.tabs)
    def pays_in_a_tab(self, number, outcome, lost):
        """However old the tab is; what the gateway tells about it is in the post."""
        opened = self.tabs[-1 - number % len(self.tabs)]
        by = opened.order.learner
        if hasattr(opened, "page"):
            if self.till.now < opened.page.expires_at:
                ended = self.gateway.takes(opened.attempt, outcome)
                message = self.pages.says(opened.attempt, ended)
                self.post.append(lambda: self.hears_page(message))
        elif opened.form.takes_payment:
            if self.till.now < opened.form.expires_at:
                self.gateway.takes(opened.attempt, outcome)
                text = self.gateway.type_card(opened.form)
                self.post.append(lambda: self.till.sends(opened, text, by=by))
        else:
            self.gateway._next.clear()
            self.gateway._next.append(self.gateway.ending(opened.attempt, outcome))
            self.gateway._to_lose = int(lost)
            with self.whatever_happens():
                self.till.sends(opened, by=by)
            self.gateway._next.clear()
            self.gateway._to_lose = 0
        self.tells_of(opened.attempt)

    def hears_page(self, message):
        process_page_reply(
            message,
            begin=self.till.begin,
            gateway=self.gateway,
            pages=self.pages,
            now=self.till.now,
        )

    def tells_of(self, attempt):
        """The gateway writes a message about an attempt: with its end, and one without."""
        with self.gateway._lock:
            charge = self.gateway._charges.get(attempt.id)
        for answer in (charge.ended, None) if charge else ():
            notice = Notice(
                key=f"m-{self.till.number()}",
                about=About.PAYMENT if answer else About.CAPTURE,
                code=attempt.reference,
                attempt=attempt.id if answer else "",
                answer=answer,
                at=self.till.now,
                heard_at=self.till.now,
                account=attempt.account,
            )
            self.post.append(lambda told=notice: self.hears(told))

    def hears(self, notice):
        process_notice(notice, begin=self.till.begin, gateway=self.gateway, now=self.till.now)

    @rule(number=st.integers(0, 9))
    @precondition(lambda self: self.post)
    def gets_post(self, number):
        """Late, in any order, and as often as it likes."""
        with self.whatever_happens():
            self.post[-1 - number % len(self.post)]()

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def cancels(self, number):
        order = self.an_order(number)
        with self.whatever_happens():
            self.till.cancels(order, by=order.learner)

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def asks_for_a_refund(self, number):
        order, till = self.an_order(number), self.till
        asked = RefundApplication(
            RefundRequestId(f"{till.number():032x}"), (1,), "no time", consent=True
        )
        with self.whatever_happens():
            file_request(
                order.reference,
                order.learner.id,
                asked,
                policy=RefundPolicy(),
                begin=till.begin,
                now=till.now,
            )

    # The staff and the gateway's people.

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def approves_a_request(self, number):
        order, till = self.an_order(number), self.till
        with till.read() as work:
            requests = work.refund_requests.of(order.reference)
        for request in requests[-1:]:
            with self.whatever_happens():
                approve_request(
                    request.id,
                    "",
                    refund_id=RefundId(f"Q{till.number()}"),
                    staff=CLERK,
                    begin=till.begin,
                    gateway=self.gateway,
                    now=till.now,
                )

    @rule(number=numbers, minor=st.sampled_from([None, 1, 300, 10**6]), lost=st.booleans())
    @precondition(lambda self: self.orders)
    def refunds(self, number, minor, lost):
        amount = None if minor is None else Money(minor, self.currency)
        self.gateway._to_lose = int(lost)
        with self.whatever_happens():
            self.till.refunds(self.an_order(number), amount)
        self.gateway._to_lose = 0

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def calls_off(self, number):
        with self.whatever_happens():
            cancel_by_staff(
                self.an_order(number).reference,
                by=CLERK,
                why="x",
                begin=self.till.begin,
                gateway=self.gateway,
                now=self.till.now,
            )

    @rule(accepted=st.booleans())
    def decides_about_reviews(self, accepted):
        for attempt in self.attempts:
            charge = self.gateway._charges.get(attempt.id)
            if charge is not None and isinstance(charge.ended, InReview):
                paid = Captured(f"accepted-{attempt.id}", attempt.amount)
                self.gateway.decides(attempt, paid if accepted else Declined("rejected"))
                self.tells_of(attempt)

    # What holds at every moment.

    @invariant()
    def seats_are_those_of_the_orders_that_hold_or_own_them(self):
        held = Counter()
        for order in self.orders:
            for line in order.lines:
                waiting = order.state in {OrderState.PENDING, OrderState.REVIEW}
                owned = order.state in STANDING and line.fulfilment is not Fulfilment.REVOKED
                held.update(sku.text for sku in line.skus if waiting or owned)
        for sku in SKUS:
            product = self.till.product(sku)
            assert product.seats_taken == held[sku]
            assert product.seats_taken <= product.seats

    @invariant()
    def a_code_is_used_within_its_limit(self):
        uses = Counter(
            state
            for order in self.orders
            for state in self.till.uses_of(order).values()
            if state != "released"
        )
        assert uses.total() <= 2

    @invariant()
    def only_money_that_was_taken_is_in_the_books_and_of_an_order_once_at_most(self):
        with self.gateway._lock:
            ended = [charge.ended for charge in self.gateway._charges.values()]
        taken = {each.gateway_id: each.amount for each in ended if isinstance(each, Captured)}
        for order in self.orders:
            attempts, refunds = self.till.attempts_of(order), self.till.refunds_of(order)
            captured = [a.id for a in attempts if a.state is AttemptState.CAPTURED]
            was_paid = order.state in STANDING or order.state is OrderState.REFUNDED
            assert len(captured) == int(was_paid)
            overpayment = {refund.captured_as for refund in refunds if refund.overpayment}
            for paid in self.till.transactions_of(order):
                if paid.kind is TransactionKind.PAYMENT:
                    assert taken[paid.gateway_id] == paid.amount
                    assert (paid.attempt in captured) != (paid.gateway_id in overpayment)

    @invariant()
    def no_more_is_given_back_than_was_taken(self):
        assert self.gateway.refunded(self.currency) <= self.gateway.captured(self.currency)
        for order in self.orders:
            own = [r.amount for r in self.till.refunds_of(order) if r.counts and not r.overpayment]
            assert total(own, self.currency) <= order.total

    # What holds once the gateway has answered for long enough.

    def teardown(self):
        self.fuse.left = None
        self.gateway.comes_back()
        self.gateway.blind_since = None
        self.decides_about_reviews(accepted=True)
        for _ in range(8):
            self.till.passes(45 * MINUTE)
            self.till.keeps_up()
        for check in (
            self.seats_are_those_of_the_orders_that_hold_or_own_them,
            self.only_money_that_was_taken_is_in_the_books_and_of_an_order_once_at_most,
            self.no_more_is_given_back_than_was_taken,
            self.everything_has_come_to_an_end,
            self.all_money_is_accounted_for,
        ):
            check()

    def everything_has_come_to_an_end(self):
        states = {order.state for order in self.orders}
        assert not states & {OrderState.PENDING, OrderState.REVIEW}
        for attempt in self.attempts:
            assert not attempt.in_doubt
            assert attempt.next_enquiry_at is None
        assert MessageState.RECEIVED not in {message.state for message in self.till.inbox()}
        refunds = [refund for order in self.orders for refund in self.till.refunds_of(order)]
        assert all(refund.accepted for refund in refunds)

    def all_money_is_accounted_for(self):
        kept = [t for order in self.orders for t in self.till.transactions_of(order)]
        paid = [t.amount for t in kept if t.kind is TransactionKind.PAYMENT]
        back = [t.amount for t in kept if t.kind is TransactionKind.REFUND]
        assert total(paid, self.currency) == self.gateway.captured(self.currency)
        assert total(back, self.currency) == self.gateway.refunded(self.currency)
        due = Money(0, self.currency)
        for order in self.orders:
            if order.state in STANDING:
                own = [r.amount for r in self.till.refunds_of(order) if not r.overpayment]
                due = due + order.total - total(own, self.currency)
        assert total(paid, self.currency) - total(back, self.currency) == due


EveryWay.TestCase.settings = settings(
    max_examples=settings.default.max_examples * 3 // 2, stateful_step_count=50
)
TestEveryWay = EveryWay.TestCase
