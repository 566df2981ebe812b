"""A letter is composed when it is sent, goes out once, and can be told from a repetition."""

import pytest

from core.identity import Learner, LearnerId
from core.messaging.outbox import Receiver
from core.use_cases.jobs.deliver_events import CLAIM, DeliveryReport, deliver_events
from core.use_cases.order_lifecycle.notifications import NothingPaidYet, resend_receipt
from coursetill_testing.makers import CLERK, HOUR, usd
from entrypoints.letters.composer import LetterComposer
from entrypoints.letters.sender import LetterSender
from tests.adapters.mail.conftest import post_to
from tests.adapters.mail.servers import MailServer
from tests.entrypoints.letters.conftest import SETTINGS

SKU = "6.86x-1T2027"


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture
def writer(till, server):
    return LetterSender(till.read, LetterComposer(SETTINGS), post_to(server, patience=5))


def posts(till, writer):
    return deliver_events(Receiver.POST, begin=till.begin, receiver=writer, now=till.now)


def test_a_receipt_is_mailed_once(till, server, writer):
    order = till.buys(SKU)
    assert posts(till, writer) == DeliveryReport(delivered=1)
    assert posts(till, writer) == DeliveryReport()
    [letter] = server.letters
    assert order.reference in letter["Subject"]


def test_a_letter_resent_after_a_crash_has_the_same_message_id(till, server, writer):
    till.buys(SKU)
    with till.begin() as work:
        [entry] = work.outbox.claim(Receiver.POST, till.now, until=till.now + CLAIM, limit=1)
        work.commit()
    writer.receive(entry.event)  # And then it dies, before it kept that.
    assert posts(till, writer) == DeliveryReport()
    till.passes(CLAIM)
    assert posts(till, writer) == DeliveryReport(delivered=1)
    first, again = server.letters
    assert first["Message-ID"] == again["Message-ID"]


def test_letters_of_an_order_arrive_in_order_after_an_outage(till, server, writer):
    order = till.buys(SKU)
    till.refunds(order, usd("1.00"))
    server.habits.replies["RCPT"] = "450 come back"
    assert posts(till, writer) == DeliveryReport(failed=1)
    server.habits.replies.clear()
    till.passes(HOUR)
    assert posts(till, writer) == DeliveryReport(delivered=2)
    assert ["receipt" in letter["Subject"] for letter in server.letters] == [True, False]


def test_a_refused_address_is_abandoned_at_once_and_flagged(till, server, writer):
    server.habits.replies["RCPT"] = "550 no such user"
    order = till.buys(SKU)
    assert posts(till, writer) == DeliveryReport(failed=1, given_up=1)
    assert till.order(order.reference).attention == (
        "letter.receipt was not sent: the mail server answered 550 no such user"
    )


def test_a_learner_without_an_address_gets_no_letter(till, server, writer):
    order = till.buys(SKU, by=Learner(LearnerId("l"), "", "Nobody"))
    assert posts(till, writer) == DeliveryReport(failed=1, given_up=1)
    assert "has no e-mail address" in (till.order(order.reference).attention or "")
    assert server.commands == []


def test_a_resent_receipt_is_a_new_letter_with_a_history_entry(till, server, writer):
    order = till.buys(SKU)
    posts(till, writer)
    till.refunds(order, usd("1.00"))
    for key in ("first-key", "second-key"):
        resend_receipt(order.reference, key, staff=CLERK, begin=till.begin, now=till.now)
    assert posts(till, writer).delivered == 3
    receipts = [letter for letter in server.letters if "receipt" in letter["Subject"]]
    assert len({letter["Message-ID"] for letter in receipts}) == 3
    assert "Refunded" in receipts[-1].get_body(("plain",)).get_content()
    history = till.history(order)
    assert [entry.by for entry in history if entry.why == "receipt sent again"] == [CLERK, CLERK]


def test_an_unpaid_order_has_no_receipt_to_send(till):
    order = till.checks_out(SKU)
    with pytest.raises(NothingPaidYet, match="state pending"):
        resend_receipt(order.reference, "key", staff=CLERK, begin=till.begin, now=till.now)
