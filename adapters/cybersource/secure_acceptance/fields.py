"""The rules for the fields of a Secure Acceptance form: allowed values, required fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from ipaddress import AddressValueError, IPv4Address

# Guide of 2017, p. 72: letters of any script, digits, and these characters.
_PUNCTUATION = frozenset("! \"#$%&'()*+,-./:;=?@^_~")
_TYPESET = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")

MOST_ITEMS = 200
REQUIRED = (
    *("access_key", "profile_id", "transaction_uuid", "signed_date_time", "signed_field_names"),
    *("unsigned_field_names", "locale", "reference_number", "transaction_type", "amount"),
    "currency",
)
"""Fields that every form has. All of them are signed."""

_Holds = Callable[[str], bool]


def _shaped(pattern: str) -> _Holds:
    shape = re.compile(pattern, re.ASCII)
    return lambda value: shape.fullmatch(value) is not None


def _text(longest: int) -> _Holds:
    return lambda value: len(value) <= longest and all(map(_is_allowed, value))


def _address(value: str) -> bool:
    try:
        return bool(IPv4Address(value))
    except AddressValueError:
        return False


def _not_a_mail_address(value: str) -> bool:
    return _text(100)(value) and "@" not in value


_AMOUNT = _shaped(r"(?=.{1,15}\Z)\d+(\.\d+)?")
_YES_NO = _shaped("true|false")
_URL = _shaped(r"(?=.{1,255}\Z)https?://[!-~]+")
_NAMES = _shaped(r"[a-z0-9_]*(,[a-z0-9_]+)*")

_RULES: Mapping[str, _Holds] = {
    "access_key": _shaped(r"[A-Za-z0-9]{1,32}"),
    "profile_id": _shaped(r"[A-Za-z0-9-]{1,36}"),
    "transaction_uuid": _shaped(r"[!-~]{1,50}"),
    "signed_date_time": _shaped(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "signed_field_names": _NAMES,
    "unsigned_field_names": _NAMES,
    "signature": _shaped(r"[A-Za-z0-9+/]{43}="),
    "locale": _shaped(r"[a-z]{2}(-[a-z]{2})?"),
    "reference_number": _shaped(r"[!-~]{1,50}"),
    "transaction_type": _shaped("authorization|sale"),
    "amount": _AMOUNT,
    "tax_amount": _AMOUNT,
    "currency": _shaped(r"[A-Za-z]{3}"),
    "payment_method": _shaped("card|echeck|paypal|visacheckout"),
    "line_item_count": _shaped(r"[1-9]\d?|1\d\d|200"),
    r"item_(\d|[1-9]\d|1\d\d)_(code|name|sku)": _text(255),
    r"item_(\d|[1-9]\d|1\d\d)_quantity": _shaped(r"[1-9]\d{0,9}"),
    r"item_(\d|[1-9]\d|1\d\d)_(unit_price|tax_amount)": _AMOUNT,
    r"merchant_defined_data([1-9]\d?|100)": _text(100),
    r"merchant_secure_data[1-3]": _text(100),
    "merchant_secure_data4": _text(2000),
    r"override_custom_(receipt|cancel)_page": _URL,
    "override_backoffice_post_url": _shaped(r"(?=.{1,255}\Z)https?://[!-~]+"),
    "consumer_id": _not_a_mail_address,
    "customer_ip_address": _address,
    r"ignore_(avs|cvn)|skip_decision_manager|customer_cookies_accepted": _YES_NO,
    r"(bill|ship)_to_(forename|surname)": _text(60),
    "bill_to_email": _shaped(r"(?=.{3,255}\Z)[^@\s<>]+@[^@\s<>]+"),
    r"(bill|ship)_to_phone": _shaped(r"[( ),+\-.*#xX0-9]{6,15}"),
    r"(bill|ship)_to_company_name": _text(60),
    r"(bill|ship)_to_address_line[12]": _text(60),
    r"(bill|ship)_to_address_city": _text(50),
    r"(bill|ship)_to_address_state": _text(20),
    r"(bill|ship)_to_address_country": _shaped(r"[A-Z]{2}"),
    r"(bill|ship)_to_address_postal_code": _text(10),
}
"""A pattern for each field's name, and the rule for its value. No field holds card data: learners
type cards only on CyberSource's page."""


def problems(fields: Mapping[str, str]) -> Iterator[str]:
    """The names of the fields that CyberSource would refuse or not understand."""
    yield from (name for name in REQUIRED if name not in fields)
    for name, value in fields.items():
        holds = next((rule for shape, rule in _RULES.items() if re.fullmatch(shape, name)), None)
        if holds is None or not holds(value):
            yield name
    yield from _wrong_items(fields)


def _wrong_items(fields: Mapping[str, str]) -> Iterator[str]:
    """Item fields that are incomplete, or do not add up to the amount."""
    named = {found[1] for name in fields if (found := re.match(r"item_(\d+)_", name))}
    if not named:
        return
    if fields.get("line_item_count") != str(len(named)):
        yield "line_item_count"
    for number in named:
        if fields.get(f"item_{number}_code", "default") not in ("default", "shipping", "handling"):
            needed = (f"item_{number}_{part}" for part in ("name", "sku", "quantity"))
            yield from (name for name in needed if name not in fields)
    if _sum(fields, named) != _number(fields.get("amount", "")):
        yield "amount"


def _sum(fields: Mapping[str, str], numbers: set[str]) -> Decimal:
    """The sum of unit price times quantity, plus tax, over all items."""
    return sum(
        (
            _number(fields.get(f"item_{n}_unit_price", "0"))
            * _number(fields.get(f"item_{n}_quantity", "1"))
            + _number(fields.get(f"item_{n}_tax_amount", "0"))
            for n in numbers
        ),
        Decimal(0),
    )


def tidy(text: str, longest: int) -> str:
    """Make text fit for a field: replace forbidden characters by spaces, and cut it."""
    written = "".join(c if _is_allowed(c) else " " for c in text.translate(_TYPESET))
    return " ".join(written.split())[:longest].rstrip()


def _is_allowed(letter: str) -> bool:
    return letter in _PUNCTUATION or letter.isalnum() or unicodedata.category(letter)[0] == "M"


def _number(text: str) -> Decimal:
    return Decimal(text) if _AMOUNT(text) else Decimal(-1)
