"""A stocked till, and the letters of its orders as they would be sent."""

import pytest

from core.messaging.outbox import OutboxSearch, Receiver
from core.use_cases.order_lifecycle.order_details import order_details
from coursetill_testing.till import Till, stocked
from entrypoints.letters.composer import LetterComposer
from entrypoints.settings.shop import read_settings

SETTINGS = read_settings(
    {
        "COURSETILL_SHOP_NAME": "Example <University> & Co",
        "COURSETILL_SHOP_URL": "https://shop.example.org",
        "COURSETILL_SUPPORT_EMAIL": "courses@example.org",
        "COURSETILL_SMTP_HOST": "mail.example.org",
        "COURSETILL_MAIL_FROM": "shop@example.org",
        "COURSETILL_TIME_ZONE": "America/New_York",
    }
)


@pytest.fixture
def till() -> Till:
    return stocked()


@pytest.fixture
def letters(till):
    """Every letter of an order, oldest first, composed now."""

    def composed(order):
        with till.read() as work:
            wanted = OutboxSearch(order.reference, receiver=Receiver.POST, limit=100)
            known = order_details(work, order.reference)
            entries = work.outbox.search(wanted)
        return [LetterComposer(SETTINGS).letter(entry.event, known) for entry in entries]

    return composed
