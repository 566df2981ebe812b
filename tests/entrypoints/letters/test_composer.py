"""Letters say what is stored, the same in both forms, and nothing that a reader has to trust."""

import re
from html import unescape

import attrs
import pytest

from core.identity import Learner, LearnerId
from core.messaging.outbox import Event, EventName
from core.payments.gateway import Captured, RefundAccepted
from core.use_cases.order_lifecycle.order_details import order_details
from coursetill_testing.makers import ADA, DAY, discount, run, usd
from entrypoints.letters.composer import LetterComposer
from tests.entrypoints.letters.conftest import SETTINGS

SKU = "6.86x-1T2027"


def words(html):
    """What a reader of the HTML sees."""
    body = re.sub(r"<style.*?</style>|<title.*?</title>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_receipt_has_everything_a_finance_office_requires(till, letters):
    till.enters("SPRING")
    order = till.buys("14.310x-1T2027", SKU)
    [receipt] = letters(order)
    assert (receipt.name, receipt.email) == (ADA.name, ADA.email)
    assert receipt.subject == f"Your receipt for order {order.reference}: {order.total} USD"
    for line in order.lines:
        for told in (line.title, line.readable_id, str(line.list_price), str(line.due)):
            assert told in receipt.text
            assert told in words(receipt.html)
    for told in ("SPRING", "25 %", f"−{order.saved}", f"{order.total} USD", ADA.email, "ending in"):
        assert told in receipt.text
        assert told in words(receipt.html)
    assert f"https://shop.example.org/orders/{order.reference}" in receipt.text
    assert f'href="https://shop.example.org/orders/{order.reference}"' in receipt.html


def test_the_receipt_lists_the_runs_of_a_program(till, letters):
    till.puts("DEDP", "14.310x-1T2027", "14.73x-1T2027")
    order = till.checks_out()
    [receipt] = letters(till.pays(order))
    for sold in order.lines[0].runs:
        assert sold.readable_id in receipt.text
        assert sold.readable_id in words(receipt.html)


def test_the_receipt_of_a_free_order_shows_that_it_was_free(till, letters):
    [receipt] = letters(till.checks_out("free-1T2027"))
    assert "nothing to pay" in receipt.text
    assert "nothing to pay" in words(receipt.html)
    assert "Paid by card" not in receipt.text + receipt.html


def test_an_unpaid_order_has_no_letter(till, letters):
    assert letters(till.checks_out(SKU)) == []


def test_each_refund_has_a_letter_that_lists_every_refund_so_far(till, letters):
    order = till.buys(SKU, "14.310x-1T2027")
    till.refunds(order, usd("1.01"))
    till.passes(DAY)
    till.refunds(order)
    _, first, second = letters(order)
    assert first.id != second.id
    assert first.subject == f"We have sent back $1.01 USD of order {order.reference}"
    assert "We have sent $238.31 back to the card that paid" in second.text
    assert "no longer have access" in second.text
    for letter in (first, second):
        for told in ("−$1.01", "−$238.31", "Paid after refunds"):
            assert told in letter.text
            assert told in words(letter.html)


def test_the_refund_of_an_overpayment_has_its_own_letter(till, letters):
    order = till.buys(SKU)
    [attempt] = till.attempts_of(order)
    till.hears(attempt, Captured("G-second", order.total))
    till.gateway.refunds_next(RefundAccepted("g-back"))
    till.keeps_up()
    receipt, back = letters(order)
    assert "beyond what the order cost" in back.text
    assert "beyond what the order cost" in words(back.html)
    assert "Paid after refunds" not in back.text + receipt.text


@pytest.mark.parametrize("text", ["<b>bold</b>", 'x" onload="alert(1)', "{{ 7*7 }}", "a&amp;b"])
def test_names_and_titles_are_escaped_in_html(till, letters, text):
    till.sells(attrs.evolve(run("evil-1T2027", "5.00"), title=text))
    learner = Learner(LearnerId("mallory"), "m@example.org", text)
    [receipt] = letters(till.buys("evil-1T2027", by=learner))
    assert receipt.text.count(text) == 2
    assert "<b>bold" not in receipt.html
    assert 'x" onload' not in receipt.html
    assert words(receipt.html).count(text) == 2


def test_names_and_titles_are_one_line(till, letters):
    learner = Learner(LearnerId("mallory"), "m@example.org", "Ada\n\nTotal paid: $0.00")
    [receipt] = letters(till.buys(SKU, by=learner))
    assert "Learner:  Ada Total paid: $0.00, m@example.org" in receipt.text
    assert not re.search(r"^Total paid: \$0.00", receipt.text, re.MULTILINE)


def test_a_letter_loads_no_external_resource(till, letters):
    [receipt] = letters(till.buys(SKU))
    assert not re.search(r"<(img|script|link|iframe)|src=|url\(", receipt.html)


def test_dates_are_shown_in_the_zone_of_the_shop(till, letters):
    order = till.buys(SKU)
    [receipt] = letters(order)
    there = order.placed_at.astimezone(SETTINGS.time_zone)
    assert f"Ordered:  {there.day} " in receipt.text


def test_an_unknown_kind_of_letter_cannot_be_composed(till):
    order = till.buys(SKU)
    with till.read() as work:
        known = order_details(work, order.reference)
    paid = Event("x", EventName.ORDER_PAID, order.reference, till.now, {})
    with pytest.raises(KeyError):
        LetterComposer(SETTINGS).letter(paid, known)


def test_a_long_order_and_every_kind_of_code_are_listed_line_by_line(till, letters):
    till.sells(*(run(f"many-{n}", "19.99", seats=3) for n in range(40)))
    till.offers(discount("ALL", "percent-off", "33"))
    till.enters("ALL")
    order = till.buys(*(f"many-{n}" for n in range(40)))
    [receipt] = letters(order)
    assert receipt.text.count("Paid $13.39") == 40
    assert words(receipt.html).count("−$6.60") == 40
