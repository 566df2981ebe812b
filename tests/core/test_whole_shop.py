"""The whole shop under anything that learners, staff, the clock and a gateway may do to it.

Whatever happens in whatever order: no seat is sold twice, no limit is passed, no money is lost.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from adapters.memory.payment_gateway import Charge, MemoryGateway
from core.discounts.discount import DiscountSearch, Limits, RedemptionType, Source
from core.errors import ShopError
from core.identity import Learner, LearnerId, Visitor
from core.messaging.outbox import OutboxSearch
from core.money import Money, total
from core.orders.line import Fulfilment
from core.orders.order import OrderSearch
from core.orders.order_state import ENDED_UNPAID, ORDER_MOVES, STANDING, OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import (
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    NotFound,
    RefundFailed,
    Unknown,
)
from core.payments.refund import RefundState
from core.payments.transaction import TransactionKind
from core.products.product import Sku
from core.use_cases.catalogue.edit_product import reprice
from core.use_cases.shopping.basket import merge_visitor_basket, remove_from_basket
from coursetill_testing.makers import CLERK, DAY, MINUTE, discount, program, run
from coursetill_testing.till import Till
from tests.core.lost_race import lost_a_race

LEARNERS = [Learner(LearnerId(name), f"{name}@example.org", name) for name in ("ada", "bob")]
RUNS = ["14.310x-1T2027", "14.73x-1T2027", "free-1T2027"]
SKUS = ["DEDP", *RUNS]
CODES = ["ONCE", "EACH", "TWICE", "HALF"]

learners = st.sampled_from(LEARNERS)
baskets = st.lists(
    st.sampled_from(
        [*((sku,) for sku in RUNS), ("DEDP",), ("DEDP", RUNS[0]), ("DEDP", RUNS[0], RUNS[1])]
    ),
    min_size=1,
    max_size=2,
)
codes = st.sampled_from([None, *CODES])
numbers = st.integers(0, 5)
answers = st.sampled_from(["good", "good", "declined", "review", "lost", "cut", "odd", "no"])


class LateGateway(MemoryGateway):
    """A gateway that may take the money long after it said something else."""

    def captures_late(self, attempt):
        known = self._charges.get(attempt.id)
        if known is None or not isinstance(known.ended, Captured):
            known = Charge(attempt, Captured(self._new_id(), attempt.amount))
            self._charges[attempt.id] = known
        return known.ended


class WholeShop(RuleBasedStateMachine):
    """Everything is done through the shop's verbs; a refusal is as good an outcome as any."""

    def __init__(self):
        super().__init__()
        self.till = Till(LateGateway)
        self.forms = []
        self.said = []

    @initialize()
    def opens(self):
        self.till.sells(
            program("DEDP", "301.05", courses=("14.310x", "14.73x"), seats=2),
            run(RUNS[0], "99.99", seats=2),
            run(RUNS[1], "10.05", seats=1),
            run(RUNS[2], "0.00", seats=2),
        )
        self.till.offers(
            discount("ONCE", "dollars-off", "10", limits=Limits(RedemptionType.ONE_TIME)),
            discount("EACH", "percent-off", "33", limits=Limits(RedemptionType.ONE_TIME_PER_USER)),
            discount("TWICE", "fixed-price", "5.01", limits=Limits(max_redemptions=2)),
            discount("HALF", "percent-off", "50"),
            discount("AUTO", "dollars-off", "0.01", source=Source.AUTOMATIC),
        )

    @contextmanager
    def refusals(self):
        try:
            yield
        except ShopError as refused:
            # Nobody else is here, so nobody can have come first.
            if lost_a_race(refused):
                raise

    @property
    def orders(self):
        with self.till.read() as work:
            return work.orders.search(OrderSearch(limit=1000))

    @property
    def attempts(self):
        return [attempt for order in self.orders for attempt in self.till.attempts_of(order)]

    @property
    def accepted_refunds(self):
        return [r for order in self.orders for r in self.till.refunds_of(order) if r.accepted]

    def an_order(self, number):
        return self.orders[number % len(self.orders)]

    # Learners.

    @initialize(hers=baskets, his=baskets, she=answers, he=answers)
    def begin_to_shop(self, hers, his, she, he):
        for by, skus, answer in zip(LEARNERS, (hers, his), (she, he), strict=True):
            self.wants(by, skus, None, answer)

    @rule(by=learners, skus=baskets, code=codes, answer=st.one_of(st.none(), answers))
    def wants(self, by, skus, code, answer):
        """Somebody fills a basket with what can be bought, checks out, and mostly pays."""
        for line in self.till.basket(by).quote.lines:
            if line.why_not is not None:
                remove_from_basket(by, line.product.sku, begin=self.till.begin)
        for sku, *picks in skus:
            with self.refusals():
                self.till.puts(sku, *picks, by=by)
        with self.refusals():
            if code is not None:
                self.till.enters(code, by=by)
        with self.refusals():
            order = self.till.checks_out(by=by)
            if answer is not None:
                self.tries_to_pay(order, answer)

    @rule(by=learners, sku=st.sampled_from(SKUS))
    def takes_out(self, by, sku):
        with self.refusals():
            remove_from_basket(by, Sku(sku), begin=self.till.begin)

    @rule(by=learners, sku=st.sampled_from(SKUS), code=st.sampled_from(CODES))
    def signs_in(self, by, sku, code):
        visitor = Visitor("browser")
        with self.refusals():
            self.till.puts(sku, by=visitor)
            self.till.enters(code, by=visitor)
        merge_visitor_basket(visitor, by, begin=self.till.begin)

    @rule(by=learners, key=st.integers(0, 3), total=st.sampled_from([None, 0, 1005, 9999, 30105]))
    def checks_out(self, by, key, total):
        confirmed = None if total is None else Money(total)
        with self.refusals():
            order = self.till.checks_out(by=by, key=f"key-{key:05}", confirmed=confirmed)
            assert confirmed in (None, order.total)

    @rule(number=numbers, answer=answers)
    @precondition(lambda self: self.orders)
    def pays(self, number, answer):
        with self.refusals():
            self.tries_to_pay(self.an_order(number), answer)

    def tries_to_pay(self, order, answer):
        opened = self.till.opens(order, by=order.learner)
        self.forms.append((opened, order.learner))
        self.answers(answer, opened.attempt)
        self.till.sends(opened, by=order.learner)
        self.remembers(opened.attempt)

    def answers(self, answer, attempt):
        gateway = self.till.gateway
        gateway._next.clear()
        match answer:
            case "declined":
                gateway.answers_next(Declined("no"))
            case "review":
                gateway.answers_next(InReview(f"held-{attempt.id}", "fraud rules"))
            case "lost":
                gateway.answers_next(Unknown("lost on the way there"))
            case "cut":
                gateway.loses_next_answer()
            case "odd":
                part = Money(attempt.amount.minor // 2 + 1)
                gateway.answers_next(Captured(f"part-{attempt.id}", part))
            case "no":
                gateway.answers_next(NotCarriedOut("our mistake"))

    @precondition(lambda self: self.forms)
    @rule(number=numbers)
    def sends_an_old_form_again(self, number):
        opened, learner = self.forms[number % len(self.forms)]
        with self.refusals():
            self.till.sends(opened, by=learner)
            self.remembers(opened.attempt)

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def opens_a_form_and_leaves(self, number):
        order = self.an_order(number)
        with self.refusals():
            self.forms.append((self.till.opens(order, by=order.learner), order.learner))

    @rule(number=numbers)
    @precondition(lambda self: self.orders)
    def cancels(self, number):
        order = self.an_order(number)
        with self.refusals():
            self.till.cancels(order, by=order.learner)

    # The gateway.

    def remembers(self, attempt):
        """Keep what the gateway could say of this attempt now: it may say it at any time."""
        finding = self.till.gateway.find(attempt)
        if not isinstance(finding, NotFound | Unknown):
            self.said.append((attempt, finding))

    @precondition(lambda self: self.said)
    @rule(number=numbers)
    def says_something_true_once_again(self, number):
        self.till.hears(*self.said[number % len(self.said)])

    @rule(number=numbers)
    @precondition(lambda self: self.attempts)
    def captures_late(self, number):
        attempt = self.attempts[number % len(self.attempts)]
        captured = self.till.gateway.captures_late(attempt)
        self.said.append((attempt, captured))
        self.till.hears(attempt, captured)

    @property
    def reviews(self):
        find = self.till.gateway.find
        return [attempt for attempt in self.attempts if isinstance(find(attempt), InReview)]

    @rule(number=numbers, accepted=st.booleans())
    @precondition(lambda self: self.reviews)
    def decides_about_a_review(self, number, accepted):
        for attempt in self.reviews[number % len(self.reviews) :][:1]:
            paid = Captured(f"accepted-{attempt.id}", attempt.amount)
            self.till.gateway.decides(attempt, paid if accepted else Declined("rejected"))
            self.remembers(attempt)

    @rule(away=st.booleans())
    def goes_away_or_comes_back(self, away):
        if away:
            self.till.gateway.goes_away()
        else:
            self.till.gateway.comes_back()

    @rule()
    def settles_refunds(self):
        self.till.gateway.settles()

    @rule(number=numbers)
    @precondition(lambda self: self.accepted_refunds)
    def fails_a_refund_late(self, number):
        refund = self.accepted_refunds[number % len(self.accepted_refunds)]
        if refund.state is RefundState.SENT:
            self.till.gateway.fails(refund)
            self.till.hears_of_refund(refund, RefundFailed("returned by the bank"))

    # The clock, the platform and the staff.

    @rule(minutes=st.sampled_from([1, 5, 16, 31, 45, 130, 400]))
    def time_passes(self, minutes):
        self.till.passes(minutes * MINUTE)

    @rule()
    def keeps_up(self):
        self.till.keeps_up()

    @rule(refuses=st.booleans())
    def delivers(self, refuses):
        self.till.platform.refuses = "no such course" if refuses else None
        self.till.delivers()

    @rule(
        number=numbers,
        minor=st.sampled_from([None, 0, 1, 500, 5_001, 10**6]),
        position=st.integers(0, 3),
        answer=st.sampled_from(["given", "given", "failed", "lost"]),
    )
    @precondition(lambda self: any(order.state in STANDING for order in self.orders))
    def refunds(self, number, minor, position, answer):
        order = self.an_order(number)
        gateway = self.till.gateway
        gateway._next_refunds.clear()
        if answer != "given":
            gateway.refunds_next(RefundFailed("no") if answer == "failed" else Unknown("lost"))
        positions = (position,) if position and minor is None else ()
        with self.refusals():
            self.till.refunds(order, None if minor is None else Money(minor), *positions)

    @rule(sku=st.sampled_from(RUNS[:2]), minor=st.integers(0, 20_000))
    def reprices(self, sku, minor):
        reprice(Sku(sku), Money(minor), by=CLERK, why="x", begin=self.till.begin, now=self.till.now)

    # What holds at every moment.

    @invariant()
    def seats_taken_are_those_of_the_orders_that_hold_them(self):
        held = Counter()
        for order in self.orders:
            for line in order.lines:
                waiting = order.state in {OrderState.PENDING, OrderState.REVIEW}
                owned = order.state in STANDING and line.fulfilment is not Fulfilment.REVOKED
                if waiting or owned:
                    held.update(sku.text for sku in line.skus)
        with self.till.read() as work:
            for product in work.products.everything():
                assert product.seats_taken == held[product.sku.text]
                assert product.seats is None or product.seats_taken <= product.seats

    @invariant()
    def codes_are_used_within_their_limits_by_the_orders_that_hold_them(self):
        used, by_learner = Counter(), Counter()
        with self.till.read() as work:
            for order in self.orders:
                uses = work.redemptions.of(order.reference)
                states = Counter(use.state.value for use in uses)
                if order.state in {OrderState.PENDING, OrderState.REVIEW}:
                    assert states["reserved"] == len(order.codes)
                    assert states["redeemed"] == 0
                elif order.state in STANDING:
                    assert (states["reserved"], states["redeemed"]) == (0, len(order.codes))
                else:
                    assert (states["reserved"], states["redeemed"]) == (0, 0)
                for use in uses:
                    if use.state.value != "released":
                        used[use.code] += 1
                        by_learner[use.code, use.learner] += 1
            for offer in work.discounts.search(DiscountSearch()):
                code, limits = offer.discount.code, offer.discount.limits
                assert offer.used == used[code]
                assert limits.overall is None or used[code] <= limits.overall
                most = max(by_learner[code, learner.id] for learner in LEARNERS)
                assert limits.per_learner is None or most <= limits.per_learner

    @invariant()
    def a_paid_order_has_one_captured_attempt_and_no_other_order_has_any(self):
        for order in self.orders:
            states = Counter(attempt.state for attempt in self.till.attempts_of(order))
            was_paid = order.state in STANDING or order.state is OrderState.REFUNDED
            assert states[AttemptState.CAPTURED] == int(was_paid and bool(order.total))

    @invariant()
    def money_that_no_order_needed_is_given_back(self):
        for order in self.orders:
            attempts = self.till.attempts_of(order)
            captured = [a.id for a in attempts if a.state is AttemptState.CAPTURED]
            overpayment = {
                r.captured_as: r.amount for r in self.till.refunds_of(order) if r.overpayment
            }
            for paid in self.till.transactions_of(order):
                if paid.kind is TransactionKind.PAYMENT and paid.attempt in captured:
                    assert paid.amount == order.total
                elif paid.kind is TransactionKind.PAYMENT:
                    assert overpayment[paid.gateway_id] == paid.amount
                    assert order.attention is not None

    @invariant()
    def no_more_is_given_back_than_was_taken(self):
        for order in self.orders:
            refunds = [r for r in self.till.refunds_of(order) if r.counts]
            own = total((r.amount for r in refunds if not r.overpayment), order.currency)
            assert Money(0) <= own <= order.total
            for line in order.lines:
                assert Money(0) <= line.refunded <= line.due
        assert self.till.gateway.refunded() <= self.till.gateway.captured()

    @invariant()
    def every_payment_we_know_of_was_taken_by_the_gateway(self):
        taken = {
            charge.ended.gateway_id: charge.ended.amount
            for charge in self.till.gateway._charges.values()
            if isinstance(charge.ended, Captured)
        }
        for order in self.orders:
            for paid in self.till.transactions_of(order):
                if paid.kind is TransactionKind.PAYMENT:
                    assert taken[paid.gateway_id] == paid.amount

    @invariant()
    def stored_totals_are_the_sums_of_their_lines(self):
        for order in self.orders:
            assert order.total.minor == sum(line.due.minor for line in order.lines)
            assert {a.amount for a in self.till.attempts_of(order)} <= {order.total}

    @invariant()
    def nobody_owns_anything_twice(self):
        owned = Counter(
            (order.learner.id, line.sku)
            for order in self.orders
            if order.state in STANDING
            for line in order.lines
            if line.fulfilment is not Fulfilment.REVOKED
        )
        assert all(count == 1 for count in owned.values())

    @invariant()
    def every_history_follows_the_table_of_moves(self):
        for order in self.orders:
            first, *rest = self.till.history(order)
            assert (first.moved_from, first.moved_to) == (None, OrderState.PENDING)
            for before, after in pairwise([first, *rest]):
                assert after.moved_from is before.moved_to
                same = after.moved_from is after.moved_to
                assert same or after.moved_to in ORDER_MOVES[after.moved_from]
            assert [first, *rest][-1].moved_to is order.state

    @invariant()
    def every_event_has_an_id_of_its_own(self):
        with self.till.read() as work:
            entries = work.outbox.search(OutboxSearch(limit=1000))
        assert len({entry.event.id for entry in entries}) == len(entries)

    @invariant()
    def a_line_is_due_exactly_when_its_order_was_paid(self):
        for order in self.orders:
            due = {line.fulfilment is not Fulfilment.NOT_DUE for line in order.lines}
            assert due == {order.state in STANDING or order.state is OrderState.REFUNDED}

    # What holds once everything was said and done.

    def teardown(self):
        self.till.gateway.comes_back()
        self.till.gateway._next_refunds.clear()
        for order in self.orders:
            for attempt in self.till.attempts_of(order):
                finding = self.till.gateway.find(attempt)
                if not isinstance(finding, NotFound | Unknown):
                    self.till.hears(attempt, finding)
        for _ in range(6):
            self.till.passes(DAY)
            self.till.keeps_up()
        self.the_books_agree_to_the_cent()

    def the_books_agree_to_the_cent(self):
        kept = [t for order in self.orders for t in self.till.transactions_of(order)]
        taken = [t.amount for t in kept if t.kind is TransactionKind.PAYMENT]
        refunds = [r for order in self.orders for r in self.till.refunds_of(order)]
        assert total(taken, Money(0).currency) == self.till.gateway.captured()
        given = total((r.amount for r in refunds if r.accepted), Money(0).currency)
        assert given == self.till.gateway.refunded()
        failed = {r.gateway_id for r in refunds if not r.counts}
        back = {t.gateway_id: t.amount for t in kept if t.kind is TransactionKind.REFUND}
        assert given == total(
            (amount for id_, amount in back.items() if id_ not in failed), Money(0).currency
        )
        waiting = {order.state for order in self.orders} - STANDING - ENDED_UNPAID
        assert waiting <= {OrderState.REFUNDED, OrderState.REVIEW}


WholeShop.TestCase.settings = settings(
    max_examples=settings.default.max_examples * 5 // 2, stateful_step_count=30
)
TestWholeShop = WholeShop.TestCase
