"""The input of the buyer on the hosted page, and its validation."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from coursetill_simulators.cybersource.wire_format.cards import PaymentCard, network_of, passes_luhn

BILLING = (
    "bill_to_forename",
    "bill_to_surname",
    "bill_to_email",
    "bill_to_address_line1",
    "bill_to_address_city",
    "bill_to_address_state",
    "bill_to_address_postal_code",
    "bill_to_address_country",
)
CARD_FIELDS = frozenset({"card_type", "card_number", "card_expiry_date", "card_cvn"})
_NEEDED = {
    "bill_to_forename": "Enter the first name.",
    "bill_to_surname": "Enter the last name.",
    "bill_to_address_postal_code": "Enter the postal code.",
}


@attrs.frozen(kw_only=True)
class Typed:
    """A card and a payer, or the faults of each field."""

    card: PaymentCard | None
    billing: Mapping[str, str]
    faults: Mapping[str, str]


def sent_in(fields: Mapping[str, str], now: datetime) -> Typed:
    """The input of a shop's own form: the expiry as MM-YYYY, and a matching card type."""
    month, _, year = fields.get("card_expiry_date", "").partition("-")
    sent = typed_in({**fields, "card_expiry_date": f"{month}/{year}"}, now)
    network = network_of(fields.get("card_number", ""))
    if network is not None and network.code != fields.get("card_type"):
        faults = {**sent.faults, "card_type": "This is not the type of the card."}
        return Typed(card=None, billing=sent.billing, faults=faults)
    return sent


def typed_in(
    form: Mapping[str, str], now: datetime, stored_card: PaymentCard | None = None
) -> Typed:
    """The input of the page's form. A `stored_card` needs fewer fields."""
    if stored_card is not None:
        ends = f"{stored_card.expiry_month}/{stored_card.expiry_year}"
        form = {**form, "card_number": stored_card.number, "card_expiry_date": ends}
    number = "".join(letter for letter in form.get("card_number", "") if letter not in " -")
    month, _, year = form.get("card_expiry_date", "").strip().partition("/")
    code = form.get("card_cvn", "").strip()
    billing = {name: form.get(name, "").strip() for name in BILLING}
    faults = {name: text for name, text in _NEEDED.items() if not billing[name]}
    if not passes_luhn(number) or network_of(number) is None:
        faults["card_number"] = "This is not a card number. Check each digit."
    if not _is_code(code):
        faults["card_cvn"] = "A security code has three or four digits."
    expiry = _expiry(month.strip(), year.strip())
    if expiry is None:
        faults["card_expiry_date"] = "Enter month and year, like 12/31."
    if faults or expiry is None:
        return Typed(card=None, billing=billing, faults=faults)
    card = PaymentCard(
        number=number, expiry_month=expiry[0], expiry_year=expiry[1], security_code=code
    )
    if card.expired(now.year, now.month):
        fault = {"card_expiry_date": "This card has expired."}
        return Typed(card=None, billing=billing, faults=fault)
    return Typed(card=card, billing={k: v for k, v in billing.items() if v}, faults={})


def _is_code(code: str) -> bool:
    return code.isascii() and code.isdigit() and 3 <= len(code) <= 4


def _expiry(month: str, year: str) -> tuple[str, str] | None:
    digits = month.isascii() and month.isdigit() and year.isascii() and year.isdigit()
    if not digits or not 1 <= int(month) <= 12 or len(year) not in (2, 4):
        return None
    return month.zfill(2), year if len(year) == 4 else f"20{year}"
